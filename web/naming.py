"""Whoever acted, as the screens name them: by name and staff number. The log-in name is shown to nobody but admins."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from web.accounts import User
from web.state import state


def staff(login: str | None) -> str:
    """``林雨 1003`` for the log-in name of a user, shut out or not; whoever is no user (a command, the debtor's page)
    stays as they are entered. Empty for nobody."""
    if not login:
        return ""
    return _known().get(login, login)


def _known() -> dict[str, str]:
    """Everybody, read once for each request: most pages that name anybody name several."""
    if "_staff" not in g:
        with state().db.read() as session:
            rows = session.execute(select(User.name, User.display_name, User.staff_no))
            g._staff = {name: f"{shown} {number}" for name, shown, number in rows}
    known: dict[str, str] = g._staff
    return known
