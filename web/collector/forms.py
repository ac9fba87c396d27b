"""What a collector may send in. Each form is read by one view."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from compliance.gate.outcome import NOT_MADE
from compliance.judge.facts import OUTCOMES
from compliance.judge.types import CHANNELS, InvalidInput
from compliance.rights import RIGHTS_CHANNELS
from compliance.rights.models import NOTICE_TYPES, REQUEST_TYPES
from web.labels import choices
from web.state import state

TEXT_LIMIT = 10_000
"""Characters of a message or note; what is longer is a pasted document, not a message."""
_NEEDED = InputRequired(_l("必填"))


def checked(form: FlaskForm) -> None:
    """Raises ``InvalidInput`` with the first fault of ``form``."""
    if form.validate():
        return
    field, faults = next(iter(form.errors.items()))
    label = form[field].label.text if field in form else field
    raise InvalidInput(f"{label}：{faults[0]}", field=field)


class ComposeForm(FlaskForm):  # type: ignore[misc]
    """Whom, by which channel, and the words. ``client_id`` makes a second click the same act."""

    client_id = HiddenField(validators=[_NEEDED, Length(max=100)])
    point = StringField(_l("联系对象"), validators=[Optional(), Length(max=64)])
    channel = StringField(_l("渠道"), validators=[Optional(), AnyOf(CHANNELS)])
    text = TextAreaField(_l("内容"), validators=[Optional(), Length(max=TEXT_LIMIT)])
    line = StringField(_l("主叫号码"), validators=[Optional(), Length(max=100)])


class SendForm(ComposeForm):
    """A visit says how many people would go; a message may end with the link to the debtor's page."""

    link = BooleanField(_l("附上核实与权利页链接"))

    visitors = IntegerField(_l("上门人数"), validators=[Optional(), NumberRange(1, 20)])


class NoteForm(FlaskForm):  # type: ignore[misc]
    client_id = HiddenField(validators=[_NEEDED, Length(max=100)])
    note = TextAreaField(_l("催记"), validators=[_NEEDED, Length(max=TEXT_LIMIT)])


class OutcomeForm(FlaskForm):  # type: ignore[misc]
    outreach = HiddenField(validators=[_NEEDED, Length(max=100)])
    outcome = RadioField(_l("结果"), choices=choices("outcome", (*OUTCOMES, NOT_MADE)), validators=[_NEEDED])
    recording = StringField(_l("录音编号"), validators=[Optional(), Length(max=100)])
    no_recording = StringField(_l("没有录音的原因"), validators=[Optional(), Length(max=200)])


class RevealForm(FlaskForm):  # type: ignore[misc]
    what = HiddenField(validators=[_NEEDED, Length(max=80)])


class _Rights:
    """What a notice and a request have in common."""

    channel = SelectField(_l("方式"), choices=choices("channel", RIGHTS_CHANNELS))
    evidence = StringField(
        _l("凭据"),
        validators=[_NEEDED, Length(max=2000)],
        render_kw={"placeholder": _l("录音编号、短信编号、快递单号…")},
    )
    at = DateTimeLocalField(_l("时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[_NEEDED])

    def instant(self) -> datetime:
        """``at`` read in the configured zone, aware."""
        moment: datetime = self.at.data
        return moment.replace(tzinfo=state().config.zone)


class NoticeForm(_Rights, FlaskForm):  # type: ignore[misc]
    type = SelectField(_l("告知内容"), choices=choices("notice", NOTICE_TYPES))


class RequestForm(_Rights, FlaskForm):  # type: ignore[misc]
    type = SelectField(_l("请求内容"), choices=choices("request", REQUEST_TYPES))
    point = SelectField(_l("针对的联系方式"), choices=[], validate_choice=False)


class SearchForm(Form):  # type: ignore[misc]
    """The filter of the list, in the address."""

    q = StringField(validators=[Length(max=60)])
    stage = StringField()
    page = StringField()
