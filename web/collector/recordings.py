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
    tell(form)
    flash(_("已登记录音。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


def tell(form: RecordingForm | OutcomeForm) -> None:
    """Write down what the form says of the recording."""
    edge = state()
    given, reason = ((field.data or "").strip() or None for field in (form.recording, form.no_recording))
    gate.record_recording(
        edge.db, edge.judge, edge.judge.policy, form.outreach.data, given, reason, actor(), edge.clock(), keys=edge.keys
    )


def require(outreach: Outreach, form: OutcomeForm) -> bool:
    """Whether the form says something of the recording.

    Raises:
        InvalidInput: it does not, and with this outcome the pack asks for it.
    """
    if (form.recording.data or "").strip() or (form.no_recording.data or "").strip():
        return True
    owed = owes_recording(form.outcome.data, outreach.local_day, state().judge.policy)
    if outreach.channel == "call" and outreach.outcome is None and owed is not None:
        raise InvalidInput(_("接通的电话须填写录音编号，没有录音的写明原因。"), code="missing", field="recording")
    return False


def owed_on(rows: list[Shown]) -> set[int]:
    """Row ids of the present collector's calls among these whose recording is still owed."""
    policy, me = state().judge.policy, actor().name
    mine = [row.outreach for row in rows if row.outreach.collector == me]
    return {one.id for one in mine if gate.owed_recording(one, policy) is not None}
