"""The transactions of a dispatcher on one outreach: claim, finish, fail, put back, settle a stale claim.

Each returns what it came to, in the words of ``DispatchReport``; ``skipped`` where somebody else was first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Debtor
from compliance.gate.channels.protocol import Delivery
from compliance.gate.models import Outreach, Review
from compliance.gate.permits import EXPIRED, TOO_EARLY, refusal, renew
from compliance.gate.record import append_findings
from compliance.gate.rows import change, lock_outreach, recipient_of, text_of
from compliance.gate.screening import Again, judge_again, judge_failed, local_day
from compliance.gate.tokens import BadPermit, Permit, PermitKeys, RetiredKey, digest_recipient, digest_text, read
from compliance.judge import Judge
from compliance.judge.types import Decision

LEASE = timedelta(minutes=10)
"""After this long a claim is taken for dead, unless an operator says otherwise; far longer than any time-out."""
SKIPPED = "skipped"
CHANGED = "许可与内容或收件人不符"
RETIRED = "签发许可的密钥已停用，须重新提交"
UNKNOWN = "发送程序中断，可能已经送达，不再自动重发"


@dataclass(frozen=True, slots=True)
class Claim:
    """An outreach that this dispatcher alone may deliver."""

    outreach: int
    worker: str
    at: datetime
    tries: int
    delivery: Delivery


def delivery_key(client_id: str) -> str:
    """The idempotency key of an outreach: the same at every try and after a restore from a backup."""
    return hashlib.sha256(f"zhengyan outreach {client_id}".encode()).hexdigest()[:40]


def claim(
    session: Session, judge: Judge, keys: PermitKeys, outreach_id: int, worker: str, now: datetime
) -> Claim | str:
    """Claim an outreach for delivery, its permit used; or what it came to instead."""
    debtor, outreach = lock_outreach(session, outreach_id)
    if outreach.state != "permitted" or (outreach.next_try_at is not None and outreach.next_try_at > now):
        return SKIPPED
    words, recipient = text_of(session, outreach), recipient_of(session, outreach)
    text = words.text if words else None
    if text is None or recipient is None:
        return _stop(session, outreach, "内容或收件人已删除", now)
    try:
        permit = read(outreach.permit or "", keys)
    except BadPermit as error:
        return _stop(session, outreach, _why(error), now)
    if (permit.outreach, permit.nonce) != (outreach.id, outreach.permit_nonce):
        return _stop(session, outreach, CHANGED, now)
    objection = refusal(outreach, permit, (digest_text(text), digest_recipient(recipient, outreach.channel)), now)
    if objection in (EXPIRED, TOO_EARLY):
        return SKIPPED
    if objection is not None:
        return _stop(session, outreach, CHANGED, now)
    again = judge_again(session, judge, debtor, outreach, now)
    if again.decision is not Decision.ALLOW:
        return _object(session, outreach, again, now)
    delivery = Delivery(delivery_key(outreach.client_id), outreach.channel, recipient, text, now)
    return _take(session, debtor, outreach, worker, delivery, now)


def finish(session: Session, done: Claim, reference: str, now: datetime) -> str:
    """Write down that it left. Also when the claim had been taken for dead, and even where an officer has it tried
    again but nobody has begun: what has left has left, and does not go twice.
    """
    _, outreach = lock_outreach(session, done.outreach)
    before = outreach.state
    if not _is_ours(outreach, done) or before not in ("sending", "failed", "permitted"):
        return SKIPPED
    change(session, outreach, before, state="sent", delivered_at=now, last_error=None)
    _enter(
        session, outreach, "outreach:sent", {"key": done.delivery.key, "reference": reference, "before": before}, now
    )
    return "sent"


def fail(session: Session, done: Claim, reason: str, now: datetime) -> str:
    """Give up on it, for an officer to look at."""
    _, outreach = lock_outreach(session, done.outreach)
    if not _is_ours(outreach, done) or not change(session, outreach, "sending", state="failed", last_error=reason):
        return SKIPPED
    _enter(session, outreach, "outreach:failed", {"reason": reason}, now)
    return "failed"


def put_back(session: Session, keys: PermitKeys, done: Claim, reason: str, now: datetime, next_try_at: datetime) -> str:
    """Back to ``permitted``, to be tried again, with a permit that outlasts the pause."""
    _, outreach = lock_outreach(session, done.outreach)
    if outreach.state != "sending" or not _is_ours(outreach, done):
        return SKIPPED
    return _requeue(session, outreach, keys, reason, now, next_try_at, "deferred")


def settle_stale(
    session: Session, keys: PermitKeys, outreach_id: int, keyed: bool, now: datetime, lease: timedelta = LEASE
) -> str:
    """A claim older than ``lease``: again where the channel accepts keys, else ``failed``."""
    _, outreach = lock_outreach(session, outreach_id)
    if outreach.state != "sending" or outreach.claimed_at is None or outreach.claimed_at >= now - lease:
        return SKIPPED
    if keyed:
        return _requeue(session, outreach, keys, UNKNOWN, now, now, "recovered")
    change(session, outreach, "sending", state="failed", last_error=UNKNOWN)
    _enter(session, outreach, "outreach:failed", {"reason": UNKNOWN}, now)
    return "failed"


def _take(
    session: Session, debtor: Debtor, outreach: Outreach, worker: str, delivery: Delivery, now: datetime
) -> Claim | str:
    taken = change(
        session, outreach, "permitted",
        state="sending",
        claimed_by=worker,
        claimed_at=now,
        permit_redeemed_at=now,
        tries=outreach.tries + 1,
        next_try_at=None,
        at=now,
        local_day=local_day(debtor, now),
    )  # fmt: skip
    if not taken:
        return SKIPPED
    body = {"permit": outreach.permit_nonce, "key": delivery.key, "worker": worker, "try": outreach.tries}
    _enter(session, outreach, "outreach:sending", body, now)
    return Claim(outreach.id, worker, now, outreach.tries, delivery)


def _object(session: Session, outreach: Outreach, again: Again, now: datetime) -> str:
    """An objection at this minute: wait for its end, hold for an officer, or refuse."""
    verdict = again.verdict
    if again.decision is Decision.REVIEW:
        return _hold(session, outreach, again, now)
    rules = [finding.rule for finding in verdict.findings if finding.decision is Decision.BLOCK]
    if verdict.next_allowed_at is not None and not judge_failed(verdict):
        change(session, outreach, "permitted", next_try_at=max(verdict.next_allowed_at, now + timedelta(minutes=1)))
        until = verdict.next_allowed_at.isoformat()
        _enter(session, outreach, "outreach:deferred", {"findings": rules, "until": until}, now)
        return "deferred"
    return _stop(session, outreach, "发送前再次审核未通过：" + "、".join(rules), now)


def _hold(session: Session, outreach: Outreach, again: Again, now: datetime) -> str:
    change(session, outreach, "permitted", state="held")
    append_findings(outreach, text_of(session, outreach), again.fresh)
    item = session.scalar(select(Review).where(Review.outreach_id == outreach.id))
    if item is None:
        item = Review(outreach_id=outreach.id)
        session.add(item)
    item.created_at, item.state, item.officer = now, "waiting", None
    item.taken_at = item.decided_at = item.seen_at = item.reason = None
    _enter(session, outreach, "outreach:held", {"findings": [finding.rule for finding in again.fresh]}, now)
    return "held"


def _stop(session: Session, outreach: Outreach, reason: str, now: datetime) -> str:
    """Refused for good. What was once claimed may have left: it keeps its slot as ``failed``."""
    state = "failed" if outreach.tries else "refused"
    change(session, outreach, "permitted", state=state, last_error=reason)
    _enter(session, outreach, f"outreach:{state}", {"reason": reason}, now)
    return state


def _requeue(
    session: Session,
    outreach: Outreach,
    keys: PermitKeys,
    reason: str,
    now: datetime,
    next_try_at: datetime,
    came_to: str,
) -> str:
    try:
        permit: Permit = read(outreach.permit or "", keys)
    except BadPermit as error:
        change(session, outreach, "sending", state="failed", last_error=_why(error))
        _enter(session, outreach, "outreach:failed", {"reason": _why(error)}, now)
        return "failed"
    change(
        session, outreach, "sending", state="permitted", last_error=reason, next_try_at=next_try_at, claimed_at=None,
        claimed_by=None,
    )  # fmt: skip
    renew(outreach, permit, keys, now)
    body = {"reason": reason, "until": next_try_at.isoformat(), "permit": outreach.permit_nonce}
    _enter(session, outreach, f"outreach:{came_to}", body, now)
    return came_to


def _why(error: BadPermit) -> str:
    return RETIRED if isinstance(error, RetiredKey) else CHANGED


def _is_ours(outreach: Outreach, done: Claim) -> bool:
    return (outreach.claimed_by, outreach.claimed_at, outreach.tries) == (done.worker, done.at, done.tries)


def _enter(session: Session, outreach: Outreach, kind: str, body: Mapping[str, object], now: datetime) -> None:
    subject = f"outreach:{outreach.client_id}"
    ledger.append(session, at=now, actor="system", kind=kind, subject=subject, body=body)
