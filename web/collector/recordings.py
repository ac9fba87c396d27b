"""The recording of a call on the page of the case: its id, or why there is none."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, Optional

from compliance import gate
from compliance.gate.models import Outreach
from compliance.judge.contact.recording import owes_recording
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.collector.casefile import own_account, own_outreach
from web.collector.forms import OutcomeForm, checked
from web.outreach import Shown
from web.state import state


class RecordingForm(FlaskForm):  # type: ignore[misc]
    outreach = HiddenField(validators=[InputRequired(_l("必填")), Length(max=100)])
    recording = StringField(_l("录音编号"), validators=[Optional(), Length(max=100)])
    no_recording = StringField(_l("没有录音的原因"), validators=[Optional(), Length(max=200)])


def add_routes(bp: Blueprint) -> None:
    bp.post("/<int:account_id>/recording")(recording)


@requires("collector")
def recording(account_id: int) -> ResponseReturnValue:
    """What was still owed of a call that was answered."""
    form = RecordingForm()
    checked(form)
    with state().db.read() as session:
        own_outreach(session, own_account(session, account_id, actor().name), form.outreach.data, actor().name)
    edge = state()
    gate.record_recording(
        edge.db, edge.judge, edge.judge.policy, form.outreach.data, *told_in(form), actor(), edge.clock(),
        keys=edge.keys,
    )  # fmt: skip
    flash(_("已登记录音。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


def told_in(form: FlaskForm) -> tuple[str | None, str | None]:
    """What a form says of the recording: its id, and why there is none; what is blank is not told."""
    return (form.recording.data or "").strip() or None, (form.no_recording.data or "").strip() or None


def file(outreach: Outreach, form: OutcomeForm) -> None:
    """Write down an outcome, with what the form says of the recording: both or neither.

    Raises:
        InvalidInput: it says nothing of the recording, and with this outcome the pack asks for it.
    """
    edge, outcome, told = state(), form.outcome.data, told_in(form)
    if told != (None, None):
        gate.record_call(
            edge.db, edge.judge, edge.judge.policy, outreach.client_id, outcome, None, *told, actor(), edge.clock(),
            keys=edge.keys,
        )  # fmt: skip
        return
    owed = owes_recording(outcome, outreach.local_day, edge.judge.policy)
    if outreach.channel == "call" and outreach.outcome is None and owed is not None:
        raise InvalidInput(_("接通的电话须填写录音编号，没有录音的写明原因。"), code="missing", field="recording")
    gate.record_outcome(edge.db, outreach.client_id, outcome, None, actor(), edge.clock())


def owed_on(rows: list[Shown]) -> set[int]:
    """Row ids of the present collector's calls among these whose recording is still owed."""
    policy, me = state().judge.policy, actor().name
    mine = [row.outreach for row in rows if row.outreach.collector == me]
    return {one.id for one in mine if gate.owed_recording(one, policy) is not None}
