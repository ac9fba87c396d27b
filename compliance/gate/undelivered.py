"""What a dispatcher gave up on: shown to an officer, who has it tried again or says what became of it.

``failed`` means that it may have left: the receiver refused it for good, or a try ended in doubt on a channel that
does not promise to deliver a key once. Its slot stays taken. Nothing is tried again by itself, since that could
reach the debtor twice; an officer who has looked may decide so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from compliance import ledger
from compliance.database import Database
from compliance.gate.models import FAILED, Outreach
from compliance.gate.permits import renew
from compliance.gate.rows import change, lock_outreach
from compliance.gate.tokens import BadPermit, PermitKeys, read
from compliance.gate.types import TEXT_CHANNELS, Actor, Conflict, Recorded


def undelivered(session: Session, limit: int = 100) -> list[Outreach]:
    """Messages that were given up and that nobody has settled, oldest first, with debtor and contact point."""
    query = (
        select(Outreach)
        .where(Outreach.state == FAILED, Outreach.outcome.is_(None), Outreach.channel.in_(TEXT_CHANNELS))
        .options(joinedload(Outreach.debtor), joinedload(Outreach.contact_point))
        .order_by(Outreach.at, Outreach.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def try_again(db: Database, outreach_id: int, actor: Actor, now: datetime, *, keys: PermitKeys) -> Recorded:
    """Back to ``permitted`` with a fresh permit for the same words and recipient. It is judged again when it is sent,
    and goes with the same idempotency key as before.

    Raises:
        InvalidInput: there is no such outreach.
        Conflict: it was not given up, is settled, or its permit was signed with a key that is no longer accepted.
    """
    return db.run(lambda session: _try_again(session, outreach_id, actor, now, keys))


def settle(db: Database, outreach_id: int, arrived: bool, actor: Actor, now: datetime) -> Recorded:
    """Write down what an officer found out: whether the message reached its recipient after all.

    Raises:
        InvalidInput: there is no such outreach.
        Conflict: it was not given up, or is settled.
    """
    return db.run(lambda session: _settle(session, outreach_id, arrived, actor, now))


def _try_again(session: Session, outreach_id: int, actor: Actor, now: datetime, keys: PermitKeys) -> Recorded:
    outreach = _given_up(session, outreach_id)
    try:
        permit = read(outreach.permit or "", keys)
    except BadPermit as error:
        raise Conflict("签发该许可的密钥已停用，请重新提交这条消息。", code="retired_key") from error
    # Who claimed it last is kept: a dispatcher that comes back late may still write down that it has left.
    change(session, outreach, "failed", state="permitted", next_try_at=None)
    renew(outreach, permit, keys, now)
    body = {"reason": outreach.last_error, "permit": outreach.permit_nonce}
    return _enter(session, outreach, "outreach:retried", body, actor, now)


def _settle(session: Session, outreach_id: int, arrived: bool, actor: Actor, now: datetime) -> Recorded:
    outreach = _given_up(session, outreach_id)
    outcome, state = ("delivered", "sent") if arrived else ("undelivered", "failed")
    change(session, outreach, "failed", state=state, outcome=outcome, outcome_at=now)
    body = {"outcome": outcome, "at": now.isoformat(), "before": "failed", "state": state}
    return _enter(session, outreach, "outreach:outcome", body, actor, now)


def _given_up(session: Session, outreach_id: int) -> Outreach:
    _, outreach = lock_outreach(session, outreach_id)
    if outreach.state != "failed" or outreach.outcome is not None or outreach.channel not in TEXT_CHANNELS:
        raise Conflict("这条消息不在未送达之列，可能已有人处理。", code="not_failed")
    return outreach


def _enter(
    session: Session, outreach: Outreach, kind: str, body: Mapping[str, object], actor: Actor, now: datetime
) -> Recorded:
    subject = f"outreach:{outreach.client_id}"
    entry = ledger.append(session, at=now, actor=actor.name, kind=kind, subject=subject, body=body)
    return Recorded(outreach.client_id, outreach.state, entry.seq, outreach.outcome)
