"""Log in, log out, choose the language, and the way home by role."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from web.accounts import record_login, verify_password
from web.auth.forms import LoginForm
from web.auth.roles import public, signed_in
from web.i18n import LANGUAGES
from web.security import limiter
from web.state import state

bp = Blueprint("auth", __name__)
HOMES = {"collector": "collector.cases", "officer": "officer.queue", "trainer": "library.index", "admin": "admin.users"}
NAME_LIMIT = "30 per hour"
"""Failed log-ins to one name, from wherever they come."""


def _failed(response: Response) -> bool:
    """Whether it counts as a try. Without a database nobody has been told whether it was right, and nothing counts."""
    return response.status_code not in (303, 503)


def _rate() -> str:
    return state().config.login_limit


@bp.get("/")
@signed_in
def home() -> ResponseReturnValue:
    return redirect(url_for(HOMES[current_user.role]), 303)


@bp.get("/login")
@public
def login_page() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("auth.home"), 303)
    return render_template("auth/login.html", form=LoginForm(next=request.args.get("next", "")))


@bp.post("/login")
@public
@limiter.limit(_rate, deduct_when=_failed)
@limiter.limit(NAME_LIMIT, key_func=lambda: request.form.get("name", "")[:64].lower(), deduct_when=_failed)
def login() -> ResponseReturnValue:
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 422
    name = form.name.data.strip()
    with state().db.read() as database:
        user = verify_password(database, name, form.password.data)
    with state().db.write() as database:
        record_login(database, name, state().clock(), succeeded=user is not None)
    if user is None:
        return render_template("auth/login.html", form=form, failure=_("登录名或密码不正确")), 401
    language = session.get("lang", user.lang)
    session.clear()
    session.permanent = True
    login_user(user)
    session["lang"] = language
    return redirect(_own_page(form.next.data) or url_for("auth.home"), 303)


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    language = session.get("lang")
    logout_user()
    session.clear()
    if language:
        session["lang"] = language
    return redirect(url_for("auth.login_page"), 303)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    chosen = request.form.get("lang", "")
    if chosen in LANGUAGES:
        session["lang"] = chosen
    return redirect(_own_page(request.form.get("next")) or url_for("auth.home"), 303)


def _own_page(target: str | None) -> str | None:
    """``target`` where it is a path of this application, else ``None``: no open redirect."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
