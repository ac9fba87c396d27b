"""Cases as the pages show them: the account with its debtor, creditor, days past due and stage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.casebook.stages import days_past_due, load_stages
from compliance.judge.types import InvalidInput
from compliance.sealing import keys_in_use


@dataclass(frozen=True, slots=True)
class Case:
    """One account on one calendar day. Relationships of the rows are not loaded."""

    account: Account
    debtor: Debtor
    creditor: Creditor
    days_past_due: int
    stage: str


def cases_of(session: Session, collector: str, today: date, *, limit: int = 200, offset: int = 0) -> list[Case]:
    """The open accounts assigned to a collector, longest due first."""
    statement = _cases().where(Account.collector == collector, Account.settled_at.is_(None))
    return _read(session, statement.order_by(Account.due_date, Account.id).limit(limit).offset(offset), today)


def count_cases_of(session: Session, collector: str) -> int:
    """How many open accounts are assigned to a collector."""
    statement = select(func.count()).where(Account.collector == collector, Account.settled_at.is_(None))
    return session.scalar(statement) or 0


def cases_of_debtor(session: Session, debtor_id: int, today: date) -> list[Case]:
    """All accounts of a debtor, settled ones too, by id."""
    return _read(session, _cases().where(Account.debtor_id == debtor_id).order_by(Account.id), today)


def get_case(session: Session, account_id: int, today: date) -> Case:
    """One account.

    Raises:
        InvalidInput: there is none.
    """
    found = _read(session, _cases().where(Account.id == account_id), today)
    if not found:
        raise InvalidInput("没有这个账户。", code="unknown_account", field="account")
    return found[0]


def get_debtor(session: Session, ref: str) -> Debtor:
    """A debtor, not locked.

    Raises:
        InvalidInput: there is none.
    """
    debtor = session.scalar(select(Debtor).where(Debtor.ref == ref))
    if debtor is None:
        raise InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
    return debtor


def contact_points_of(session: Session, debtor_id: int) -> list[ContactPoint]:
    """The debtor's contact points: the debtor's own first, then by id."""
    statement = select(ContactPoint).where(ContactPoint.debtor_id == debtor_id)
    return sorted(session.scalars(statement), key=lambda point: (point.relation != "self", point.id))


def is_personal(query: str) -> ColumnElement[bool]:
    """Whether a debtor has this name, identity number, telephone number or address, with or without blanks."""
    spellings = {query, re.sub(r"[\s-]", "", query), query.strip().upper(), query.strip().lower()}
    hashes = [hash_ for spelling in sorted(spellings) for hash_ in keys_in_use().hashes(spelling)]
    reached = exists().where(ContactPoint.debtor_id == Debtor.id, ContactPoint.value_hash.in_(hashes))
    return or_(Debtor.name_hash.in_(hashes), Debtor.id_number_hash.in_(hashes), reached)


def _cases() -> Select[Account, Debtor, Creditor]:
    return (
        select(Account, Debtor, Creditor)
        .join(Debtor, Debtor.id == Account.debtor_id)
        .join(Creditor, Creditor.id == Account.creditor_id)
    )


def _read(session: Session, statement: Select[Account, Debtor, Creditor], today: date) -> list[Case]:
    stages = load_stages()
    cases = []
    for account, debtor, creditor in session.execute(statement):
        days = days_past_due(account.due_date, today)
        cases.append(Case(account, debtor, creditor, days, stages.stage(account.product, days)))
    return cases
