"""The forms for a new user, and for a number of theirs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from web.accounts import ROLES
from web.labels import choices

_NEEDED = InputRequired(_l("必填"))


class UserForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("登录名"), validators=[_NEEDED, Length(max=64)], render_kw={"autocomplete": "off"})
    display_name = StringField(_l("显示姓名"), validators=[_NEEDED, Length(max=60)])
    staff_no = StringField(_l("工号"), validators=[Length(max=20)], render_kw={"autocomplete": "off"})
    role = SelectField(_l("角色"), choices=choices("role", ROLES))
    agency = StringField(_l("所属机构"), validators=[Length(max=200)])
    password = PasswordField(
        _l("初始密码"), validators=[_NEEDED, Length(max=256)], render_kw={"autocomplete": "new-password"}
    )


class StaffNoForm(FlaskForm):  # type: ignore[misc]
    staff_no = StringField(_l("工号"))
