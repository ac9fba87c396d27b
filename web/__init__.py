"""The Flask application and the command line. ``create_app`` is the one place where the parts meet."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from compliance.database import Database
from web.config import Config
from web.state import Clock, State, attach, utc_now

BLUEPRINTS = ("admin",)


def create_app(config: Config | None = None, *, clock: Clock = utc_now) -> Flask:
    """The application for ``config`` (default: from the environment). Raises: ``ConfigError``."""
    from web import auth, errors, i18n, security

    settings = config or Config.from_env()
    app = Flask(__name__)
    attach(app, _build_state(settings, clock))
    security.configure(app, settings)
    i18n.init_app(app, settings.timezone)
    errors.init_app(app)
    auth.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"web.{name}").bp)
    return app


def _build_state(config: Config, clock: Clock) -> State:
    database = Database(config.database_url)
    return State(config=config, db=database, judge=None, keys=None, clock=clock, channels={})
