"""The sheet of a visit: no visit has an outcome without one, and nobody goes again before it is filled in.

The words of those who went are a note like any other, submitted through the gate; what the sheet shows to be amiss is
added to that note, which then waits for an officer. In this order:

1. check the sheet, and that this visit can have one;
2. submit the note. Its id follows from the sheet: whoever tries again after a crash finds the same note;
3. in one transaction, under the debtor's lock: check once more, write the sheet and the outcome, flag the note.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import get_account
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.checking import CLOCK_SKEW, check_aware, check_characters, check_ref
from compliance.gate.models import Outreach, VisitRecord
from compliance.gate.notes import flag
from compliance.gate.outcome import LEFT, settle_outcome
from compliance.gate.rows import find_outreach, lock_outreach
from compliance.gate.screening import local_day
from compliance.gate.submit import submit
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import DEFAULTS, Actor, Conflict, GateSettings, Recorded, Submission
from compliance.judge import Judge
from compliance.judge.contact import Policy
from compliance.judge.contact.visiting import DOCUMENTS, OUTCOMES, VisitSheet, judge_visit
from compliance.judge.types import InvalidInput, check_code

MOST_PEOPLE = 20
LONGEST = 200
"""Characters of who consented, or of why there is no recording."""


def record_visit(
    db: Database,
    judge: Judge,
    policy: Policy,
    outreach_id: str,
    sheet: VisitSheet,
    actor: Actor,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
) -> Recorded:
    """Write down how a visit went and what came of it. The same sheet twice is one sheet.

    Returns: the visit as it stands, with what goes to an officer.

    Raises:
        InvalidInput: unknown outreach, or a sheet that cannot be.
        Conflict: it is no visit, nobody had leave to go, or something else is written down already.
    """
    _check_sheet(sheet, now)
    note = _note_id(outreach_id, sheet)
    with db.read() as session:
        told = _told(session, outreach_id, note, sheet)
    submit(db, judge, told, actor, now, keys=keys, settings=settings)
    return db.run(lambda session: _record(session, policy, outreach_id, note, sheet, actor, now))


def visit_record(session: Session, outreach_id: int) -> VisitRecord | None:
    """The sheet of the outreach with this row id."""
    return session.scalar(select(VisitRecord).where(VisitRecord.outreach_id == outreach_id))


def visit_told_by(session: Session, note: Outreach) -> VisitRecord | None:
    """The sheet whose words this note holds."""
    query = select(VisitRecord).join(Outreach, Outreach.id == VisitRecord.outreach_id)
    return session.scalar(query.where(Outreach.debtor_id == note.debtor_id, VisitRecord.note == note.client_id))


def _check_sheet(sheet: VisitSheet, now: datetime) -> None:
    if not 1 <= len(sheet.people) <= MOST_PEOPLE:
        raise InvalidInput("请写明到场的每一个人。", code="missing", field="people")
    for person in sheet.people:
        check_ref(person, "people")
    if not set(sheet.shown) <= set(DOCUMENTS):
        raise InvalidInput("没有这种出示材料。", code="unknown_document", field="shown")
    check_code(sheet.outcome, OUTCOMES, "结果", code="unknown_outcome", field="outcome")
    if not sheet.course.strip():
        raise InvalidInput("请写明外访经过。", code="missing", field="course")
    if sheet.recording is None and sheet.no_recording is None:
        raise InvalidInput("请填写录音录像编号，没有的写明原因。", code="missing", field="recording")
    if sheet.recording is not None:
        check_ref(sheet.recording, "recording")
    for field, words in (("consent", sheet.consent), ("no_recording", sheet.no_recording)):
        _check_words(words, field)
    _check_times(sheet, now)


def _check_words(words: str | None, field: str) -> None:
    if words is None:
        return
    if not words.strip():
        raise InvalidInput(f"{field} 不能为空。", code="missing", field=field)
    if len(words) > LONGEST:
        raise InvalidInput(f"{field} 不能超过 {LONGEST} 个字符。", code="too_long", field=field)
    check_characters(words, field)


def _check_times(sheet: VisitSheet, now: datetime) -> None:
    asked = sheet.asked_to_leave_at
    for field, at in (("arrived_at", sheet.arrived_at), ("left_at", sheet.left_at), ("asked_to_leave_at", asked)):
        check_aware(at, field)
    if sheet.left_at < sheet.arrived_at or sheet.left_at > now + CLOCK_SKEW:
        raise InvalidInput("离开时间不能早于到达，也不能在将来。", code="impossible_time", field="left_at")
    if asked is not None and not sheet.arrived_at <= asked <= sheet.left_at:
        raise InvalidInput("被要求离开的时间应在到达和离开之间。", code="impossible_time", field="asked_to_leave_at")


def _note_id(outreach_id: str, sheet: VisitSheet) -> str:
    told = json.dumps(asdict(sheet), default=lambda at: at.astimezone(UTC).isoformat(), sort_keys=True)
    return f"visit-{hashlib.sha256(f'{outreach_id} {told}'.encode()).hexdigest()}"


def _told(session: Session, client_id: str, note: str, sheet: VisitSheet) -> Submission:
    """The note of the visit, about the same debtor and account."""
    outreach = session.get_one(Outreach, find_outreach(session, client_id))
    _check_visit(session, outreach, note)
    debtor = session.get_one(Debtor, outreach.debtor_id)
    account = get_account(session, outreach.account_id) if outreach.account_id else None
    account_no = account.account_no if account else None
    return Submission(id=note, debtor=debtor.ref, channel="note", account=account_no, text=sheet.course)


def _check_visit(session: Session, outreach: Outreach, note: str) -> VisitRecord | None:
    """The sheet where this very one is written down already."""
    if outreach.channel != "visit" or outreach.state not in LEFT:
        raise Conflict("这不是获准的外访，不能填写记录表。", code="no_visit")
    earlier = visit_record(session, outreach.id)
    if earlier is not None and earlier.note == note:
        return earlier
    if earlier is not None or outreach.outcome is not None:
        raise Conflict("这次外访的结果已经登记，不能改写。", code="outcome_known")
    return None


def _record(
    session: Session, policy: Policy, client_id: str, note: str, sheet: VisitSheet, actor: Actor, now: datetime
) -> Recorded:
    debtor, outreach = lock_outreach(session, find_outreach(session, client_id))
    findings = judge_visit(sheet, local_day(debtor, sheet.arrived_at), policy)
    if _check_visit(session, outreach, note) is not None:
        return Recorded(client_id, outreach.state, outreach.ledger_seq or 0, outreach.outcome, findings)
    session.add(_row(outreach.id, note, sheet, actor, now))
    body = _entry(sheet) | {"note": note, "findings": [finding.rule for finding in findings]}
    ledger.append(session, at=now, actor=actor.name, kind="visit:recorded", subject=f"outreach:{client_id}", body=body)
    flag(session, note, findings, "note:visit_breach", now)
    at = max(sheet.arrived_at, outreach.permit_redeemed_at or sheet.arrived_at)
    settled = settle_outcome(session, debtor, outreach, sheet.outcome, at, actor, now)
    return Recorded(client_id, settled.state, settled.ledger_seq, settled.outcome, findings)


def _row(outreach_id: int, note: str, sheet: VisitSheet, actor: Actor, now: datetime) -> VisitRecord:
    return VisitRecord(
        outreach_id=outreach_id,
        people="\n".join(sheet.people),
        shown=" ".join(sheet.shown),
        arrived_at=sheet.arrived_at,
        asked_to_leave_at=sheet.asked_to_leave_at,
        left_at=sheet.left_at,
        entered=sheet.entered,
        consent=sheet.consent,
        filmed_inside=sheet.filmed_inside,
        dress_checked=sheet.dress_checked,
        recording=sheet.recording,
        no_recording=sheet.no_recording,
        note=note,
        recorded_by=actor.name,
        recorded_at=now,
    )


def _entry(sheet: VisitSheet) -> dict[str, object]:
    """What the ledger holds of a sheet: no words, since they may speak of the debtor."""
    asked = sheet.asked_to_leave_at
    return {
        "people": list(sheet.people),
        "shown": list(sheet.shown),
        "arrived_at": sheet.arrived_at.isoformat(),
        "asked_to_leave_at": asked.isoformat() if asked else None,
        "left_at": sheet.left_at.isoformat(),
        "entered": sheet.entered,
        "consented": sheet.consent is not None,
        "filmed_inside": sheet.filmed_inside,
        "dress_checked": sheet.dress_checked,
        "recorded": sheet.recording is not None,
    }
