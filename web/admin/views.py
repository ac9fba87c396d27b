"""Users: list, create, shut out, let in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from compliance.judge.types import InvalidInput
from web import accounts
from web.admin.forms import StaffNoForm, UserForm
from web.auth import requires
from web.state import state

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/users")
@requires("admin")
def users() -> ResponseReturnValue:
    return _page(UserForm())


@bp.post("/users")
@requires("admin")
def add_user() -> ResponseReturnValue:
    form = UserForm()
    if not form.validate():
        return _page(form), 422
    now = state().clock()
    try:
        with state().db.write() as session:
            accounts.create_user(
                session,
                form.name.data.strip(),
                form.display_name.data,
                form.role.data,
                form.password.data,
                now,
                agency=form.agency.data.strip() or None,
                staff_no=form.staff_no.data.strip() or None,
                actor=current_user.name,
            )
    except InvalidInput as error:
        _show_at_field(form, error)
        return _page(form), 422
    flash(_("已创建用户 %(name)s", name=form.name.data), "success")
    return redirect(url_for("admin.users"), 303)


@bp.post("/users/<int:user_id>/<any(disable, enable):act>")
@requires("admin")
def set_disabled(user_id: int, act: str) -> ResponseReturnValue:
    if user_id == current_user.id:
        raise InvalidInput(_("不能停用自己的账号。"), code="forbidden")
    now = state().clock()
    with state().db.write() as session:
        user = accounts.set_disabled(session, user_id, act == "disable", actor=current_user.name, now=now)
    flash(_("已停用 %(name)s", name=user.name) if user.disabled else _("已启用 %(name)s", name=user.name), "success")
    return redirect(url_for("admin.users"), 303)


@bp.post("/users/<name>/staff_no")
@requires("admin")
def set_staff_no(name: str) -> ResponseReturnValue:
    form = StaffNoForm()
    with state().db.write() as session:
        number = form.staff_no.data or ""
        user = accounts.set_staff_no(session, name, number, actor=current_user.name, now=state().clock())
    flash(_("%(name)s 的工号为 %(number)s", name=user.name, number=user.staff_no), "success")
    return redirect(url_for("admin.users"), 303)


def _page(form: UserForm) -> str:
    with state().db.read() as session:
        everybody = accounts.users(session)
    return render_template("admin/users.html", users=everybody, form=form)


def _show_at_field(form: UserForm, error: InvalidInput) -> None:
    field = form[error.field if error.field in form else "name"]
    field.errors = [*field.errors, error.message]
