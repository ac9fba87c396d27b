"""Tables of live calls. What a call's page shows is derived from these rows alone: it survives reloads and restarts.

``revision`` counts the changes of one call. Each row remembers the revision at which it was last changed, so that a
stream can be taken up again where it broke off, and an earlier answer can be given again.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base
from compliance.gate.models import Outreach
from compliance.sealing import Sealed, SealedJson
from scripts_library.models import ScriptVersion

DIRECTIONS = ("out", "in")
OUTCOMES = (
    "promise", "plan_request", "waiver_request", "dispute", "complaint", "hardship", "refused", "third_party_relay",
    "wrong_number", "callback", "self_harm_escalated", "deceased", "paid", "hung_up",
    "no_answer", "busy", "voicemail", "powered_off", "invalid_number",
)  # fmt: skip
"""What a call is filed under (``compliance/corpus/conversations-README.md``), and calls in which nobody spoke."""
REASONS = ("forgot", "hardship", "illness", "disaster", "mismanagement", "dispute", "deliberate", "unknown")
NEXT_STEPS = ("none", "call_back", "send_statement", "await_payment", "await_plan", "await_officer", "stop")


class Call(Base):
    """One conversation by telephone. The row that every change of the call locks first."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_collector_started_at", "collector", "started_at"),
        Index("ix_calls_debtor_id_started_at", "debtor_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(40), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    contact_point_id: Mapped[int] = mapped_column(ForeignKey("contact_points.id"))
    outreach_id: Mapped[int | None] = mapped_column(ForeignKey(Outreach.id), unique=True)
    """The dial that the gate decided on; ``None`` for a call that came in."""
    collector: Mapped[str] = mapped_column(String(64))
    caller: Mapped[str] = mapped_column(String(60))
    """The name by which the collector introduces themselves."""
    caller_no: Mapped[str | None] = mapped_column(String(20))
    """The staff number that goes with it; ``None`` where they have none: then no script that names it is offered."""
    direction: Mapped[str] = mapped_column(String(5))
    started_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=0)
    escalated_at: Mapped[datetime | None]
    """When a sign of self-harm was heard: contact is suspended and an officer has it."""
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(30))
    reason: Mapped[str | None] = mapped_column(String(20))
    next_step: Mapped[str | None] = mapped_column(String(20))
    next_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(100))
    """The sender's id of the note in the outreach table."""
    closing: Mapped[str | None] = mapped_column(String(64))
    """Digest of what it was closed with: the same again is the same act."""
    blocks: Mapped[int] = mapped_column(default=0)
    """How many alerts said that something must not be said; counted when the call is closed, as ``missing`` is."""
    missing: Mapped[int] = mapped_column(default=0)


class CallTurn(Base):
    """One turn. A partial result is replaced until it is final; a final turn never changes its words."""

    __tablename__ = "call_turns"
    __table_args__ = (
        UniqueConstraint("call_id", "seq"),
        UniqueConstraint("call_id", "source_key", name="uq_call_turns_source_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    seq: Mapped[int]
    revision: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Sealed("call_turns.text"))
    """Full words; ``None`` once erased."""
    at: Mapped[datetime]
    final: Mapped[bool]
    source_key: Mapped[str | None] = mapped_column(String(100))
    """What makes a turn without a number of its own the same when it comes twice."""
    audience: Mapped[str | None] = mapped_column(String(30))
    """Of a collector's turn, for whom it was judged."""
    verdict: Mapped[dict[str, Any]] = mapped_column(SealedJson("call_turns.verdict"), default=dict)
    """Of a collector's turn: findings and rewording as judged when it came."""
    intents: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Of another's turn: pairs of intent and score."""
    slots: Mapped[dict[str, Any]] = mapped_column(SealedJson("call_turns.slots"), default=dict)


class CallTick(Base):
    """A checklist item that the collector ticked, or unticked, by hand."""

    __tablename__ = "call_ticks"
    __table_args__ = (UniqueConstraint("call_id", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    item: Mapped[str] = mapped_column(String(30))
    ticked: Mapped[bool]
    revision: Mapped[int]
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class CallRight(Base):
    """A right that was heard in the call, and the request it was recorded as."""

    __tablename__ = "call_rights"
    __table_args__ = (UniqueConstraint("call_id", "type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    type: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int | None]
    """The turn in which it was first heard; ``None`` where only the collector says so."""
    heard_at: Mapped[datetime]
    revision: Mapped[int]
    request_ref: Mapped[str | None] = mapped_column(String(64))


class SuggestionUse(Base):
    """A suggestion that the collector took."""

    __tablename__ = "suggestion_uses"
    __table_args__ = (Index("ix_suggestion_uses_script_version_id", "script_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    script_version_id: Mapped[int] = mapped_column(ForeignKey(ScriptVersion.id))
    revision: Mapped[int]
    after_seq: Mapped[int | None]
    """The last turn before it was taken."""
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Promise(Base):
    """What the debtor said they would pay, and when. In yuan; never more than they named themselves."""

    __tablename__ = "promises"
    __table_args__ = (Index("ix_promises_debtor_id", "debtor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), unique=True)
    due: Mapped[date]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    kept: Mapped[bool | None]
    """``None`` until somebody knows."""
    settled_at: Mapped[datetime | None]


class HintSetting(Base):
    """How much a collector wants to see during a call, where they have chosen."""

    __tablename__ = "hint_settings"

    collector: Mapped[str] = mapped_column(String(64), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
