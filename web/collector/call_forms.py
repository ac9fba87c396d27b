"""What a collector may send in during and after a call. Each form is read by one view."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assistant.calls.closing import Closing
from assistant.calls.hints import LEVELS
from assistant.calls.models import DIRECTIONS, NEXT_STEPS, OUTCOMES, REASONS
from assistant.calls.promising import Promised
from compliance.judge.hearing import SPEAKERS
from compliance.rights.models import REQUEST_TYPES
from web.labels import choices
from web.state import state

_NEEDED = InputRequired(_l("必填"))


class OpenForm(FlaskForm):  # type: ignore[misc]
    """From a permitted dial, or from a number that rings."""

    outreach = HiddenField(validators=[Optional(), Length(max=100)])
    point = HiddenField(validators=[Optional(), Length(max=64)])
    account = HiddenField(validators=[Optional(), Length(max=64)])
    direction = HiddenField(default="out", validators=[Length(max=5)])

    @property
    def way(self) -> str:
        return self.direction.data if self.direction.data in DIRECTIONS else "out"


class SayForm(FlaskForm):  # type: ignore[misc]
    """A turn typed by hand. ``key`` makes a second click the same turn."""

    key = HiddenField(validators=[_NEEDED, Length(max=80)])
    speaker = RadioField(_l("谁在说"), choices=choices("speaker", SPEAKERS), validators=[_NEEDED])
    text = StringField(_l("说了什么"), validators=[_NEEDED, Length(max=4000)])


class TickForm(FlaskForm):  # type: ignore[misc]
    tick = StringField(validators=[Optional(), Length(max=30)])
    untick = StringField(validators=[Optional(), Length(max=30)])


class RightForm(FlaskForm):  # type: ignore[misc]
    right = StringField(validators=[_NEEDED, Length(max=40)])


class TakeForm(FlaskForm):  # type: ignore[misc]
    version = IntegerField(validators=[_NEEDED, NumberRange(1, 2**31 - 1)])


class HintForm(FlaskForm):  # type: ignore[misc]
    level = SelectField(_l("提示"), choices=choices("hints", LEVELS))


class WrapForm(FlaskForm):  # type: ignore[misc]
    """The wrap-up, filled in from the draft."""

    outcome = RadioField(_l("结果"), choices=choices("call_outcome", OUTCOMES), validators=[_NEEDED])
    reason = SelectField(_l("未还原因"), choices=choices("reason", REASONS))
    promise_date = DateField(_l("承诺日期"), validators=[Optional()])
    promise_amount = DecimalField(_l("承诺金额（元）"), places=2, validators=[Optional(), NumberRange(Decimal("0.01"))])
    rights = SelectMultipleField(_l("登记权利请求"), choices=choices("request", REQUEST_TYPES))
    next_step = SelectField(_l("下一步"), choices=choices("next_step", NEXT_STEPS))
    next_at = DateTimeLocalField(
        _l("下次时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[Optional()]
    )
    recording = StringField(_l("录音编号"), validators=[Optional(), Length(max=100)], render_kw={"data-key": "r"})
    no_recording = StringField(_l("没有录音的原因"), validators=[Optional(), Length(max=200)])
    note = TextAreaField(_l("催记"), validators=[Optional(), Length(max=10_000)])
    confirmed = BooleanField(_l("与通话不符之处我已核对，仍按此保存"))

    def closing(self) -> Closing:
        """What is closed with. The time is read in the configured zone."""
        day, amount, at = self.promise_date.data, self.promise_amount.data, self.next_at.data
        return Closing(
            outcome=self.outcome.data,
            reason=self.reason.data,
            promise=Promised(day, amount) if day else None,
            rights=tuple(self.rights.data or ()),
            next_step=self.next_step.data,
            next_at=self._aware(at) if at else None,
            note=(self.note.data or "").strip() or None,
            confirmed=bool(self.confirmed.data),
            recording=(self.recording.data or "").strip() or None,
            no_recording=(self.no_recording.data or "").strip() or None,
        )

    def _aware(self, at: datetime) -> datetime:
        return at.replace(tzinfo=state().config.zone)
