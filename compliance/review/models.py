"""Tables of review: one item for each held outreach or flagged note, and the officer's word on each finding."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base

REVIEW_STATES = ("waiting", "taken", "released", "returned", "refused", "noted")
"""``noted``: a flagged note that an officer has decided; a note is never released or refused."""


class Review(Base):
    """An item of the queue. Oldest first, one item to one officer."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_state_created_at", "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outreach_id: Mapped[int] = mapped_column(ForeignKey("outreach.id"), unique=True)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    officer: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None]
    """When the collector saw the answer."""


class FindingDecision(Base):
    """The officer's word on one finding: ``violation`` 违规, ``compliant`` 合规, ``false_alarm`` 误报."""

    __tablename__ = "finding_decisions"
    __table_args__ = (UniqueConstraint("review_id", "finding"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"))
    finding: Mapped[int]
    """Index of the finding in the verdict."""
    rule: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
