"""Logging in and out: cookie sessions for pages, bearer tokens for the API."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from flask_login import AnonymousUserMixin, LoginManager

from compliance.gate import Condition
from web.accounts import TokenUser, User, standing, user_of_token
from web.auth.lately import Lately
from web.auth.roles import guard, is_for_lately, public, requires, requires_standing, signed_in, signed_in_lately
from web.state import state

__all__ = [
    "caller_stands", "guard", "init_app", "public", "requires", "requires_standing", "signed_in", "signed_in_lately",
]  # fmt: skip

_LATELY = "zhengyan-lately"
API = "api"
"""Name of the blueprint that only a bearer token opens: a cookie there would need CSRF tokens in JSON calls."""


def init_app(app: Flask) -> None:
    """Log-in, the guard, and the blueprint ``auth``."""
    from web.auth.views import bp

    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_user_of_session)
    app.extensions[_LATELY] = Lately[TokenUser]()
    app.before_request(_know_caller)
    app.before_request(guard)
    app.register_blueprint(bp)


def _know_caller() -> None:
    """On a route of the API the token alone says who asks; neither cookie nor session is looked at."""
    if request.blueprint == API:
        g._login_user = _user_of_request() or AnonymousUserMixin()


def caller_stands() -> tuple[Condition, ...]:
    """What is still to be asked of whoever calls, in the transaction of a view that ``requires_standing``."""
    known: Condition | None = g.get("zhengyan_stands")
    return () if known is None else (known,)


def _user_of_session(session_id: str) -> User | None:
    user_id, _, _ = session_id.partition(":")
    if not user_id.isdecimal():
        return None
    with state().db.read() as session:
        user = session.get(User, int(user_id))
    return user if user is not None and not user.disabled and user.get_id() == session_id else None


def _user_of_request() -> TokenUser | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    lately: Lately[TokenUser] = current_app.extensions[_LATELY]
    if is_for_lately(current_app, request.endpoint or "") and (known := lately.get(token)):
        g.zhengyan_stands = standing(token.strip(), known)
        return known
    with state().db.glance() as connection:
        user = user_of_token(connection, token.strip())
    if user is not None:
        lately.put(token, user)
    return user
