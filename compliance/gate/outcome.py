"""What came of an outreach. Until it is known, a dial counts as the worst case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.checking import CLOCK_SKEW, check_aware
from compliance.gate.models import Outreach
from compliance.gate.rows import change, find_outreach, lock_outreach
from compliance.gate.screening import local_day
from compliance.gate.types import TEXT_CHANNELS, Actor, Conflict, Recorded
from compliance.judge.facts import OUTCOMES
from compliance.judge.types import InvalidInput, check_code

TEXT_OUTCOMES = ("delivered", "undelivered", "refused", "invalid_number", "wrong_number")
LEFT = ("permitted", "sending", "sent", "expired")
"""States in which something may have left. A call dialled on a permit that ran out meanwhile has still happened,
and takes its slot again."""

NOT_MADE = "not_made"
"""Nobody went: what may be said of a visit besides its sheet (``compliance.gate.visits``)."""
ALL_OUTCOMES = (*OUTCOMES, NOT_MADE)
NEVER = ("blocked", "refused", "returned")
"""States from which nothing should ever leave."""


def record_outcome(
    db: Database, outreach_id: str, outcome: str, at: datetime | None, actor: Actor, now: datetime
) -> Recorded:
    """Write down what came of an outreach, known by the sender's id. The same outcome twice is one outcome.

    Raises:
        InvalidInput: unknown outreach or outcome, or an instant that cannot be.
        Conflict: nothing left, or another outcome is written down already: it would free a slot that was used.
    """
    check_aware(at, "at")
    return db.run(lambda session: file_outcome(session, outreach_id, outcome, at or now, actor, now))


def record_unpermitted(db: Database, outreach_id: str, at: datetime, actor: Actor, now: datetime) -> bool:
    """Write down that a dial which the gate had refused was made all the same: from ``at`` it counts like any other.

    Returns: whether it was refused; what waits for an officer counts already, and what was permitted needs no word.

    Raises:
        InvalidInput: unknown outreach, or ``at`` without offset.
    """
    check_aware(at, "at")
    return db.run(lambda session: _record_unpermitted(session, outreach_id, at, actor, now))


def _record_unpermitted(session: Session, client_id: str, at: datetime, actor: Actor, now: datetime) -> bool:
    debtor, outreach = lock_outreach(session, find_outreach(session, client_id))
    was = outreach.state
    if outreach.channel != "call" or was not in NEVER:
        return False
    if not change(session, outreach, was, state="sent", at=at, local_day=local_day(debtor, at)):
        raise Conflict("这条触达刚刚被别处改动，请重试。", code="changed")
    body = {"at": at.isoformat(), "before": was, "state": outreach.state}
    ledger.append(
        session, at=now, actor=actor.name, kind="outreach:unpermitted", subject=f"outreach:{client_id}", body=body
    )
    return True


def file_outcome(session: Session, client_id: str, outcome: str, at: datetime, actor: Actor, now: datetime) -> Recorded:
    """As ``record_outcome``, in a transaction that writes more than that."""
    debtor, outreach = lock_outreach(session, find_outreach(session, client_id))
    if is_filed(outreach, outcome, at, now):
        return Recorded(client_id, outreach.state, outreach.ledger_seq or 0, outcome)
    return settle_outcome(session, debtor, outreach, outcome, at, actor, now)


def is_filed(outreach: Outreach, outcome: str, at: datetime, now: datetime) -> bool:
    """Whether this very outcome is written down already. Raises as ``record_outcome`` where it cannot be."""
    check_code(outcome, ALL_OUTCOMES, "结果", code="unknown_outcome", field="outcome")
    if outreach.outcome == outcome:
        return True
    _check_channel(outreach, outcome)
    _check(outreach, outcome, at, now)
    return False


def settle_outcome(
    session: Session, debtor: Debtor, outreach: Outreach, outcome: str, at: datetime, actor: Actor, now: datetime
) -> Recorded:
    """Write down what came of an outreach whose debtor is locked. Raises as ``record_outcome``."""
    _check(outreach, outcome, at, now)
    was = outreach.state
    values: dict[str, object] = {"outcome": outcome, "outcome_at": at, "state": _state_after(outreach, outcome)}
    if outreach.permit_redeemed_at is None and outcome != NOT_MADE:
        values |= {"at": at, "local_day": local_day(debtor, at), "permit_redeemed_at": now}
    if not change(session, outreach, was, **values):
        raise Conflict("这条触达刚刚被别处改动，请重试。", code="changed")
    body = {"outcome": outcome, "at": at.isoformat(), "before": was, "state": outreach.state}
    entry = ledger.append(
        session, at=now, actor=actor.name, kind="outreach:outcome", subject=f"outreach:{outreach.client_id}", body=body
    )
    return Recorded(outreach.client_id, outreach.state, entry.seq, outcome)


def _check_channel(outreach: Outreach, outcome: str) -> None:
    """A visit that was made is told of by its sheet, which says what came of it."""
    if outreach.channel == "visit" and outcome != NOT_MADE:
        raise Conflict("外访的结果须填写外访记录表。", code="sheet_missing")
    if outreach.channel != "visit" and outcome == NOT_MADE:
        raise InvalidInput("这个结果只适用于外访。", code="wrong_outcome", field="outcome")
    if outcome == NOT_MADE and outreach.permit_redeemed_at is not None:
        raise Conflict("许可已经核销，不能登记为没有成行。", code="redeemed")


def _check(outreach: Outreach, outcome: str, at: datetime, now: datetime) -> None:
    if outreach.channel == "note" or outreach.state not in LEFT:
        raise Conflict("这条触达没有发出，不能登记结果。", code="not_sent")
    if outreach.outcome is not None:
        raise Conflict("结果已经登记，不能改写。", code="outcome_known")
    if outreach.channel in TEXT_CHANNELS and outcome not in TEXT_OUTCOMES:
        raise InvalidInput("这个结果不适用于文字渠道。", code="wrong_outcome", field="outcome")
    if outreach.channel in TEXT_CHANNELS and outreach.permit_redeemed_at is None:
        raise Conflict("这条消息还没有发出，不能登记结果。", code="not_sent")
    earliest = outreach.permit_redeemed_at or outreach.created_at
    if not earliest - CLOCK_SKEW <= at <= now + CLOCK_SKEW:
        raise InvalidInput("结果时间不能早于联系，也不能在将来。", code="impossible_time", field="at")


def _state_after(outreach: Outreach, outcome: str) -> str:
    if outcome == NOT_MADE:
        return "expired"  # nobody went: the slot is free again
    return "failed" if outreach.channel in TEXT_CHANNELS and outcome == "undelivered" else "sent"
