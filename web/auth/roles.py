"""Who may call which view. A view without a declared role answers nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from web.accounts.models import ROLES

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = frozenset({"public"})
_MARK, _LATELY = "allowed_roles", "allowed_lately"


def requires(*roles: str) -> Callable[[View], View]:
    """Declares the roles that may call a view; at least one."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"unknown roles: {sorted(unknown)}")
    return _marker(frozenset(roles))


def public(view: View) -> View:
    """Declares that anybody may call a view, logged in or not."""
    return _marker(PUBLIC)(view)


def requires_standing(*roles: str) -> Callable[[View], View]:
    """As ``requires``, for a view that hands ``caller_stands`` to the transaction in which it acts: it is there that a
    token found good within the last moment is asked for again.

    To ask who it is in a transaction of its own took as long as an eighth of a decision.
    """

    def mark(view: View) -> View:
        setattr(view, _LATELY, True)
        return requires(*roles)(view)

    return mark


def signed_in(view: View) -> View:
    """Declares that a view is for everybody who is logged in."""
    return _marker(frozenset(ROLES))(view)


def signed_in_lately(view: View) -> View:
    """As ``signed_in``, for a view that reads and records nothing: a token found good within the last moment will do.

    To ask the database who it is took such a view longer than anything else but the judge.
    """
    setattr(view, _LATELY, True)
    return signed_in(view)


def is_for_lately(app: Flask, endpoint: str) -> bool:
    """Whether the view declares ``signed_in_lately`` or ``requires_standing``."""
    return bool(getattr(app.view_functions.get(endpoint), _LATELY, False))


def roles_of(app: Flask, endpoint: str) -> frozenset[str] | None:
    """The declared roles, ``PUBLIC``, or ``None`` where a view declares nothing."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return PUBLIC
    return getattr(app.view_functions[endpoint], _MARK, None)


def guard() -> ResponseReturnValue | None:
    """Before each request: lets it pass, asks for a log-in (401), or refuses (403)."""
    if request.endpoint is None:  # no such route, or the wrong verb: Flask's own 404 and 405
        return None
    roles = roles_of(current_app, request.endpoint)
    if roles == PUBLIC:
        return None
    if not current_user.is_authenticated:
        abort(401)
    if roles is None or current_user.role not in roles:
        abort(403)
    return None


def _marker(roles: frozenset[str]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _MARK, roles)
        return view

    return mark
