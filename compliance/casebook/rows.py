"""The rows that every decision reads: the debtor, a contact point, accounts with their creditors.

Frozen, without a session behind them: making objects of the models took longer than finding the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, String, bindparam, select

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.judge.types import InvalidInput
from compliance.prepared import Asked, Query
from compliance.rendered import SIZES


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
    agencies_evaluated: str
    agencies_engaged: str
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
        Creditor.agencies_evaluated, Creditor.agencies_engaged, Creditor.lines,
    )
    .join(Creditor, Creditor.id == Account.creditor_id)
)  # fmt: skip
_BY_REF = _DEBTORS.where(Debtor.ref == bindparam("ref"))
_LOCKED = Query(_BY_REF.with_for_update(), DebtorRow)
_LOCKED_IF_FREE = {
    size: Query(
        _DEBTORS.where(Debtor.ref.in_([bindparam(f"ref_{place}", type_=String()) for place in range(size)]))
        .with_for_update(skip_locked=True),
        DebtorRow,
    )
    for size in (1, *SIZES)
}  # fmt: skip
_DEBTOR_OF = Query(_BY_REF, DebtorRow)
_DEBTOR = Query(_DEBTORS.where(Debtor.id == bindparam("id")), DebtorRow)
_POINT = Query(_POINTS.where(ContactPoint.id == bindparam("id")), PointRow)
POINT_OF = Query(
    _POINTS.where(ContactPoint.ref == bindparam("ref"), ContactPoint.debtor_id == bindparam("debtor")), PointRow
)
_ACCOUNT = Query(_ACCOUNTS.where(Account.id == bindparam("id")), AccountRow)
ACCOUNTS_OF = Query(_ACCOUNTS.where(Account.debtor_id == bindparam("debtor")), AccountRow)


def lock_row(on: Asked, ref: str) -> DebtorRow | None:
    """The debtor, locked until the transaction ends; ``None`` where there is none. Waits for who has locked it.

    Lock first, then read the history in later statements. On SQLite the write transaction itself is the lock.
    """
    return _LOCKED.first(on, {"ref": ref})


def lock_free_rows(connection: Connection, refs: Sequence[str]) -> dict[str, DebtorRow]:
    """Those of the debtors, at most 16, that nobody else has locked, locked until the transaction ends, by reference.

    As ``lock_row``, but waits for nobody.
    """
    size = next(size for size in _LOCKED_IF_FREE if size >= len(refs))
    values = {f"ref_{place}": refs[min(place, len(refs) - 1)] for place in range(size)}
    return {row.ref: row for row in _LOCKED_IF_FREE[size].all(connection, values)}


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
    return the_point(POINT_OF.all(on, {"ref": ref, "debtor": debtor}))


def the_point(found: Sequence[PointRow]) -> PointRow:
    """What ``POINT_OF`` found. Raises as ``point_of``."""
    if not found:
        raise InvalidInput("该债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return found[0]


def account_row(on: Asked, id: int) -> AccountRow | None:
    return _ACCOUNT.first(on, {"id": id})


def accounts_of(on: Asked, debtor: int) -> list[AccountRow]:
    """Every account of the debtor, the oldest first."""
    return in_order(ACCOUNTS_OF.all(on, {"debtor": debtor}))


def in_order(accounts: Sequence[AccountRow]) -> list[AccountRow]:
    """The oldest first."""
    return sorted(accounts, key=attrgetter("id"))


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
