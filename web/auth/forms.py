"""The log-in form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("登录名"),
        validators=[InputRequired(_l("请填写登录名")), Length(max=64)],
        render_kw={"autocomplete": "username", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("密码"),
        validators=[InputRequired(_l("请填写密码")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
