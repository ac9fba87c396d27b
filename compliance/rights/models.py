"""Tables of rights: what the debtor was told, what the debtor asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base

NOTICE_TYPES = (
    "identity", "debt_details", "assignment", "outsourcing", "recording", "credit_reporting",
    "complaint_channel", "personal_information", "right_to_plan",
)  # fmt: skip
REQUEST_TYPES = (
    "explanation", "dispute", "complaint", "plan", "contact_preference", "stop_contact", "consent_withdrawn",
    "pi_copy", "pi_correction", "pi_deletion", "credit_dispute", "representation",
)  # fmt: skip


class Notice(Base):
    """A notice given to the debtor."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_debtor_id", "debtor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    type: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class RightsRequest(Base):
    """A request of the debtor, open until ``closed_at``."""

    __tablename__ = "rights_requests"
    __table_args__ = (Index("ix_rights_requests_debtor_id", "debtor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id"))
    type: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)
