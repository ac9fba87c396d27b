"""Figures of operation in the Prometheus text format: what waits, what failed, how far the ledger has come.

Read from the database at each scrape, so that every process gives the same answer and none has to be asked twice.
No figure names a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.gate.models import SENDING, Outreach, Review
from compliance.rights.models import RightsRequest

WAITING = ("held", "permitted", "sending", "failed")
"""States that somebody or something still has to settle; the others are history, and grow for ever."""


def read_metrics(session: Session, now: datetime) -> bytes:
    """The page that is scraped. ``now`` is aware."""
    registry = CollectorRegistry()
    for name, what, value in _figures(session, now):
        Gauge(f"zhengyan_{name}", what, registry=registry).set(value)
    waiting = Gauge("zhengyan_outreach", "Outreach not yet settled, by state", ["state"], registry=registry)
    for state in WAITING:
        waiting.labels(state).set(session.scalar(_count(Outreach.state == state)) or 0)
    return generate_latest(registry)


def _count(condition: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Outreach).where(condition)


def _figures(session: Session, now: datetime) -> Iterator[tuple[str, str, float]]:
    yield "ledger_seq", "Number of the last entry of the ledger", ledger.head(session).seq
    oldest = session.scalar(select(func.min(Outreach.claimed_at)).where(Outreach.state == SENDING))
    yield "oldest_claim_seconds", "Age of the oldest delivery that is under way", _age(oldest, now)
    undecided = session.scalar(select(func.min(Review.created_at)).where(Review.state.in_(("waiting", "taken"))))
    yield "oldest_review_seconds", "Age of the oldest review that nobody has decided", _age(undecided, now)
    late = select(func.count()).where(RightsRequest.closed_at.is_(None), RightsRequest.due_at < now)
    yield "requests_overdue", "Debtors' requests that are open past their day", session.scalar(late) or 0


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else (now - since).total_seconds()
