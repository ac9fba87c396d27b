"""Rights that were heard: noted once a call, entered in the ledger, recorded as requests when the collector says so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.invoked import invoked
from assistant.calls.models import Call, CallRight, CallTurn
from assistant.calls.reading import load_case, lock_call
from compliance import ledger, rights
from compliance.casebook import mask_text
from compliance.gate.types import Actor

_QUOTED = 200
"""Characters of the debtor's words that stand in the evidence of a request."""


def note_rights(session: Session, call: Call, turn: CallTurn, now: datetime) -> None:
    """Note the rights that a final turn of the debtor invokes for the first time in the call, which is locked."""
    if turn.speaker != "debtor":
        return
    for type in invoked(turn.text or "", (intent for intent, _ in turn.intents)):
        if _noted(session, call, type) is not None:
            continue
        right = CallRight(call_id=call.id, type=type, seq=turn.seq, heard_at=turn.at, revision=call.revision)
        session.add(right)
        session.flush()
        body: dict[str, object] = {"type": type, "turn": turn.seq}
        ledger.append(
            session, at=now, actor=call.collector, kind="call:right_heard", subject=f"call:{call.ref}", body=body
        )


def record_right(desk: Desk, ref: str, type: str, actor: Actor, now: datetime) -> str:
    """Record a right as a request of the debtor, once a call; the request's reference.

    Raises:
        InvalidInput: no such call, or a type that is no request.
    """
    recorded = desk.db.run(lambda session: record_in(session, desk, lock_call(session, ref), type, actor, now))
    desk.bell.ring(ref)
    return recorded


def record_in(session: Session, desk: Desk, call: Call, type: str, actor: Actor, now: datetime) -> str:
    """As ``record_right``, in the caller's transaction, which holds the call's lock."""
    right = _noted(session, call, type)
    if right is not None and right.request_ref is not None:
        return right.request_ref
    case = load_case(session, call.ref)
    heard_at = min(right.heard_at, now) if right else now
    request = rights.receive_request(
        session,
        debtor_id=call.debtor_id,
        account_id=call.account_id,
        type=type,
        channel="call",
        evidence=_evidence(session, call, right, case.debtor.name),
        source=f"call:{call.ref}",
        at=heard_at,
        actor=actor.name,
        now=now,
        policy=desk.judge.policy,
    )
    call.revision += 1
    if right is None:
        right = CallRight(call_id=call.id, type=type, heard_at=now, revision=call.revision)
        session.add(right)
    right.request_ref, right.revision = request.ref, call.revision
    desk.bell.announce(session, call.ref)
    return request.ref


def _noted(session: Session, call: Call, type: str) -> CallRight | None:
    return session.scalar(select(CallRight).where(CallRight.call_id == call.id, CallRight.type == type))


def _evidence(session: Session, call: Call, right: CallRight | None, name: str) -> str:
    """The call, the turn and the debtor's own words, masked."""
    if right is None or right.seq is None:
        return f"通话 {call.ref}"
    query = select(CallTurn.text).where(CallTurn.call_id == call.id, CallTurn.seq == right.seq)
    words = mask_text(session.scalar(query) or "", (name,))[:_QUOTED]
    return f"通话 {call.ref} 第 {right.seq} 轮：“{words}”"
