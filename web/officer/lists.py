"""The lists of the officer's desk: what waits, what was decided, what the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance import ledger, review
from compliance.gate.models import Outreach
from compliance.gate.types import Actor
from compliance.ledger import LedgerEntry
from compliance.review import Only, QueueItem
from compliance.review.models import Review

PAGE = 50
CLOSED = ("released", "returned", "refused", "noted")


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``mine`` are the items this officer has taken and not decided; ``left`` is how many could be taken, of those
    that are asked for."""

    waiting: list[QueueItem]
    mine: list[QueueItem]
    oldest: datetime | None
    notes: int
    left: int
    late: frozenset[int]
    """Items that have waited longer than ``review.PATIENCE``."""
    collectors: list[str]
    only: Only

    @property
    def held(self) -> int:
        return len(self.waiting) - self.notes


@dataclass(frozen=True, slots=True)
class DecidedPage:
    rows: list[tuple[Review, Outreach]]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Newest first. ``older`` is the number before which the next page begins, ``None`` on the last."""

    head: ledger.Head
    entries: list[LedgerEntry]
    older: int | None


def queue_page(session: Session, officer: Actor, only: Only, now: datetime) -> QueuePage:
    lines = review.queue(session, officer, now, only=only, limit=200)
    mine = [line for line in lines if line.state == "taken" and line.officer == officer.name]
    waiting = [line for line in lines if line not in mine]
    oldest = min((line.created_at for line in waiting), default=None)
    return QueuePage(
        waiting=waiting,
        mine=mine,
        oldest=oldest,
        notes=sum(line.is_note for line in waiting),
        left=review.count_free(session, officer, now, only=only),
        late=frozenset(line.id for line in waiting if now - line.created_at > review.PATIENCE),
        collectors=review.collectors_waiting(session, now),
        only=only,
    )


def decided_page(session: Session, page: int) -> DecidedPage:
    """Every officer's decisions, latest first."""
    total = session.scalar(select(func.count()).select_from(Review).where(Review.state.in_(CLOSED))) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = (
        select(Review, Outreach)
        .join(Outreach, Outreach.id == Review.outreach_id)
        .where(Review.state.in_(CLOSED))
        .order_by(Review.decided_at.desc(), Review.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return DecidedPage([(row[0], row[1]) for row in session.execute(query)], page, pages, total)


def ledger_page(session: Session, before: int = 0) -> LedgerPage:
    """Entries with a lower number than ``before``; 0 begins at the head."""
    query = select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(PAGE)
    if before:
        query = query.where(LedgerEntry.seq < before)
    found = list(session.scalars(query))
    older = found[-1].seq if found and found[-1].seq > 1 else None
    return LedgerPage(ledger.head(session), found, older)
