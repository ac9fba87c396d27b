"""The rows that every decision reads: the debtor, a contact point, accounts with their creditors.

Frozen, without a session behind them: making objects of the models took longer than finding the rows.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.judge.types import InvalidInput
from compliance.prepared import Asked, Query


class DebtorRow(NamedTuple):
    """As ``Debtor``."""

    id: int
    ref: str
    name: str
    timezone: str
    vulnerable: str
    bankruptcy: bool
    no_contact_order: bool


class PointRow(NamedTuple):
    """As ``ContactPoint``."""

    id: int
    debtor_id: int
    ref: str
    kind: str
    value: str
    relation: str | None
    source: str | None
    valid: bool | None
    liable_evidence: str | None
    agreed_contact: bool | None
    refused_at: datetime | None
    reserved: bool


class AccountRow(NamedTuple):
    """As ``Account``, with what counts of its creditor."""

    id: int
    debtor_id: int
    creditor_id: int
    account_no: str
    agency: str | None
    assigned: bool
    product: str
    principal: Decimal
    interest: Decimal
    fees: Decimal
    due_date: date
    case_no: str | None
    plan_in_force: bool
    plan_breached: bool
    settled_at: datetime | None
    creditor: str
    agencies_public: str
    lines: str

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.fees


_DEBTORS = select(
    Debtor.id, Debtor.ref, Debtor.name, Debtor.timezone, Debtor.vulnerable, Debtor.bankruptcy, Debtor.no_contact_order
)  # fmt: skip
_POINTS = select(
    ContactPoint.id, ContactPoint.debtor_id, ContactPoint.ref, ContactPoint.kind, ContactPoint.value,
    ContactPoint.relation, ContactPoint.source, ContactPoint.valid, ContactPoint.liable_evidence,
    ContactPoint.agreed_contact, ContactPoint.refused_at, ContactPoint.reserved,
)  # fmt: skip
_ACCOUNTS = (
    select(
        Account.id, Account.debtor_id, Account.creditor_id, Account.account_no, Account.agency, Account.assigned,
        Account.product, Account.principal, Account.interest, Account.fees, Account.due_date, Account.case_no,
        Account.plan_in_force, Account.plan_breached, Account.settled_at, Creditor.name, Creditor.agencies_public,
        Creditor.lines,
    )
    .join(Creditor, Creditor.id == Account.creditor_id)
    .order_by(Account.id)
)  # fmt: skip
_BY_REF = _DEBTORS.where(Debtor.ref == bindparam("ref"))
_LOCKED = Query(_BY_REF.with_for_update(), DebtorRow)
_LOCKED_IF_FREE = Query(_BY_REF.with_for_update(skip_locked=True), DebtorRow)
_DEBTOR_OF = Query(_BY_REF, DebtorRow)
_DEBTOR = Query(_DEBTORS.where(Debtor.id == bindparam("id")), DebtorRow)
_POINT = Query(_POINTS.where(ContactPoint.id == bindparam("id")), PointRow)
_POINT_OF = Query(
    _POINTS.where(ContactPoint.ref == bindparam("ref"), ContactPoint.debtor_id == bindparam("debtor")), PointRow
)
_ACCOUNT = Query(_ACCOUNTS.where(Account.id == bindparam("id")), AccountRow)
_ACCOUNTS_OF = Query(_ACCOUNTS.where(Account.debtor_id == bindparam("debtor")), AccountRow)


def lock_row(on: Asked, ref: str, *, wait: bool = True) -> DebtorRow | None:
    """The debtor, locked until the transaction ends; ``None`` where there is none.

    Lock first, then read the history in later statements. On SQLite the write transaction itself is the lock. Without
    ``wait``, ``None`` too where somebody else has locked it.
    """
    return (_LOCKED if wait else _LOCKED_IF_FREE).first(on, {"ref": ref})


def debtor_of(on: Asked, ref: str) -> DebtorRow | None:
    """The debtor, as it is without waiting for whoever has locked it."""
    return _DEBTOR_OF.first(on, {"ref": ref})


def debtor_row(on: Asked, id: int) -> DebtorRow | None:
    return _DEBTOR.first(on, {"id": id})


def point_row(on: Asked, id: int) -> PointRow | None:
    return _POINT.first(on, {"id": id})


def point_of(on: Asked, debtor: int, ref: str) -> PointRow:
    """The debtor's contact point. One answer for "does not exist" and "is somebody else's".

    Raises:
        InvalidInput: the debtor has none of this reference.
    """
    point = _POINT_OF.first(on, {"ref": ref, "debtor": debtor})
    if point is None:
        raise InvalidInput("该债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return point


def account_row(on: Asked, id: int) -> AccountRow | None:
    return _ACCOUNT.first(on, {"id": id})


def accounts_of(on: Asked, debtor: int) -> list[AccountRow]:
    """Every account of the debtor, the oldest first."""
    return _ACCOUNTS_OF.all(on, {"debtor": debtor})


def account_of(accounts: list[AccountRow], account_no: str | None) -> AccountRow | None:
    """The account of this number among a debtor's; without a number the only account, where there is one only.

    Raises:
        InvalidInput: the debtor has no account of this number, or two creditors use the same.
    """
    named = [account for account in accounts if account_no in (None, account.account_no)]
    if account_no is not None and not named:
        raise InvalidInput("该债务人没有这个账户。", code="unknown_account", field="account")
    if account_no is not None and len(named) > 1:
        raise InvalidInput("该账户号在多家委托方下存在，无法确定是哪一个。", code="ambiguous_account", field="account")
    return named[0] if len(named) == 1 else None
