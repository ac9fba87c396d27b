"""Tables of review: words on findings, appeals, and samples of what was allowed. The item itself is the gate's."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base
from compliance.gate.models import REVIEW_STATES, Review

__all__ = ["REVIEW_STATES", "Appeal", "FindingDecision", "Opinion", "Review", "Sample"]
APPEAL_STATES = ("waiting", "taken", "upheld", "rejected")
OPINIONS = ("allow", "review", "block")


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


class Appeal(Base):
    """The author's objection to what was decided about an outreach, once for each; decided by somebody else."""

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_state_created_at", "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outreach_id: Mapped[int] = mapped_column(ForeignKey("outreach.id"), unique=True)
    against: Mapped[str] = mapped_column(String(20))
    """``blocked`` by the rules, or ``returned``, ``refused``, ``noted`` by an officer."""
    reviewer: Mapped[str | None] = mapped_column(String(64))
    """Who decided it; ``None`` where the rules did."""
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    officer: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None]
    """When the author saw the answer."""


class Sample(Base):
    """An allowed outreach that officers look at after the fact."""

    __tablename__ = "samples"
    __table_args__ = (Index("ix_samples_day", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outreach_id: Mapped[int] = mapped_column(ForeignKey("outreach.id"), unique=True)
    day: Mapped[date]
    """The local day that it was drawn for."""
    drawn_at: Mapped[datetime]
    wanted: Mapped[int]
    """How many officers look at it, each without seeing the other's word: 1 or 2."""
    given: Mapped[int] = mapped_column(default=0)
    """How many have."""


class Opinion(Base):
    """One officer's word on a sample, what the verdict should have been; empty while they look."""

    __tablename__ = "opinions"
    __table_args__ = (UniqueConstraint("sample_id", "officer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"))
    officer: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime | None]
