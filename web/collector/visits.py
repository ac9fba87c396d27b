"""The sheet of a visit on the page of the case."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from compliance import gate
from compliance.gate.visits import LONGEST
from compliance.judge.contact.visiting import DOCUMENTS, OUTCOMES, VisitSheet
from web.actor import actor
from web.auth import requires
from web.collector.casefile import own_account, own_outreach
from web.collector.forms import TEXT_LIMIT, checked
from web.labels import choices
from web.state import state

PREFIX = "visit"
"""Before the names of the fields: the page has other forms with the same."""
_NEEDED = InputRequired(_l("必填"))
_MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class VisitForm(FlaskForm):  # type: ignore[misc]
    """Times are those of the configured zone."""

    outreach = HiddenField(validators=[_NEEDED, Length(max=100)])
    people = TextAreaField(
        _l("到场人员"),
        validators=[_NEEDED, Length(max=2_000)],
        render_kw={"rows": 2, "placeholder": _l("一行一人，姓名或工号")},
    )
    shown = SelectMultipleField(
        _l("主动出示了"), choices=choices("document", DOCUMENTS), widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(), validators=[Optional()],
    )  # fmt: skip
    arrived_at = DateTimeLocalField(_l("到达时间"), format=_MINUTES, validators=[_NEEDED])
    left_at = DateTimeLocalField(_l("离开时间"), format=_MINUTES, validators=[_NEEDED])
    asked_to_leave_at = DateTimeLocalField(_l("被要求离开的时间"), format=_MINUTES, validators=[Optional()])
    entered = BooleanField(_l("进入了住所"))
    consent = StringField(_l("谁同意进门、怎样同意"), validators=[Optional(), Length(max=LONGEST)])
    filmed_inside = BooleanField(_l("在室内拍摄过"))
    dress_checked = BooleanField(_l("已核对着装，没有容易被误认为执法人员的服饰"))
    recording = StringField(_l("录音录像编号"), validators=[Optional(), Length(max=100)])
    no_recording = StringField(_l("没有录音录像的原因"), validators=[Optional(), Length(max=LONGEST)])
    outcome = SelectField(_l("结果"), choices=choices("outcome", OUTCOMES))
    course = TextAreaField(
        _l("外访经过"), validators=[_NEEDED, Length(max=TEXT_LIMIT)], render_kw={"rows": 3, "lang": "zh-CN"}
    )

    def sheet(self) -> VisitSheet:
        """The form as the sheet that the gate takes."""
        return VisitSheet(
            people=tuple(line.strip() for line in self.people.data.splitlines() if line.strip()),
            shown=tuple(self.shown.data or ()),
            arrived_at=_aware(self.arrived_at.data),
            left_at=_aware(self.left_at.data),
            outcome=self.outcome.data,
            course=self.course.data,
            entered=self.entered.data,
            consent=(self.consent.data or "").strip() or None,
            filmed_inside=self.filmed_inside.data,
            dress_checked=self.dress_checked.data,
            asked_to_leave_at=_aware(self.asked_to_leave_at.data) if self.asked_to_leave_at.data else None,
            recording=(self.recording.data or "").strip() or None,
            no_recording=(self.no_recording.data or "").strip() or None,
        )


def blank(now: datetime) -> VisitForm:
    """The form as the page first shows it: they left now."""
    here = now.astimezone(state().config.zone).replace(second=0, microsecond=0, tzinfo=None)
    return VisitForm(None, prefix=PREFIX, left_at=here)


def add_routes(bp: Blueprint) -> None:
    bp.post("/<int:account_id>/visit")(visit)


@requires("collector")
def visit(account_id: int) -> ResponseReturnValue:
    """Write down how a visit went, and what came of it."""
    form = VisitForm(prefix=PREFIX)
    checked(form)
    edge, me = state(), actor()
    with edge.db.read() as session:
        own_outreach(session, own_account(session, account_id, me.name), form.outreach.data, me.name)
    recorded = gate.record_visit(
        edge.db, edge.judge, edge.judge.policy, form.outreach.data, form.sheet(), me, edge.clock(), keys=edge.keys
    )
    if recorded.findings:
        flash(_("记录表已保存；%(n)s 项须由合规专员核查。", n=len(recorded.findings)), "warning")
    else:
        flash(_("记录表已保存。"), "success")
    return redirect(url_for("collector.case", account_id=account_id, result=form.outreach.data), 303)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=state().config.zone)
