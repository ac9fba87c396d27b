"""Sampling: a share of what was allowed goes to officers after the fact.

Chance decides, and can be repeated: an outreach is drawn where an HMAC of its id, under a secret of the house, falls
below the share. Nobody who chooses ids can choose not to be drawn, and the same day drawn again is the same sample.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import mask_text
from compliance.database import Database
from compliance.gate.checking import check_reason
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge.types import InvalidInput
from compliance.review.models import OPINIONS, Opinion, Sample
from compliance.review.queue import LEASE, enter, require_officer

SECOND = 0.25
"""House policy: the share of a sample at which two officers look, each without the other's word."""
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw came to: how many were allowed that day, how many of them are in the sample, how many are new."""

    population: int
    sampled: int
    fresh: int


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One sample as an officer sees it; ``own`` is their word, where they have given it."""

    sample: Sample
    outreach: Outreach
    text: str | None
    own: Opinion | None


def is_drawn(secret: str, client_id: str, share: float, purpose: str = "sample") -> bool:
    """Whether chance takes this id at a share from 0 to 1; for every purpose on its own."""
    seal = hmac.new(secret.encode(), f"{purpose}\0{client_id}".encode(), hashlib.sha256).digest()
    return int.from_bytes(seal[:8], "big") < share * 2**64


def draw(db: Database, secret: str, day: date, today: date, share: float, officer: Actor, now: datetime) -> Drawn:
    """Draw the sample of a past local day; again is the same sample, with nothing new.

    Raises:
        Forbidden: not an officer.
        InvalidInput: the day is not over.
    """
    require_officer(officer)
    if day >= today:
        raise InvalidInput("只能抽取已经过去的日子。", code="not_over", field="day")
    return db.run(lambda session: _draw(session, secret, day, share, officer, now))


def take_sample(db: Database, officer: Actor, now: datetime) -> int | None:
    """The sample this officer looks at next, theirs until ``LEASE`` has passed; ``None`` where there is none.

    Raises:
        Forbidden: not an officer.
    """
    require_officer(officer)
    return db.run(lambda session: _take(session, officer, now))


def open_sample(session: Session, sample_id: int, officer: Actor) -> SampleItem:
    """One sample. Raises ``InvalidInput`` where there is none, ``Forbidden`` for anybody but an officer."""
    require_officer(officer)
    sample = session.get(Sample, sample_id)
    if sample is None:
        raise InvalidInput("没有这条抽样。", code="not_found", field="id")
    outreach = session.get_one(Outreach, sample.outreach_id)
    words = session.get(OutreachText, outreach.id)
    return SampleItem(sample, outreach, words.text if words else None, _opinion_of(session, sample_id, officer))


def give_opinion(db: Database, sample_id: int, decision: str, reason: str, officer: Actor, now: datetime) -> None:
    """What the verdict should have been; a reason is needed where it should not have been allowed.

    Raises:
        InvalidInput: no such sample or decision, or no reason.
        Forbidden: not an officer, or the author.
        Conflict: this officer has not taken it, or has given their word.
    """
    require_officer(officer)
    if decision not in OPINIONS:
        raise InvalidInput("请选择结论。", code="unknown_decision", field="decision")
    plain = check_reason(reason) if decision != "allow" or reason.strip() else None
    db.run(lambda session: _give(session, sample_id, decision, plain, officer, now))


def count_waiting(session: Session, officer: Actor, now: datetime) -> int:
    """How many samples this officer could take now."""
    return session.scalar(select(func.count()).select_from(_takeable(officer, now).subquery())) or 0


def _draw(session: Session, secret: str, day: date, share: float, officer: Actor, now: datetime) -> Drawn:
    allowed = session.execute(
        select(Outreach.id, Outreach.client_id)
        .where(Outreach.local_day == day, Outreach.decision == "allow", Outreach.channel != "note")
        .execution_options(yield_per=_BATCH)
    )
    population, chosen = 0, {}
    for outreach_id, client_id in allowed:
        population += 1
        if is_drawn(secret, client_id, share):
            chosen[outreach_id] = 2 if is_drawn(secret, client_id, SECOND, "second") else 1
    there = set(session.scalars(select(Sample.outreach_id).where(Sample.day == day)))
    fresh = {outreach_id: wanted for outreach_id, wanted in chosen.items() if outreach_id not in there}
    session.add_all(
        Sample(outreach_id=outreach_id, day=day, drawn_at=now, wanted=wanted, given=0)
        for outreach_id, wanted in fresh.items()
    )
    drawn = Drawn(population, len(there) + len(fresh), len(fresh))
    body = {"day": day.isoformat(), "share": str(share), "population": population, "fresh": len(fresh)}
    ledger.append(session, at=now, actor=officer.name, kind="sample:drawn", subject=f"sample:{day}", body=body)
    return drawn


def _take(session: Session, officer: Actor, now: datetime) -> int | None:
    held = session.scalar(
        select(Opinion.sample_id).where(
            Opinion.officer == officer.name, Opinion.decision.is_(None), Opinion.taken_at >= now - LEASE
        )
    )
    if held is not None:
        return held
    sample_id = _lock_next(session, officer, now)
    if sample_id is None:
        return None
    opinion = _opinion_of(session, sample_id, officer)
    if opinion is None:
        session.add(Opinion(sample_id=sample_id, officer=officer.name, taken_at=now))
    else:
        opinion.taken_at = now
    return sample_id


def _lock_next(session: Session, officer: Actor, now: datetime) -> int | None:
    """PostgreSQL passes over what another officer is taking at this very moment, and asks again under the lock: who
    else looks was read before it. SQLite has one writer."""
    takeable = _takeable(officer, now)
    while (sample_id := session.scalar(takeable.limit(1).with_for_update(skip_locked=True, of=Sample))) is not None:
        if session.scalar(takeable.where(Sample.id == sample_id)) is not None:
            return sample_id
    return None


def _takeable(officer: Actor, now: datetime) -> Select[int]:
    live = (
        select(func.count())
        .select_from(Opinion)
        .where(
            Opinion.sample_id == Sample.id,
            Opinion.officer != officer.name,
            Opinion.decision.is_(None),
            Opinion.taken_at >= now - LEASE,
        )
        .correlate(Sample)
        .scalar_subquery()
    )
    given = exists().where(
        and_(Opinion.sample_id == Sample.id, Opinion.officer == officer.name, Opinion.decision.is_not(None))
    )
    return (
        select(Sample.id)
        .join(Outreach, Outreach.id == Sample.outreach_id)
        .where(Sample.given + live < Sample.wanted, ~given, Outreach.collector != officer.name)
        .order_by(Sample.day, Sample.id)
    )


def _give(session: Session, sample_id: int, decision: str, reason: str | None, officer: Actor, now: datetime) -> None:
    sample = session.get(Sample, sample_id, with_for_update=True)
    if sample is None:
        raise InvalidInput("没有这条抽样。", code="not_found", field="id")
    outreach = session.get_one(Outreach, sample.outreach_id)
    if outreach.collector == officer.name:
        raise Forbidden("不能抽查自己提交的内容。", code="own_submission")
    opinion = _opinion_of(session, sample_id, officer)
    if opinion is None or opinion.decision is not None or sample.given >= sample.wanted:
        raise Conflict("这条抽样不在您手上，或已经给出结论。", code="not_yours")
    opinion.decision, opinion.reason, opinion.given_at = decision, reason, now
    sample.given += 1
    body: dict[str, object] = {"decision": decision, "reason": mask_text(reason or "")}
    enter(session, outreach, "sample:opinion", officer, now, body)


def _opinion_of(session: Session, sample_id: int, officer: Actor) -> Opinion | None:
    return session.scalar(select(Opinion).where(Opinion.sample_id == sample_id, Opinion.officer == officer.name))
