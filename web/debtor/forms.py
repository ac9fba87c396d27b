"""What somebody sends in on the debtor's page. Each form checks its own token."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from web.labels import choices

WORDS = 2_000
"""Characters of somebody's own words."""
CHANNELS = ("sms", "call", "email", "letter")
_NEEDED = DataRequired(_l("必填"))


class IdentifyForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("姓名"), validators=[_NEEDED, Length(max=100)], render_kw={"autocomplete": "name"})
    last_four = StringField(
        _l("身份证号或手机号的后四位"),
        validators=[_NEEDED, Length(min=4, max=4, message=_l("请填写四位。"))],
        render_kw={"autocomplete": "off", "maxlength": 4},
    )


class AskForm(FlaskForm):  # type: ignore[misc]
    """Any request in somebody's own words."""

    words = TextAreaField(
        _l("您要说明的情况"),
        validators=[_NEEDED, Length(max=WORDS)],
        render_kw={"rows": 5, "maxlength": WORDS},
    )

    @property
    def wish(self) -> dict[str, Any] | None:
        return None


class NumberForm(AskForm):
    """A request that may be about the number or address that was used, or about all."""

    which = RadioField(
        _l("针对"),
        choices=[SelectChoice("this", _l("只针对这次用的联系方式")), SelectChoice("all", _l("所有联系方式"))],
        default="this",
    )


class HoursForm(FlaskForm):  # type: ignore[misc]
    """By which channels, when, and how often."""

    channels = SelectMultipleField(
        _l("只用这些方式联系我"),
        choices=choices("channel", CHANNELS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    start = TimeField(_l("每天从"), validators=[Optional()])
    end = TimeField(_l("到"), validators=[Optional()])
    max_per_day = IntegerField(_l("每天最多几次"), validators=[Optional(), NumberRange(1, 20)])
    words = TextAreaField(
        _l("补充说明（可不填）"), validators=[Length(max=WORDS)], render_kw={"rows": 3, "maxlength": WORDS}
    )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if (self.start.data is None) != (self.end.data is None) or (self.end.data and self.start.data == self.end.data):
            self.end.errors = [_l("请同时填写起止时间，二者不能相同。")]
            return False
        if not self.wish and not (self.words.data or "").strip():
            self.words.errors = [_l("请至少选择一项，或写明要求。")]
            return False
        return True

    @property
    def wish(self) -> dict[str, Any] | None:
        """As ``RightsRequest.wish`` keeps it."""
        window = [f"{self.start.data:%H:%M}", f"{self.end.data:%H:%M}"] if self.start.data and self.end.data else None
        found = {"channels": self.channels.data or None, "window": window, "max_per_day": self.max_per_day.data}
        return {name: value for name, value in found.items() if value} or None
