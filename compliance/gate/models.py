"""Tables of the gate: outreach (history and outbox in one), its full text, which can be erased, and what is held."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnClause, ForeignKey, Index, String, Text, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Base
from compliance.sealing import Sealed, SealedBytes, SealedJson

STATES = ("blocked", "held", "permitted", "sending", "sent", "failed", "refused", "expired", "returned", "recorded")
"""``returned``: an officer sent it back to be reworded. ``recorded``: a note, which goes nowhere."""
COUNTED = ("held", "permitted", "sending", "sent", "failed")
"""States that hold a slot in the frequency counters: a call that may be dialled counts until it is known not to."""


# Calls wait in ``sending`` for an outcome that may never come: what a dispatcher has claimed is found without them.
# A query that means one of them names the state in its text: of a parameter the planner cannot know what it will be.
SENDING: ColumnClause[str] = literal_column("'sending'", String())
FAILED: ColumnClause[str] = literal_column("'failed'", String())
_CLAIMED = text("state = 'sending' AND claimed_at IS NOT NULL")
_UNDELIVERED = text("state = 'failed' AND outcome IS NULL")


class Outreach(Base):
    """One attempt to reach somebody, or one note. One row is both history and outbox."""

    __tablename__ = "outreach"
    __table_args__ = (
        Index("ix_outreach_debtor_at", "debtor_id", "at"),
        Index("ix_outreach_state_at", "state", "at"),
        Index("ix_outreach_collector_at", "collector", "at"),
        Index("ix_outreach_claimed", "state", "claimed_at", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
        Index(
            "ix_outreach_undelivered",
            "state",
            "outcome",
            "at",
            sqlite_where=_UNDELIVERED,
            postgresql_where=_UNDELIVERED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(String(100), unique=True)
    """The id the sender gave: the same id with the same body gives the first answer again."""
    body_digest: Mapped[str] = mapped_column(String(64))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id"))
    creditor_id: Mapped[int | None] = mapped_column(ForeignKey("creditors.id"))
    channel: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(30))
    stage: Mapped[str | None] = mapped_column(String(20))
    lang: Mapped[str | None] = mapped_column(String(20))
    collector: Mapped[str] = mapped_column(String(64))
    """Login name of who submitted it."""
    trained_until: Mapped[date | None]
    """Last day of the collector's yearly training, as it was known then."""
    visitors: Mapped[int | None]
    """How many would go, for a visit."""
    line: Mapped[str | None] = mapped_column(String(100))
    """The number it is dialled or sent from, where that was said."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Id of the recording of a call, in the system that keeps recordings."""
    recording_note: Mapped[str | None] = mapped_column(String(100))
    """Id of the note that says why a call was not recorded."""
    at: Mapped[datetime]
    """The instant it was judged for."""
    local_day: Mapped[date]
    """The debtor's calendar day of ``at``: the key of the daily counters."""
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(20))
    outcome_at: Mapped[datetime | None]
    text_digest: Mapped[str | None] = mapped_column(String(64))
    masked: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the sender was told, to be told again when the same id comes twice."""
    pack_digest: Mapped[str] = mapped_column(String(64))
    permit: Mapped[str | None] = mapped_column(Sealed("outreach.permit", unreadable=""))
    """The signed token as it was issued. Its hashes cannot be forged by whoever can edit the tables; sealed, since a
    number is soon found that has the hash of the recipient. What cannot be opened is no permit."""
    permit_nonce: Mapped[str | None] = mapped_column(String(64), unique=True)
    permit_not_before: Mapped[datetime | None]
    permit_expires_at: Mapped[datetime | None]
    permit_redeemed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    ledger_seq: Mapped[int | None]

    debtor: Mapped[Debtor] = relationship(lazy="raise")
    contact_point: Mapped[ContactPoint | None] = relationship(lazy="raise")


class OutreachText(Base):
    """The full text, apart, so that it can be erased without breaking the ledger; sealed."""

    __tablename__ = "outreach_texts"

    outreach_id: Mapped[int] = mapped_column(ForeignKey("outreach.id"), primary_key=True)
    text: Mapped[str | None] = mapped_column(Sealed("outreach_texts.text"))
    suggestion: Mapped[str | None] = mapped_column(Sealed("outreach_texts.suggestion"))
    """The whole message reworded, kept here since it repeats the message."""
    instead: Mapped[list[str | None]] = mapped_column(SealedJson("outreach_texts.instead"), default=list)
    """The rewording of each finding, in the order of the verdict."""
    inputs: Mapped[bytes | None] = mapped_column(SealedBytes("outreach_texts.inputs"))
    """What the verdict was decided on (``compliance.gate.inputs``): it may quote the debtor too."""
    erased_at: Mapped[datetime | None]


class VisitRecord(Base):
    """The sheet of a visit that was made: who came, what was shown, who let them in, when they left."""

    __tablename__ = "visit_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    outreach_id: Mapped[int] = mapped_column(ForeignKey("outreach.id"), unique=True)
    people: Mapped[str] = mapped_column(Text)
    """Names or staff numbers of those who came, one a line."""
    shown: Mapped[str] = mapped_column(String(100))
    """``identity`` ``authority`` ``papers``, separated by blanks."""
    arrived_at: Mapped[datetime]
    asked_to_leave_at: Mapped[datetime | None]
    left_at: Mapped[datetime]
    entered: Mapped[bool]
    consent: Mapped[str | None] = mapped_column(Sealed("visit_records.consent"))
    """Who let them in, and how."""
    filmed_inside: Mapped[bool]
    dress_checked: Mapped[bool]
    recording: Mapped[str | None] = mapped_column(String(100))
    no_recording: Mapped[str | None] = mapped_column(Sealed("visit_records.no_recording"))
    """Why there is no recording."""
    note: Mapped[str] = mapped_column(String(100))
    """Id of the note that holds the words, and the findings if there are any."""
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


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
