"""What an officer sends in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from compliance.rights import RIGHTS_CHANNELS
from compliance.rights.models import OUTCOMES
from web.labels import choices
from web.state import state

ACTS = ("release", "return", "refuse", "note", "save")
_WORD = re.compile(r"decision-([0-9]{1,4})")


class DecisionForm(FlaskForm):  # type: ignore[misc]
    act = StringField(validators=[AnyOf(ACTS)])
    reason = TextAreaField(_l("理由"), validators=[Length(max=1000)])


class AnswerForm(FlaskForm):  # type: ignore[misc]
    answer = TextAreaField(
        _l("答复内容"),
        validators=[DataRequired(_l("请写明答复内容。")), Length(max=5000)],
        render_kw={"rows": 4, "maxlength": 5000, "data-key": "a"},
    )
    outcome = SelectField(_l("办理结果"), choices=choices("request_outcome", OUTCOMES), default="answered")


class ExtensionForm(FlaskForm):  # type: ignore[misc]
    """Only the extensions that the pack allows for the request are offered; what each needs is checked there."""

    extension = SelectField(_l("延长至"), choices=[], validate_choice=False)
    reason = StringField(_l("延期理由"), validators=[DataRequired(_l("请写明延期理由。")), Length(max=1000)])
    approved_by = SelectField(_l("批准人"), choices=[], validate_choice=False, validators=[Optional()])
    told_at = DateTimeLocalField(
        _l("已告知请求人的时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[Optional()]
    )

    def told_instant(self) -> datetime | None:
        """``told_at`` read in the configured zone, aware."""
        moment: datetime | None = self.told_at.data
        return moment.replace(tzinfo=state().config.zone) if moment else None


class ReviewForm(FlaskForm):  # type: ignore[misc]
    """What the debtor said who does not accept an answer."""

    channel = SelectField(_l("渠道"), choices=choices("channel", RIGHTS_CHANNELS), default="letter")
    evidence = TextAreaField(
        _l("不服的理由与凭据"),
        validators=[DataRequired(_l("请写明证据：哪次通话、哪段原话或哪份文件。")), Length(max=5000)],
        render_kw={"rows": 3, "maxlength": 5000},
    )


@dataclass(frozen=True, slots=True)
class Word:
    """The officer's word on the finding of one index."""

    finding: int
    decision: str
    reason: str


def words(form: MultiDict[str, str]) -> list[Word]:
    """``decision-0=violation&reason-0=…`` for each finding that was decided."""
    found = [(match, value) for name, value in form.items() if (match := _WORD.fullmatch(name)) and value]
    return [Word(int(match.group(1)), value, form.get(f"reason-{match.group(1)}", "")) for match, value in found]
