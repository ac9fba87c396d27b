"""What the author of a held message or flagged note is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.types import Actor, Forbidden
from compliance.review.models import FindingDecision, Review
from compliance.review.queue import DecidedFinding, unknown_review

DECIDED = ("released", "returned", "refused", "noted")


@dataclass(frozen=True, slots=True)
class Answer:
    """An officer's answer. ``permit`` is there while a released call can be dialled."""

    review: int
    outreach: str
    state: str
    """``released`` ``returned`` ``refused`` ``noted``."""
    reason: str | None
    officer: str | None
    decided_at: datetime
    seen_at: datetime | None
    channel: str
    masked: str | None
    permit: str | None
    decisions: tuple[DecidedFinding, ...]


def answers_for(session: Session, collector: str, *, unseen_only: bool = False, limit: int = 50) -> list[Answer]:
    """The answers to a collector's submissions, newest first; ``collector`` is a login name."""
    query = (
        select(Review, Outreach)
        .join(Outreach, Outreach.id == Review.outreach_id)
        .where(Outreach.collector == collector, Review.state.in_(DECIDED))
        .order_by(Review.decided_at.desc(), Review.id.desc())
        .limit(limit)
    )
    if unseen_only:
        query = query.where(Review.seen_at.is_(None))
    rows = session.execute(query).all()
    decided = _decisions(session, [review.id for review, _ in rows])
    return [_answer(review, outreach, tuple(decided.get(review.id, ()))) for review, outreach in rows]


def mark_seen(db: Database, review_id: int, collector: Actor, now: datetime) -> None:
    """Note that the author has seen the answer; the first time counts.

    Raises:
        InvalidInput: there is no such item.
        Forbidden: somebody else's.
    """
    db.run(lambda session: _mark_seen(session, review_id, collector, now))


def _mark_seen(session: Session, review_id: int, collector: Actor, now: datetime) -> None:
    review = session.get(Review, review_id)
    if review is None:
        raise unknown_review()
    outreach = session.get_one(Outreach, review.outreach_id)
    if outreach.collector != collector.name:
        raise Forbidden("这不是您提交的内容。", code="not_the_author")
    if review.seen_at is None and review.state in DECIDED:
        review.seen_at = now


def _decisions(session: Session, review_ids: list[int]) -> dict[int, list[DecidedFinding]]:
    found: dict[int, list[DecidedFinding]] = {}
    rows = session.scalars(
        select(FindingDecision).where(FindingDecision.review_id.in_(review_ids)).order_by(FindingDecision.finding)
    )
    for row in rows:
        found.setdefault(row.review_id, []).append(DecidedFinding(row.finding, row.rule, row.decision, row.reason))
    return found


def _answer(review: Review, outreach: Outreach, decisions: tuple[DecidedFinding, ...]) -> Answer:
    assert review.decided_at is not None  # noqa: S101 - the query asks for decided items only
    return Answer(
        review=review.id,
        outreach=outreach.client_id,
        state=review.state,
        reason=review.reason,
        officer=review.officer,
        decided_at=review.decided_at,
        seen_at=review.seen_at,
        channel=outreach.channel,
        masked=outreach.masked,
        permit=outreach.permit if outreach.state == "permitted" else None,
        decisions=decisions,
    )
