"""Tables of review: the officer's word on each finding. The item itself is written by the gate, and defined there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base
from compliance.gate.models import REVIEW_STATES, Review

__all__ = ["REVIEW_STATES", "FindingDecision", "Review"]


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
