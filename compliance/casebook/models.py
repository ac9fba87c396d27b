"""Tables of the casebook: creditors, debtors, accounts, contact points, agreements with the debtor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from compliance.database import Base
from compliance.sealing import Sealed, keys_in_use


def _hash_of(name: str) -> Callable[[ExecutionContext], str | None]:
    """Default of a hash column for rows that are not made through the class: the hash of the value beside it."""

    def hash_of(context: ExecutionContext) -> str | None:
        value = context.get_current_parameters().get(name)  # type: ignore[attr-defined]
        return None if value is None else keys_in_use().hash(value)

    return hash_of


class Creditor(Base):
    """Who is owed. ``kind`` decides which rules apply (``bank`` ``consumer_finance`` ``microloan`` ``other``)."""

    __tablename__ = "creditors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(30), default="bank")
    phone: Mapped[str | None] = mapped_column(String(40))
    """The public line on which a debtor can check who is calling."""
    agencies_public: Mapped[str] = mapped_column(Text, default="")
    """Agencies on the creditor's public list, one a line (CN-AGENCY-01)."""
    agencies_evaluated: Mapped[str] = mapped_column(Text, default="", server_default="")
    """When each agency was last evaluated (CN-AGENCY-02): a day, a blank and its name, one a line."""
    agencies_engaged: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Since when each agency has worked for the creditor, alike: the first evaluation is due a year later."""
    lines: Mapped[str] = mapped_column(Text, default="")
    """Registered numbers to call and to send from, one a line (CN-FORBID-07)."""


class Debtor(Base):
    """The person. The row that every gate transaction locks first."""

    __tablename__ = "debtors"
    __table_args__ = (Index("ix_debtors_id_number", "id_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column("name_sealed", Sealed("debtors.name"), nullable=True, info={"hash": "name"})
    name_hash: Mapped[str] = mapped_column("name", String(100), default=_hash_of("name_sealed"))
    """Keyed hash, by which a person is found."""
    id_number: Mapped[str | None] = mapped_column(
        "id_number_sealed", Sealed("debtors.id_number"), info={"hash": "id_number"}
    )
    id_number_hash: Mapped[str | None] = mapped_column("id_number", String(200), default=_hash_of("id_number_sealed"))
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    vulnerable: Mapped[str] = mapped_column(String(200), default="")
    """Flags in force, separated by blanks: ``self_harm`` ``illness`` ``bereavement`` ``minor`` ``incapacity``
    ``deceased`` ``disaster``."""
    bankruptcy: Mapped[bool] = mapped_column(default=False)
    no_contact_order: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None]
    """When name, numbers and addresses were erased, their years being over."""

    accounts: Mapped[list[Account]] = relationship(back_populates="debtor", lazy="raise")
    contact_points: Mapped[list[ContactPoint]] = relationship(back_populates="debtor", lazy="raise")

    @validates("name")
    def _hash_name(self, _name: str, value: str) -> str:
        self.name_hash = keys_in_use().hash(value)
        return value

    @validates("id_number")
    def _hash_id_number(self, _name: str, value: str | None) -> str | None:
        self.id_number_hash = None if value is None else keys_in_use().hash(value)
        return value


class Account(Base):
    """One debt, in yuan. ``collector`` is the login name of the collector it is assigned to."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("creditor_id", "account_no"),
        Index("ix_accounts_collector", "collector"),
        Index("ix_accounts_debtor_id", "debtor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("creditors.id"))
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    agency: Mapped[str | None] = mapped_column(String(200))
    """The outside agency that works the account; ``None`` where the creditor does."""
    assigned: Mapped[bool] = mapped_column(default=False)
    """The claim was bought from somebody else: an assignment notice is owed."""
    product: Mapped[str] = mapped_column(String(40))
    account_no: Mapped[str] = mapped_column(String(64))
    principal: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    interest: Mapped[Decimal] = mapped_column(Numeric(14, 2), default=Decimal(0))
    fees: Mapped[Decimal] = mapped_column(Numeric(14, 2), default=Decimal(0))
    due_date: Mapped[date]
    contract_date: Mapped[date | None]
    collector: Mapped[str | None] = mapped_column(String(64))
    case_no: Mapped[str | None] = mapped_column(String(80))
    """Court case number, where a suit has been filed."""
    plan_in_force: Mapped[bool] = mapped_column(default=False)
    plan_breached: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None]

    debtor: Mapped[Debtor] = relationship(back_populates="accounts", lazy="raise")
    creditor: Mapped[Creditor] = relationship(lazy="raise")

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.fees


class ContactPoint(Base):
    """One number, address or handle of a debtor or of somebody around them."""

    __tablename__ = "contact_points"
    __table_args__ = (UniqueConstraint("debtor_id", "kind", "value"), Index("ix_contact_points_value", "value"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """``mobile`` ``landline`` ``email`` ``im`` ``address``."""
    value: Mapped[str] = mapped_column("sealed", Sealed("contact_points.value"), nullable=True, info={"hash": "value"})
    value_hash: Mapped[str] = mapped_column("value", String(300), default=_hash_of("sealed"))
    """Keyed hash, by which it is found and unique."""
    relation: Mapped[str | None] = mapped_column(String(30))
    """``self`` ``liable_third_party`` ``other_third_party``; ``None`` is unknown, and held."""
    label: Mapped[str | None] = mapped_column(String(60))
    """Who it is in the debtor's life, for instance 配偶, 同事, 单位."""
    source: Mapped[str | None] = mapped_column(String(40))
    valid: Mapped[bool | None] = mapped_column(default=True)
    reserved: Mapped[bool] = mapped_column(default=False)
    liable_evidence: Mapped[str | None] = mapped_column(String(300))
    agreed_contact: Mapped[bool | None]
    refused_at: Mapped[datetime | None]

    debtor: Mapped[Debtor] = relationship(back_populates="contact_points", lazy="raise")

    @validates("value")
    def _hash_value(self, _name: str, value: str) -> str:
        self.value_hash = keys_in_use().hash(value)
        return value


class ContactAgreement(Base):
    """What the debtor agreed to about contact; needs evidence; ends when withdrawn."""

    __tablename__ = "contact_agreements"
    __table_args__ = (Index("ix_contact_agreements_debtor_id", "debtor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    debtor_id: Mapped[int] = mapped_column(ForeignKey("debtors.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    evidence: Mapped[str] = mapped_column(Sealed("contact_agreements.evidence"))
    channels: Mapped[str] = mapped_column(String(100), default="")
    window_start: Mapped[time | None]
    window_end: Mapped[time | None]
    max_per_day: Mapped[int | None]
    recorded_by: Mapped[str] = mapped_column(String(64))
