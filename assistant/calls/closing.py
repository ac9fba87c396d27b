"""Closing a call: the note judged and held against the turns, what was agreed kept, and the dial's outcome filed.

1. Check everything that was sent, before anything is kept.
2. File the outcome of the dial, with its recording where that is told; rights that were heard become requests; then
   submit the note, which may tell of them. Each knows itself when it comes twice.
3. In one transaction: the promise is written down, earlier ones are settled, the call is closed, the ledger says so. A
   close that was cut off before this is finished by sending it again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.escalation import hand_over
from assistant.calls.models import NEXT_STEPS, OUTCOMES, REASONS, Call, Promise
from assistant.calls.noticing import record_in
from assistant.calls.promising import Promised
from assistant.calls.reading import PERMITTED, CallCase, load_case, lock_call, read_state
from assistant.calls.settling import settle_promises
from assistant.calls.state import CallState, turns_of
from compliance import gate, ledger
from compliance.casebook import load_stages
from compliance.gate.screening import judge_safely
from compliance.gate.types import Actor, Conflict
from compliance.judge.contact.recording import owes_recording
from compliance.judge.conversation import check_note
from compliance.judge.types import Finding, InvalidInput, Message, check_code
from compliance.rights.models import REQUEST_TYPES

DIAL_OUTCOMES = {
    "third_party_relay": "third_party",
    "wrong_number": "wrong_number",
    "hung_up": "hung_up",
    "no_answer": "no_answer",
    "busy": "busy",
    "voicemail": "voicemail",
    "powered_off": "powered_off",
    "invalid_number": "invalid_number",
    "deceased": "third_party",
}
"""What the dial counts as; anything else was a talk with the debtor."""
TALKED = "connected"


@dataclass(frozen=True, slots=True)
class Closing:
    """What a call is closed with."""

    outcome: str
    reason: str | None = None
    promise: Promised | None = None
    rights: tuple[str, ...] = ()
    """Types that were heard, to be recorded as requests."""
    next_step: str | None = None
    next_at: datetime | None = None
    note: str | None = None
    confirmed: bool = False
    """Keep the note although the turns contradict it; that is written down."""
    recording: str | None = None
    """Id of the recording of the dial; it may also follow later, and is owed until then."""
    no_recording: str | None = None
    """Why there is none."""

    @property
    def tells_recording(self) -> bool:
        return self.recording is not None or self.no_recording is not None

    @property
    def digest(self) -> str:
        parts = [
            self.outcome, self.reason, str(self.promise), sorted(self.rights), self.next_step,
            self.next_at.isoformat() if self.next_at else None, self.note,
        ]  # fmt: skip
        if self.tells_recording:
            parts += [self.recording, self.no_recording]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """What is wrong with a note: by its own words, and where the turns contradict it."""

    findings: tuple[Finding, ...] = ()
    contradictions: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing led to."""

    ref: str
    requests: tuple[str, ...]
    missing: tuple[str, ...]
    note: NoteCheck
    repeated: bool = False


def close_call(desk: Desk, ref: str, closing: Closing, actor: Actor, now: datetime) -> Closed:
    """Close a call. The same again is the same act.

    Raises:
        InvalidInput: something that cannot be, for instance a promise for yesterday, or of a debtor who must be spared.
        Conflict: closed with something else before, or the note contradicts the call and nobody confirmed it.
    """
    with desk.db.read() as session:
        case = load_case(session, ref)
        state = read_state(session, desk, case)
    check = check_words(desk, case, state, closing.note, now)
    missing = tuple(item.item for item in state.missing)
    if case.call.closed_at is not None:
        return _again(case.call, closing, missing, check)
    _check(closing, case, state, now)
    if check.contradictions and not closing.confirmed:
        why = " ".join(finding.why for finding in check.contradictions)
        raise Conflict(f"{why} 请改正，或确认后保存 / the call contradicts the note", code="note_contradicted")
    if case.call.escalated_at is not None:
        hand_over(desk, ref, now)  # again, where the process that heard the sign died before it told anybody
    _file_dial(desk, case, closing, actor, now)
    requests = desk.db.run(lambda session: _record_rights(session, desk, ref, closing, actor, now))
    note = _submit_note(desk, case, closing, now)
    desk.db.run(lambda session: _close(session, desk, ref, closing, state, (note, check), actor, now))
    desk.bell.ring(ref)
    return Closed(ref, requests, missing, check)


def check_words(desk: Desk, case: CallCase, state: CallState, note: str | None, now: datetime) -> NoteCheck:
    """A note judged as a note, and held against what was said."""
    if not note or not note.strip():
        return NoteCheck()
    verdict = judge_safely(desk.judge, Message(note, channel="note", audience="internal"), None, now)
    finals = [turn for turn in state.turns if turn.final and turn.text.strip()]
    turns = turns_of(finals)
    contradictions = check_note(note, turns, desk.judge, case.known_account) if turns else ()
    return NoteCheck(verdict.findings, contradictions)


def _again(call: Call, closing: Closing, missing: tuple[str, ...], check: NoteCheck) -> Closed:
    if call.closing != closing.digest:
        raise Conflict("这通通话已用别的内容结束 / the call was closed with something else", code="closed")
    return Closed(call.ref, (), missing, check, repeated=True)


def _check(closing: Closing, case: CallCase, state: CallState, now: datetime) -> None:
    for field, what, value, known in (
        ("outcome", "结果", closing.outcome, OUTCOMES),
        ("reason", "原因", closing.reason or REASONS[-1], REASONS),
        ("next_step", "下一步", closing.next_step or NEXT_STEPS[0], NEXT_STEPS),
        *(("rights", "权利请求", type, REQUEST_TYPES) for type in closing.rights),
    ):
        check_code(value, known, what, code="unknown", field=field)
    if closing.next_at is not None and (closing.next_at.tzinfo is None or closing.next_at <= now):
        raise InvalidInput("下次时间须带时区且在将来 / the next time must lie ahead", code="past", field="next_at")
    if state.paused and closing.outcome != "self_harm_escalated":
        message = "听到过自伤风险，须按“自伤风险已升级”结束 / this call must be filed as escalated"
        raise InvalidInput(message, code="paused", field="outcome")
    if closing.tells_recording and not _was_dialled(case):
        message = "这通通话没有外呼记录，不登记录音 / there is no dial to tell a recording of"
        raise InvalidInput(message, code="no_call", field="recording")
    _check_promise(closing, case, state)


def _was_dialled(case: CallCase) -> bool:
    return case.dial is not None and case.dial.state in PERMITTED


def asks_recording(desk: Desk, case: CallCase) -> bool:
    """Whether the recording of the dial would be owed, were it a talk with the debtor; it is asked for at the end."""
    dial = case.dial
    if dial is None or not _was_dialled(case) or dial.recording or dial.recording_note:
        return False
    return owes_recording(dial.outcome or TALKED, dial.local_day, desk.judge.policy) is not None


def _check_promise(closing: Closing, case: CallCase, state: CallState) -> None:
    promise = closing.promise
    if promise is None:
        if closing.outcome == "promise":
            raise InvalidInput("承诺还款须写日期 / a promise needs its day", code="missing", field="promise")
        return
    if state.paused:
        raise InvalidInput("听到过自伤风险，不得登记还款承诺 / no promise may be kept", code="paused", field="promise")
    if promise.due < load_stages().local_day(case.call.started_at):
        raise InvalidInput("承诺的日期不能早于通话当天 / the day lies in the past", code="past", field="promise")
    if promise.amount is not None and promise.amount <= Decimal(0):
        raise InvalidInput("承诺的金额须大于零 / the amount must be positive", code="range", field="promise")


def _file_dial(desk: Desk, case: CallCase, closing: Closing, actor: Actor, now: datetime) -> None:
    """The dial's outcome, where it was made and nobody has filed it on the case's page already; and its recording."""
    if case.dial is None or not _was_dialled(case):
        return
    filed = case.dial.outcome or DIAL_OUTCOMES.get(closing.outcome, TALKED)
    if closing.tells_recording:
        gate.record_call(
            desk.db, desk.judge, desk.judge.policy, case.dial.client_id, filed, None, closing.recording,
            closing.no_recording, actor, now, keys=desk.keys,
        )  # fmt: skip
    elif case.dial.outcome is None:
        gate.record_outcome(desk.db, case.dial.client_id, filed, None, actor, now)


def _submit_note(desk: Desk, case: CallCase, closing: Closing, now: datetime) -> str | None:
    if not closing.note or not closing.note.strip():
        return None
    digest = hashlib.sha256(closing.note.encode()).hexdigest()[:16]
    submission = gate.Submission(
        id=f"{case.call.ref}-note-{digest}",
        debtor=case.debtor.ref,
        channel="note",
        text=closing.note,
        account=case.account.account_no if case.account else None,
    )
    return gate.submit(desk.db, desk.judge, submission, Actor(case.call.collector), now, keys=desk.keys).id


def _record_rights(
    session: Session, desk: Desk, ref: str, closing: Closing, actor: Actor, now: datetime
) -> tuple[str, ...]:
    call = lock_call(session, ref)
    if call.closed_at is not None:
        _refuse_other(call, closing)
    return tuple(record_in(session, desk, call, type, actor, now) for type in dict.fromkeys(closing.rights))


def _refuse_other(call: Call, closing: Closing) -> None:
    if call.closing != closing.digest:
        raise Conflict("这通通话刚刚已经结束 / the call has just been closed", code="closed")


def _close(
    session: Session, desk: Desk, ref: str, closing: Closing, state: CallState, kept: tuple[str | None, NoteCheck],
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    call = lock_call(session, ref)
    if call.closed_at is not None:
        _refuse_other(call, closing)
        return
    note, check = kept
    today = load_stages().local_day(call.started_at)
    settled = settle_promises(session, call, closing.outcome, today, now)
    if closing.promise is not None:
        session.add(_promise(call, closing.promise, actor, now))
    call.outcome, call.reason, call.next_step = closing.outcome, closing.reason, closing.next_step
    call.next_at, call.note, call.closing, call.closed_at = closing.next_at, note, closing.digest, now
    call.blocks = sum(alert.is_red for alert in state.alerts)
    call.missing = len(state.missing)
    call.revision += 1
    session.flush()
    body = _entry(call, closing, state, check)
    body["promises_settled"] = [{"due": one.due.isoformat(), "kept": one.kept} for one in settled]
    ledger.append(session, at=now, actor=actor.name, kind="call:closed", subject=f"call:{ref}", body=body)
    desk.bell.announce(session, ref)


def _promise(call: Call, promised: Promised, actor: Actor, now: datetime) -> Promise:
    return Promise(
        debtor_id=call.debtor_id, account_id=call.account_id, call_id=call.id, due=promised.due,
        amount=promised.amount, recorded_by=actor.name, recorded_at=now,
    )  # fmt: skip


def _entry(call: Call, closing: Closing, state: CallState, check: NoteCheck) -> dict[str, object]:
    promise = closing.promise
    return {
        "outcome": closing.outcome,
        "reason": closing.reason,
        "next_step": closing.next_step,
        "promise": {"due": promise.due.isoformat(), "amount": str(promise.amount)} if promise else None,
        "rights_heard": [right.type for right in state.rights],
        "rights_recorded": sorted(set(closing.rights)),
        "turns": len(state.turns),
        "missing": [item.item for item in state.missing],
        "red_alerts": call.blocks,
        "note": call.note,
        "note_contradictions": [finding.rule for finding in check.contradictions],
    }
