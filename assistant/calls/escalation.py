"""A sign of self-harm: contact is suspended in the transaction that hears it, and an officer gets it at once.

The flag on the debtor is a fact that the contact policy blocks on (CN-VUL-07), whoever wants to make contact next.
Nothing here lifts it again: a person must.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.models import Call
from assistant.calls.reading import load_case
from assistant.intents import Heard
from compliance import gate, ledger
from compliance.casebook import lock_debtor
from compliance.casebook.models import Debtor
from compliance.gate.types import Actor

HELPLINE = "12356"
"""The national line for psychological help."""
FLAG = "self_harm"
_NOTE = "通话 {ref}：客户流露轻生念头，有自伤风险，已停止谈还款并告知援助热线 {line}，转合规专员立即接手。"


def is_sign(heard: Heard) -> bool:
    """Whether words carry a sign of self-harm. Any score counts: to have stopped once too often harms nobody."""
    return any(intent == FLAG for intent, _ in heard.intents)


def suspend(session: Session, call: Call, seq: int, now: datetime) -> None:
    """Flag the debtor, once a call. The caller holds the call's lock."""
    if call.escalated_at is not None:
        return
    call.escalated_at = now
    debtor = lock_debtor(session, session.get_one(Debtor, call.debtor_id).ref)
    flags = debtor.vulnerable.split()
    if FLAG not in flags:
        debtor.vulnerable = " ".join([*flags, FLAG])
    session.flush()
    body: dict[str, object] = {"debtor": debtor.ref, "turn": seq, "contact": "suspended"}
    ledger.append(session, at=now, actor=call.collector, kind="call:escalated", subject=f"call:{call.ref}", body=body)


def hand_over(desk: Desk, ref: str, now: datetime) -> None:
    """Put the call before the officers: a note that the judge flags lands in their queue. Once a call."""
    with desk.db.read() as session:
        case = load_case(session, ref)
        submission = gate.Submission(
            id=f"{ref}-handover",
            debtor=case.debtor.ref,
            channel="note",
            text=_NOTE.format(ref=ref, line=HELPLINE),
            account=case.account.account_no if case.account else None,
        )
        collector = case.call.collector
    gate.submit(desk.db, desk.judge, submission, Actor(collector), now, keys=desk.keys)
