"""Tables of rights: what the debtor was told, what the debtor asked for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base
from compliance.sealing import Sealed

NOTICE_TYPES = (
    "identity", "debt_details", "assignment", "outsourcing", "recording", "credit_reporting",
    "complaint_channel", "personal_information", "right_to_plan",
)  # fmt: skip
REQUEST_TYPES = (
    "explanation", "dispute", "complaint", "plan", "contact_preference", "stop_contact", "consent_withdrawn",
    "pi_copy", "pi_correction", "pi_deletion", "credit_dispute", "representation",
)  # fmt: skip

OUTCOMES = ("answered", "granted", "refused", "withdrawn")
"""How a request ended: answered, granted as asked, refused with the reason in the answer (CN-PII-07), or withdrawn by
the debtor (CN-CMPL-04)."""
DEBTOR = "debtor:page"
"""Who recorded what the debtor sent in alone; no login name holds a colon."""


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
    evidence: Mapped[str] = mapped_column(Sealed("notices.evidence"))
    source: Mapped[str | None] = mapped_column(String(120))
    """Ledger subject of what shows it: ``outreach:ID``, ``call:REF``, ``inbound:REF``."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Id of the recording, in the recorder's own numbering."""
    at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class RightsRequest(Base):
    """A request of the debtor, open until ``closed_at``; in hand once it has an ``owner``."""

    __tablename__ = "rights_requests"
    __table_args__ = (
        Index("ix_rights_requests_debtor_id", "debtor_id"),
        Index("ix_rights_requests_closed_at_due_at", "closed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id"))
    type: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(Sealed("rights_requests.evidence"))
    """The debtor's words, or where they stand."""
    source: Mapped[str | None] = mapped_column(String(120))
    """Ledger subject of what shows it: ``outreach:ID``, ``call:REF``, ``inbound:REF``."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Id of the recording, in the recorder's own numbering."""
    about: Mapped[str | None] = mapped_column(String(64))
    """Login name of the person complained about, who may neither have it in hand nor answer it (CN-CMPL-05)."""
    wish: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Of a contact preference: ``channels``, ``window`` (two local times) and ``max_per_day``, as far as they are
    given."""
    identified: Mapped[bool | None]
    """Whether who sent it in proved to be the debtor; ``None`` where somebody of the house recorded it."""
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(64))
    """Login name of the officer who has it in hand."""
    owned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str | None] = mapped_column(Sealed("rights_requests.answer"))
    review_of: Mapped[str | None] = mapped_column(String(64))
    """Reference of the request whose answer this one asks to be reviewed (CN-CMPL-02)."""
    decided_by: Mapped[str | None] = mapped_column(String(64))
    """Of a review: login name of who gave that answer, and so may not review it."""


class PlanAgreement(Base):
    """An agreement on paying an account by instalments, from its proposal on; its terms do not change.

    What the gate asks about plans are ``plan_in_force`` and ``plan_breached`` of the account: they follow ``state`` and
    are written where it is (``compliance.rights.plans``), nowhere else.
    """

    __tablename__ = "plan_agreements"
    __table_args__ = (
        Index("ix_plan_agreements_debtor_id", "debtor_id"),
        Index("ix_plan_agreements_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("rights_requests.id"))
    """The request of type ``plan`` that it answers."""
    kind: Mapped[str] = mapped_column(String(20))
    """One of ``planning.KINDS``."""
    principal: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    interest: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    fees: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    currency: Mapped[str] = mapped_column(String(3))
    as_of: Mapped[date]
    """The debtor's local day on which the account stood so."""
    instalments: Mapped[int]
    cycle_months: Mapped[int]
    first_due: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    last_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """Of the last instalment, where it differs."""
    method: Mapped[str] = mapped_column(Sealed("plan_agreements.method"))
    charged: Mapped[bool]
    charges: Mapped[str | None] = mapped_column(Sealed("plan_agreements.charges"))
    no_new_card: Mapped[bool]
    duties: Mapped[str] = mapped_column(Sealed("plan_agreements.duties"))
    other: Mapped[str] = mapped_column(Sealed("plan_agreements.other"))
    state: Mapped[str] = mapped_column(String(20))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    agreed_by: Mapped[str | None] = mapped_column(String(64))
    agreed_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(Sealed("plan_agreements.evidence"))
    """What shows that both sides agreed: the signed paper, or words on a recording."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Of an agreement by word of mouth: id of the recording (CN-REC-05)."""
    moved_by: Mapped[str | None] = mapped_column(String(64))
    moved_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Sealed("plan_agreements.reason"))
    """What shows the latest change of state after the agreement."""


class PaymentOffer(Base):
    """That somebody who does not owe said, expressly and of their own accord, that they will pay (CN-TP-08). Good until
    it is withdrawn."""

    __tablename__ = "payment_offers"
    __table_args__ = (Index("ix_payment_offers_debtor_id", "debtor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_point_id: Mapped[int] = mapped_column(ForeignKey("contact_points.id"))
    words: Mapped[str] = mapped_column(Sealed("payment_offers.words"))
    """Their own words."""
    source: Mapped[str | None] = mapped_column(String(120))
    """Ledger subject of what shows it: ``outreach:ID``, ``call:REF``, ``inbound:REF``."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Id of the recording, in the recorder's own numbering."""
    at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None]


class RequestReminder(Base):
    """That a request was called to mind: once for each urgency, due day and owner."""

    __tablename__ = "request_reminders"
    __table_args__ = (UniqueConstraint("request_id", "urgency", "due_at", "owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("rights_requests.id"))
    urgency: Mapped[str] = mapped_column(String(10))
    """``soon`` or ``overdue``."""
    due_at: Mapped[datetime]
    owner: Mapped[str] = mapped_column(String(64))
    """Login name of the officer who had it in hand; empty where nobody had."""
    at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]


class DebtorCode(Base):
    """The short code of one outreach that opens the debtor's page; made before the outreach, good once it is permitted.

    Only the digest is kept: who reads the table cannot open a page.
    """

    __tablename__ = "debtor_codes"

    outreach: Mapped[str] = mapped_column(String(100), primary_key=True)
    """The sender's id of the outreach, which may not exist yet."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    """When the page was first opened."""
    failures: Mapped[int] = mapped_column(default=0)
    """Failed tries to identify since the last success or pause."""
    barred_until: Mapped[datetime | None]


class Inbound(Base):
    """A message that the debtor sent. Masked as it comes in: nothing in it has to be erased later."""

    __tablename__ = "inbound_messages"
    __table_args__ = (Index("ix_inbound_messages_debtor_id_at", "debtor_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(100), unique=True)
    """Chosen by the sender; the same again is the same message."""
    body_digest: Mapped[str] = mapped_column(String(64))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    channel: Mapped[str] = mapped_column(String(20))
    masked: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(String(64))
    """Who said that no request was to be recorded, or none further."""
    settled_at: Mapped[datetime | None]
