"""``submit``: the one way out. Everything that may reach somebody, and every note, comes through here.

One transaction, in this order:

1. lock the debtor's row, in a statement of its own: a count taken in the same statement sees a snapshot older
   than the lock, and limits are exceeded;
2. look for the sender's id: the same body gets the first answer again, another body a ``Conflict``;
3. read the history and ask the judge, who does no I/O; whatever it raises is a refusal;
4. write outreach, words, review item and permit, and last the ledger entry, whose head everybody waits for;
5. commit. A database failure raises and nothing is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import lock_debtor, mask_text
from compliance.casebook.models import Debtor
from compliance.database import Database, table_of
from compliance.gate import permits
from compliance.gate.checking import check_send_at, check_submission
from compliance.gate.contactability import find_account, find_contact_point
from compliance.gate.inputs import digest_inputs, pack_inputs
from compliance.gate.models import Outreach, OutreachText, Review
from compliance.gate.notes import flag_unrecorded
from compliance.gate.record import first_answer, store_answer, store_verdict
from compliance.gate.screening import (
    Case,
    build_message,
    hold_unknown_relation,
    judge_failed,
    judge_safely,
    load_contact,
    local_day,
)
from compliance.gate.tokens import PermitKeys, digest_text
from compliance.gate.types import DEFAULTS, KINDS_OF_CHANNEL, Actor, Conflict, GateSettings, Receipt, Submission
from compliance.judge import Judge
from compliance.judge.types import Decision, InvalidInput, Message, Verdict

# Statements are built once, on the tables: the rows need not become objects, which took longer than writing them.
_OUTREACH = table_of(Outreach)
_ROWS = _OUTREACH.c
_KNOWN = select(_ROWS.id, _ROWS.body_digest).where(_ROWS.client_id == bindparam("client_id"))
_ADD = insert(_OUTREACH)
_ADD_TEXT = insert(table_of(OutreachText))
_PERMIT = ("permit", "permit_nonce", "permit_not_before", "permit_expires_at", "permit_redeemed_at")
_ENTERED = (
    update(_OUTREACH)
    .where(_ROWS.id == bindparam("outreach"))
    .values(ledger_seq=bindparam("entry"), **{name: bindparam(f"its_{name}") for name in _PERMIT})
)
STATE_OF = {Decision.ALLOW: "permitted", Decision.REVIEW: "held", Decision.BLOCK: "blocked"}


@dataclass(frozen=True, slots=True)
class Gate:
    """What every submission of one process is decided with."""

    judge: Judge
    keys: PermitKeys
    settings: GateSettings


@dataclass(frozen=True, slots=True)
class Decided:
    """A submission with all that was decided about it, about to be written down."""

    submission: Submission
    actor: Actor
    case: Case
    message: Message
    inputs: bytes
    """All that the judge was given but the words, to be decided on again."""
    verdict: Verdict
    state: str
    at: datetime
    now: datetime


def submit(
    db: Database,
    judge: Judge,
    submission: Submission,
    actor: Actor,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
) -> Receipt:
    """Decide on one message, call or note, and record it.

    Raises:
        InvalidInput: the submission cannot be used; nothing is kept.
        Conflict: the id was used for another body.
        DBAPIError: the database failed; nothing is kept.
    """
    checked = check_submission(submission, settings)
    gate = Gate(judge, keys, settings)
    try:
        return db.run(lambda session: _submit(session, gate, checked, actor, now))
    except IntegrityError:
        # The same id for another debtor was committed while this one waited on no common lock.
        with db.read() as session:
            earlier = _earlier_answer(session, checked, actor)
        if earlier is None:
            raise
        return earlier


def digest_body(submission: Submission, actor: Actor) -> str:
    """SHA-256 of everything that makes two submissions the same, who submits included."""
    body = {
        "actor": actor.name,
        "debtor": submission.debtor,
        "contact_point": submission.contact_point,
        "account": submission.account,
        "channel": submission.channel,
        "text": submission.text,
        "lang": submission.lang,
        "visitors": submission.visitors,
        "send_at": submission.send_at.astimezone(UTC).isoformat() if submission.send_at else None,
    }
    if submission.line is not None:  # what was submitted before there were lines keeps its digest
        body["line"] = submission.line
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _submit(session: Session, gate: Gate, submission: Submission, actor: Actor, now: datetime) -> Receipt:
    debtor = lock_debtor(session, submission.debtor)
    earlier = _earlier_answer(session, submission, actor)
    if earlier is not None:
        return earlier
    decided = _decide(session, gate, submission, actor, _find_case(session, debtor, submission), now)
    outreach_id, row = _write(session, decided)
    permit = _follow_up(session, gate, outreach_id, row, decided)
    ledger_seq = _enter(session, row, permit, decided)
    values = {f"its_{name}": permit.get(name) for name in _PERMIT}
    session.execute(_ENTERED, {"outreach": outreach_id, "entry": ledger_seq, **values})
    if submission.channel == "note":
        flag_unrecorded(session, session.get_one(Outreach, outreach_id), now)
    verdict = decided.verdict
    return Receipt(
        id=submission.id,
        decision=verdict.decision,
        state=decided.state,
        findings=verdict.findings,
        suggestion=verdict.suggestion,
        permit=permit.get("permit"),
        next_allowed_at=verdict.next_allowed_at,
        remaining=dict(verdict.remaining),
        ledger_seq=ledger_seq,
    )


def _decide(session: Session, gate: Gate, submission: Submission, actor: Actor, case: Case, now: datetime) -> Decided:
    """Read the history and ask the judge. The debtor is locked."""
    at = check_send_at(submission.send_at, now, gate.settings)
    message = build_message(
        session,
        case,
        channel=submission.channel,
        text=submission.text,
        lang=submission.lang,
        at=at,
        settings=gate.settings,
    )
    facts = load_contact(
        session, case, at, now,
        trained_until=actor.trained_until, visitors=submission.visitors, line=submission.line,
    )  # fmt: skip
    verdict, state = settle(case, submission.channel, judge_safely(gate.judge, message, facts, at))
    return Decided(submission, actor, case, message, pack_inputs(message, facts, at), verdict, state, at, now)


def _earlier_answer(session: Session, submission: Submission, actor: Actor) -> Receipt | None:
    known = session.execute(_KNOWN, {"client_id": submission.id}).first()
    if known is None:
        return None
    if known.body_digest != digest_body(submission, actor):
        raise Conflict("这个编号已经用于另一条内容。", code="id_reused")
    return first_answer(session.get_one(Outreach, known.id), session.get(OutreachText, known.id))


def _find_case(session: Session, debtor: Debtor, submission: Submission) -> Case:
    point = None
    if submission.contact_point is not None:
        point = find_contact_point(session, debtor, submission.contact_point)
        if point.kind not in KINDS_OF_CHANNEL[submission.channel]:
            raise InvalidInput("这个联系方式不能用于该渠道。", code="wrong_kind", field="contact_point")
    return Case(debtor, find_account(session, debtor, submission.account), point)


def settle(case: Case, channel: str, verdict: Verdict) -> tuple[Verdict, str]:
    """The state that the verdict leads to. A note tells what has happened: it is never stopped."""
    if channel == "note":
        decision = min(verdict.decision, Decision.REVIEW, key=lambda decision: decision.rank)
        return replace(verdict, decision=decision), "recorded"
    if judge_failed(verdict):
        return verdict, "refused"
    verdict = hold_unknown_relation(case, verdict)
    return verdict, STATE_OF[verdict.decision]


def _write(session: Session, decided: Decided) -> tuple[int, dict[str, Any]]:
    """The row of the outreach with its id, and its words."""
    row = _row(decided)
    key = cast(Row[Any], session.connection().execute(_ADD, row).inserted_primary_key)
    outreach_id = int(key[0])
    verdict = decided.verdict
    words = {
        "outreach_id": outreach_id,
        "text": decided.submission.text,
        "suggestion": verdict.suggestion,
        "instead": [finding.instead for finding in verdict.findings],
        "inputs": decided.inputs,
    }
    session.execute(_ADD_TEXT, words)
    return outreach_id, row


def _row(decided: Decided) -> dict[str, Any]:
    submission, case, verdict = decided.submission, decided.case, decided.verdict
    text = submission.text
    return {
        "client_id": submission.id,
        "body_digest": digest_body(submission, decided.actor),
        "debtor_id": case.debtor.id,
        "account_id": case.account.id if case.account else None,
        "contact_point_id": case.contact_point.id if case.contact_point else None,
        "creditor_id": case.account.creditor_id if case.account else None,
        "channel": submission.channel,
        "audience": decided.message.audience,
        "stage": decided.message.stage,
        "lang": submission.lang,
        "collector": decided.actor.name,
        "trained_until": decided.actor.trained_until,
        "visitors": submission.visitors,
        "line": submission.line,
        "at": decided.at,
        "local_day": local_day(case.debtor, decided.at),
        "created_at": decided.now,
        "state": decided.state,
        "decision": verdict.decision.value,
        "text_digest": digest_text(text) if text else None,
        "masked": mask_text(text, (case.debtor.name,)) if text else None,
        "verdict": store_verdict(verdict),
        "answer": store_answer(verdict, decided.state),
        "pack_digest": verdict.digest,
        "tries": 0,
    }


def _follow_up(session: Session, gate: Gate, outreach_id: int, row: dict[str, Any], decided: Decided) -> dict[str, Any]:
    """The columns of the permit, where there is one; what is held waits for an officer."""
    point = decided.case.contact_point
    if decided.state == "permitted" and point is not None:
        digest = row["text_digest"]
        return permits.make(outreach_id, row["channel"], digest, point.value, gate.keys, decided.at, gate.settings)
    if decided.verdict.decision is Decision.REVIEW:
        session.add(Review(outreach_id=outreach_id, created_at=decided.now, state="waiting"))
    return {}


def _enter(session: Session, row: dict[str, Any], permit: dict[str, Any], decided: Decided) -> int:
    case, verdict = decided.case, decided.verdict
    body = {
        "debtor": case.debtor.ref,
        "account": case.account.account_no if case.account else None,
        "contact_point": case.contact_point.ref if case.contact_point else None,
        "channel": row["channel"],
        "audience": row["audience"],
        "stage": row["stage"],
        "at": decided.at.astimezone(UTC).isoformat(),
        "text": row["masked"],
        "text_digest": row["text_digest"],
        "inputs_digest": digest_inputs(decided.inputs),
        "decision": row["decision"],
        "state": row["state"],
        "findings": [[finding.rule, finding.category, finding.decision.value] for finding in verdict.findings],
        "pack": [verdict.pack, verdict.version, verdict.digest],
        "permit": permit.get("permit_nonce"),
    }
    subject = f"outreach:{decided.submission.id}"
    entry = ledger.append(
        session, at=decided.now, actor=decided.actor.name, kind="outreach:decided", subject=subject, body=body
    )
    return entry.seq
