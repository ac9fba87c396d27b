"""Logging in and out: cookie sessions for pages, bearer tokens for the API."""

from __future__ import annotations

from flask import Flask, Request, request
from flask_login import LoginManager

from web.accounts import User, user_of_token
from web.auth.roles import guard, public, requires, signed_in
from web.state import state

__all__ = ["guard", "init_app", "public", "requires", "signed_in"]

API = "api"
"""Name of the blueprint that only a bearer token opens: a cookie there would need CSRF tokens in JSON calls."""


def init_app(app: Flask) -> None:
    """Log-in, the guard, and the blueprint ``auth``."""
    from web.auth.views import bp

    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_user_of_session)
    manager.request_loader(_user_of_request)
    app.before_request(guard)
    app.register_blueprint(bp)


def _user_of_session(session_id: str) -> User | None:
    if request.blueprint == API:
        return None
    user_id, _, _ = session_id.partition(":")
    if not user_id.isdecimal():
        return None
    with state().db.read() as session:
        user = session.get(User, int(user_id))
    return user if user is not None and not user.disabled and user.get_id() == session_id else None


def _user_of_request(asked: Request) -> User | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if asked.blueprint != API or scheme.lower() != "bearer" or not token:
        return None
    with state().db.read() as session:
        return user_of_token(session, token.strip())
