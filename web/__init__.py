"""The Flask application and the command line. ``create_app`` is the one place where the parts meet.

It imports them when it is called: a command that needs no server (``web.cli``) does not wait for one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from web.config import Config
    from web.state import Clock

DESKS = ("collector", "collector.calls", "officer", "library", "practice", "plans", "admin", "debtor")


def create_app(config: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """The application for ``config`` (default: from the environment) and ``clock`` (default: the real one, in UTC).

    Raises: ``ConfigError``.
    """
    from flask import Flask

    from web import api, auth, errors, i18n, security
    from web.answering import QuickAnswers
    from web.config import Config
    from web.numbers import RowNumber
    from web.state import attach, build_state, utc_now

    settings = config or Config.from_env()
    app = Flask(__name__)
    app.url_map.converters["int"] = RowNumber
    app.json = QuickAnswers(app)
    attach(app, build_state(settings, clock or utc_now))
    security.configure(app, settings)
    i18n.init_app(app, settings.timezone)
    errors.init_app(app)
    auth.init_app(app)
    for name in DESKS:
        app.register_blueprint(import_module(f"web.{name}").bp)
    security.csrf.exempt(api.bp)  # opened by bearer tokens alone: no cookie is read there
    # Its forms check their own tokens; the referrer that is checked besides over HTTPS is never sent from there.
    security.csrf.exempt(app.blueprints["debtor"])
    app.register_blueprint(api.bp)
    app.register_blueprint(api.probes)
    return app
