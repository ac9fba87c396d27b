"""Reading outreach for the screens: the words, the findings and what an officer answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from compliance.gate.models import Outreach, OutreachText
from compliance.gate.record import stored_findings
from compliance.judge.types import Finding
from compliance.review.models import Review


@dataclass(frozen=True, slots=True)
class Shown:
    """One outreach as a screen shows it. ``text`` is ``None`` for a call, or once erased."""

    outreach: Outreach
    review: Review | None
    findings: tuple[Finding, ...]
    text: str | None = None
    suggestion: str | None = None

    @property
    def answered(self) -> bool:
        """Whether an officer has decided."""
        return self.review is not None and self.review.decided_at is not None

    @property
    def unseen(self) -> bool:
        """Whether the collector has not yet seen the officer's answer."""
        return self.review is not None and self.answered and self.review.seen_at is None


def timeline(session: Session, debtor_id: int, creditor_id: int, limit: int = 50) -> list[Shown]:
    """The latest outreach to one debtor for one creditor, whoever made it, newest first; masked texts only."""
    query = (
        select(Outreach, Review)
        .outerjoin(Review, Review.outreach_id == Outreach.id)
        .options(joinedload(Outreach.contact_point))
        .where(Outreach.debtor_id == debtor_id, Outreach.creditor_id == creditor_id)
        .order_by(Outreach.at.desc(), Outreach.id.desc())
        .limit(limit)
    )
    rows = session.execute(query)
    return [Shown(outreach, review, stored_findings(outreach, None), outreach.masked) for outreach, review in rows]


def full(session: Session, outreach: Outreach) -> Shown:
    """One outreach with its full text, for whoever may read it."""
    words = session.get(OutreachText, outreach.id)
    review = session.scalar(select(Review).where(Review.outreach_id == outreach.id))
    text = words.text if words else None
    suggestion = words.suggestion if words else None
    return Shown(outreach, review, stored_findings(outreach, words), text, suggestion)


def unseen_by_account(session: Session, account_ids: Iterable[int], collector: str) -> dict[int, int]:
    """How many new answers of officers wait for the collector, by account."""
    query = (
        select(Outreach.account_id)
        .join(Review, Review.outreach_id == Outreach.id)
        .where(
            Outreach.account_id.in_(list(account_ids)),
            Outreach.collector == collector,
            Review.decided_at.is_not(None),
            Review.seen_at.is_(None),
        )
    )
    counts: dict[int, int] = {}
    for account_id in session.scalars(query):
        if account_id is not None:
            counts[account_id] = counts.get(account_id, 0) + 1
    return counts
