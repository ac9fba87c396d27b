"""``dispatch_once``: permitted words leave here, and nowhere else.

Any number of dispatchers may run. For each outreach:

1. claim, in one transaction: lock the debtor; check the permit's signature against the words and the recipient as
   they are now; judge again at this minute; ``permitted`` → ``sending`` by compare-and-set, with who and when, the
   permit used, the slot moved to this minute, and a ledger entry. Who changed no row goes on to the next one;
2. deliver, outside any transaction, with a key that is the same at every try;
3. finish, in one transaction: ``sending`` → ``sent`` by compare-and-set on this very claim, and a ledger entry.

Killed before 1 commits: nothing happened. Killed after: the claim is in the table, and once it is older than
``LEASE`` it is settled: on a channel that accepts keys it is tried again, on any other it may have left, so that it
becomes ``failed`` for an officer to look at, and never goes twice. A delivery that comes back after that is
still written down.

An objection at step 1 that ends by itself (quiet hours, a counter) delays; one that needs a person holds; any other
refuses. A channel that is down delays with growing, jittered pauses, and renews the permit as long as it lasts. The
pause stands in the database (``next_try_at``): it outlives the process, and every dispatcher keeps it.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.gate import claims
from compliance.gate.channels import Channel, ChannelDown, InDoubt, Rejected, TryLater
from compliance.gate.channels.protocol import DeliveryFailed
from compliance.gate.claims import LEASE, Claim
from compliance.gate.models import SENDING, Outreach
from compliance.gate.permits import expire_permits
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import TEXT_CHANNELS
from compliance.judge import Judge
from compliance.sealing import SealingError

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 20
"""After so many tries (most of a day) a receiver that keeps putting this one message off has refused it."""


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """How many outreach came to what in one pass."""

    sent: int = 0
    deferred: int = 0
    held: int = 0
    refused: int = 0
    failed: int = 0
    recovered: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What one pass works with."""

    db: Database
    judge: Judge
    channels: Mapping[str, Channel]
    worker: str
    clock: Callable[[], datetime]
    keys: PermitKeys
    lease: timedelta
    jitter: Callable[[], float]


def dispatch_once(
    db: Database,
    judge: Judge,
    channels: Mapping[str, Channel],
    worker: str,
    now: datetime,
    keys: PermitKeys,
    *,
    limit: int = 20,
    clock: Callable[[], datetime] | None = None,
    lease: timedelta = LEASE,
    jitter: Callable[[], float] = random.random,
) -> DispatchReport:
    """One pass: settle dead claims, end permits that ran out, deliver what is due, oldest first.

    At most ``limit`` a channel. ``now`` is when the pass begins; ``clock`` tells the minute of each claim and
    delivery, since a slow receiver must not carry a pass into the night. Without it the pass stands at ``now``.
    ``worker`` names this process; after ``lease`` a claim of one that never came back is settled.

    Raises:
        DBAPIError: the database failed; what was claimed is settled after ``LEASE``.
    """
    wrong = sorted(set(channels) - set(TEXT_CHANNELS))
    if wrong:
        raise ValueError(f"only {', '.join(TEXT_CHANNELS)} are dispatched, not {', '.join(wrong)}")
    dispatcher = Dispatcher(db, judge, channels, worker, clock or (lambda: now), keys, lease, jitter)
    counts = Counter(_recover(dispatcher, now, limit))
    counts["expired"] = expire_permits(db, now)
    down: set[str] = set()
    for channel in channels:
        for outreach_id in _due(dispatcher, channel, now, limit):
            if channel not in down:
                counts[_dispatch(dispatcher, outreach_id, channel, down)] += 1
    return DispatchReport(**{name: counts[name] for name in DispatchReport.__dataclass_fields__})


def _due(dispatcher: Dispatcher, channel: str, now: datetime, limit: int) -> list[int]:
    query = (
        select(Outreach.id)
        .where(
            Outreach.state == "permitted",
            Outreach.channel == channel,
            Outreach.permit_not_before <= now,
            Outreach.permit_expires_at >= now,
            or_(Outreach.next_try_at.is_(None), Outreach.next_try_at <= now),
        )
        .order_by(Outreach.at, Outreach.id)
        .limit(limit)
    )
    with dispatcher.db.read() as session:
        return list(session.scalars(query))


def _dispatch(dispatcher: Dispatcher, outreach_id: int, channel: str, down: set[str]) -> str:
    d = dispatcher
    began = d.clock()
    try:
        claim = d.db.run(lambda session: claims.claim(session, d.judge, d.keys, outreach_id, d.worker, began))
    except SealingError as error:  # it waits, for the key to be there again or for somebody to look; the others go on
        log.error("outreach %s cannot be read: %s", outreach_id, error)
        return claims.SKIPPED
    if isinstance(claim, str):
        return claim
    try:
        reference = d.channels[channel].deliver(claim.delivery)
    except DeliveryFailed as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - an adapter's own fault must not lose the claim, nor send it twice
        log.error("channel %s failed: %s", channel, type(error).__name__)
        failure = InDoubt(f"渠道程序出错（{type(error).__name__}）")
    else:
        now = d.clock()
        return d.db.run(lambda session: claims.finish(session, claim, reference, now))
    if isinstance(failure, ChannelDown | InDoubt):
        down.add(channel)
    now = d.clock()
    return d.db.run(lambda session: _settle(session, d, claim, failure, now))


def _settle(session: Session, dispatcher: Dispatcher, claim: Claim, failure: DeliveryFailed, now: datetime) -> str:
    keyed = dispatcher.channels[claim.delivery.channel].accepts_keys
    if _is_final(failure, claim, keyed):
        return claims.fail(session, claim, failure.reason, now)
    pause = max(_pause(claim.tries, dispatcher.jitter), failure.retry_after or timedelta(0))
    return claims.put_back(session, dispatcher.keys, claim, failure.reason, now, now + pause)


def _is_final(failure: DeliveryFailed, claim: Claim, keyed: bool) -> bool:
    match failure:
        case Rejected():
            return True
        case InDoubt():
            return not keyed
        case TryLater():
            return claim.tries >= MOST_TRIES
    return False  # the channel is down: that is not the message's fault, however long it lasts


def _pause(tries: int, jitter: Callable[[], float]) -> timedelta:
    """Doubles with each try up to ``LONGEST_PAUSE``; between half of it and the whole, so that tries spread."""
    full: timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries - 1, 10))
    return full * (0.5 + 0.5 * jitter())


def _recover(dispatcher: Dispatcher, now: datetime, limit: int) -> list[str]:
    """Settle the claims of dispatchers that never came back."""
    query = (
        select(Outreach.id, Outreach.channel)
        .where(
            Outreach.state == SENDING,
            Outreach.channel.in_(list(dispatcher.channels)),
            Outreach.claimed_at.is_not(None),
            Outreach.claimed_at < now - dispatcher.lease,
        )
        .order_by(Outreach.claimed_at)
        .limit(limit)
    )
    with dispatcher.db.read() as session:
        stale = [(row.id, row.channel) for row in session.execute(query)]
    return [_recover_one(dispatcher, outreach_id, channel, now) for outreach_id, channel in stale]


def _recover_one(dispatcher: Dispatcher, outreach_id: int, channel: str, now: datetime) -> str:
    keyed = dispatcher.channels[channel].accepts_keys
    return dispatcher.db.run(
        lambda session: claims.settle_stale(session, dispatcher.keys, outreach_id, keyed, now, dispatcher.lease)
    )
