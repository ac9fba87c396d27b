"""The recording of a call: its id in the system that keeps it, or why there is none.

An outcome is never refused for want of a recording, since it settles a slot, and recordings come later than outcomes.
What is told together with the outcome is kept with it or not at all; what is missing stays owed until it is told. A
reason is a note like any other, which waits for an officer.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import get_account
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.checking import check_aware, check_reason, check_ref
from compliance.gate.models import Outreach
from compliance.gate.notes import flag
from compliance.gate.outcome import file_outcome, is_filed
from compliance.gate.rows import find_outreach, lock_outreach
from compliance.gate.submit import submit
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import DEFAULTS, Actor, Conflict, GateSettings, Recorded, Submission
from compliance.judge import Judge
from compliance.judge.contact import Policy
from compliance.judge.contact.recording import owes_recording
from compliance.judge.types import Finding, InvalidInput


def owed_recording(outreach: Outreach, policy: Policy) -> Finding | None:
    """What an officer would have to look at if there were no recording; ``None`` where none is owed, or all is told."""
    if outreach.channel != "call" or outreach.recording or outreach.recording_note:
        return None
    return owes_recording(outreach.outcome, outreach.local_day, policy)


def record_recording(
    db: Database,
    judge: Judge,
    policy: Policy,
    outreach_id: str,
    recording: str | None,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
) -> None:
    """Write down the id of a call's recording, or the reason why there is none. The same twice is once.

    Raises:
        InvalidInput: unknown outreach, or neither or both of the two.
        Conflict: it is no call that was made, or something else was told before.
    """
    told = _told(recording, reason)
    with db.read() as session:
        outreach = session.get_one(Outreach, find_outreach(session, outreach_id))
        note = _note(session, outreach, told)
        _check(outreach, outreach.outcome, recording, note)
    if note is not None:
        submit(db, judge, note, actor, now, keys=keys, settings=settings)
    db.run(lambda session: _record(session, policy, outreach_id, recording, note, actor, now))


def record_call(
    db: Database,
    judge: Judge,
    policy: Policy,
    outreach_id: str,
    outcome: str,
    at: datetime | None,
    recording: str | None,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
) -> Recorded:
    """Write down what came of a call together with its recording, or with why there is none: both or neither.

    A reason is submitted as a note before that, once everything was found to fit: its id follows from its words, so
    that whoever tries again after a crash finds the same note.

    Raises: as ``record_outcome`` and ``record_recording``.
    """
    check_aware(at, "at")
    told = _told(recording, reason)
    with db.read() as session:
        outreach = session.get_one(Outreach, find_outreach(session, outreach_id))
        note = _note(session, outreach, told)
        is_filed(outreach, outcome, at or now, now)
        _check(outreach, outcome, recording, note)
    if note is not None:
        submit(db, judge, note, actor, now, keys=keys, settings=settings)

    def both(session: Session) -> Recorded:
        recorded = file_outcome(session, outreach_id, outcome, at or now, actor, now)
        _record(session, policy, outreach_id, recording, note, actor, now)
        return recorded

    return db.run(both)


def _told(recording: str | None, reason: str | None) -> str | None:
    """The words of the note, where there is no recording."""
    if (recording is None) == (reason is None):
        raise InvalidInput("请填写录音编号，没有录音的写明原因，二者填一。", code="missing", field="recording")
    if recording is not None:
        check_ref(recording, "recording", "录音编号")
        return None
    return f"本次通话没有录音：{check_reason(reason or '', 'no_recording')}"


def _note(session: Session, outreach: Outreach, told: str | None) -> Submission | None:
    """Why there is no recording, about the same debtor and account. Its id follows from its words."""
    if told is None:
        return None
    id = f"recording-{hashlib.sha256(f'{outreach.client_id} {told}'.encode()).hexdigest()}"
    debtor = session.get_one(Debtor, outreach.debtor_id)
    account = get_account(session, outreach.account_id) if outreach.account_id else None
    return Submission(
        id=id, debtor=debtor.ref, channel="note", account=account.account_no if account else None, text=told
    )


def _check(outreach: Outreach, outcome: str | None, recording: str | None, note: Submission | None) -> bool:
    """Whether this very thing was told before of a call with this outcome."""
    if outreach.channel != "call" or outcome is None:
        raise Conflict("这不是已登记结果的通话，不能登记录音。", code="no_call", field="recording")
    known = outreach.recording, outreach.recording_note
    if known == (recording, note.id if note else None):
        return True
    if outreach.recording is not None or (outreach.recording_note is not None and recording is None):
        field = "no_recording" if recording is None else "recording"
        raise Conflict("录音已经登记，不能改写。", code="recording_known", field=field)
    return False


def _record(
    session: Session, policy: Policy, client_id: str, recording: str | None, note: Submission | None, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    _, outreach = lock_outreach(session, find_outreach(session, client_id))
    if _check(outreach, outreach.outcome, recording, note):
        return
    finding = owes_recording(outreach.outcome, outreach.local_day, policy)
    outreach.recording, outreach.recording_note = recording, note.id if note else outreach.recording_note
    body: dict[str, object] = {"recorded": recording is not None, "note": note.id if note else None}
    ledger.append(
        session, at=now, actor=actor.name, kind="outreach:recording", subject=f"outreach:{client_id}", body=body
    )
    if note is not None and finding is not None:
        flag(session, note.id, (finding,), "note:not_recorded", now)
