"""Writing good rows into the casebook, some hundred at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from compliance.casebook.agencies import note_agency
from compliance.casebook.history import NOTICES
from compliance.casebook.importing.report import ImportReport, Problem
from compliance.casebook.importing.rows import CaseRow, same_person
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor

CHUNK = 400
"""Rows that are looked up together."""


@dataclass(slots=True)
class _Known:
    """What the database holds about the people and accounts of a chunk of rows."""

    creditors: dict[str, Creditor]
    debtors: dict[str, Debtor]
    accounts: dict[tuple[int, str], Account]
    points: dict[tuple[int, str, str], ContactPoint]
    notices: set[tuple[int, datetime]] = field(default_factory=set)


def store(session: Session, rows: Sequence[CaseRow], report: ImportReport, now: datetime, actor: str) -> None:
    """Create what is new, update what differs, and count it in ``report``; rows that cannot be taken become errors.

    A chunk is looked up, its people are written, then its accounts and contact points, then the notices: each needs
    the ids of the one before.
    """
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        known = _look_up(session, chunk)
        conflicts = {row.number: problem for row in chunk if (problem := _conflict(row, known))}
        report.errors.extend(conflicts.values())
        good = [row for row in chunk if row.number not in conflicts]
        report.new_creditors.extend(_add_creditors(session, good, known))
        _add_debtors(session, good, known)
        session.flush()
        stored = [_store_row(session, row, known, report) for row in good]
        session.flush()
        for creditor, agency in dict.fromkeys((row.creditor, row.agency) for row in good if row.agency):
            note_agency(session, known.creditors[creditor], agency, now)
        _add_notices(session, stored, known, report, now, actor)


def _look_up(session: Session, rows: Sequence[CaseRow]) -> _Known:
    names = {row.creditor for row in rows}
    creditors = {row.name: row for row in session.scalars(select(Creditor).where(Creditor.name.in_(names)))}
    refs = {row.debtor_ref for row in rows}
    debtors = {debtor.ref: debtor for debtor in session.scalars(select(Debtor).where(Debtor.ref.in_(refs)))}
    accounts = session.scalars(
        select(Account).where(
            Account.creditor_id.in_({creditor.id for creditor in creditors.values()}),
            Account.account_no.in_({row.account_no for row in rows}),
        )
    ).all()
    debtor_ids = {debtor.id for debtor in debtors.values()}
    points = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id.in_(debtor_ids)))
    columns = NOTICES.c
    notices = session.execute(
        select(columns.account_id, columns.at).where(
            columns.account_id.in_({account.id for account in accounts}), columns.type == "outsourcing"
        )
    )
    return _Known(
        creditors,
        debtors,
        {(account.creditor_id, account.account_no): account for account in accounts},
        {(point.debtor_id, point.kind, point.value): point for point in points},
        {(notice.account_id, notice.at) for notice in notices},
    )


def _conflict(row: CaseRow, known: _Known) -> Problem | None:
    """Why the row contradicts what is recorded; a person is never changed into another by an import."""
    debtor = known.debtors.get(row.debtor_ref)
    if debtor is not None and not same_person(row, debtor.name, debtor.id_number):
        return Problem(row.number, "debtor_ref", "other_person", "库中 / on record")
    creditor = known.creditors.get(row.creditor)
    account = known.accounts.get((creditor.id, row.account_no)) if creditor else None
    if account is not None and (debtor is None or account.debtor_id != debtor.id):
        return Problem(row.number, "account_no", "other_debtor")
    for kind, value in _reachable(row):
        point = known.points.get((debtor.id, kind, value)) if debtor else None
        if point is not None and point.relation not in ("self", None):
            return Problem(row.number, kind, "third_party")
    return None


def _add_creditors(session: Session, rows: Sequence[CaseRow], known: _Known) -> list[str]:
    names = list(dict.fromkeys(row.creditor for row in rows if row.creditor not in known.creditors))
    for name in names:
        known.creditors[name] = Creditor(name=name)
        session.add(known.creditors[name])
    return names


def _add_debtors(session: Session, rows: Sequence[CaseRow], known: _Known) -> None:
    for row in rows:
        if row.debtor_ref not in known.debtors:
            debtor = known.debtors[row.debtor_ref] = Debtor(ref=row.debtor_ref, name=row.name, id_number=row.id_number)
            session.add(debtor)


def _store_row(session: Session, row: CaseRow, known: _Known, report: ImportReport) -> tuple[CaseRow, Account]:
    """The row with its account, counted as created, updated or unchanged."""
    debtor, creditor = known.debtors[row.debtor_ref], known.creditors[row.creditor]
    account = known.accounts.get((creditor.id, row.account_no))
    created = account is None
    if account is None:
        account = Account(creditor_id=creditor.id, debtor_id=debtor.id, account_no=row.account_no)
        account.interest = account.fees = Decimal(0)
        session.add(account)
    changes = [
        _assign(debtor, id_number=row.id_number),
        _assign(
            account, product=row.product, principal=row.principal, interest=row.interest, fees=row.fees,
            due_date=row.due_date, contract_date=row.contract_date, collector=row.collector, agency=row.agency,
        ),
        *[_add_point(session, debtor, kind, value, known) for kind, value in _reachable(row)],
        row.outsourcing_notice_at is not None and (account.id, row.outsourcing_notice_at) not in known.notices,
    ]  # fmt: skip
    if created:
        report.created += 1
    elif any(changes):
        report.updated += 1
    else:
        report.unchanged += 1
    return row, account


def _reachable(row: CaseRow) -> list[tuple[str, str]]:
    found = (("mobile", row.mobile), ("email", row.email), ("address", row.address))
    return [(kind, value) for kind, value in found if value]


def _add_point(session: Session, debtor: Debtor, kind: str, value: str, known: _Known) -> bool:
    """The debtor's own, from the contract. One that is there keeps what is recorded about it, refusals above all."""
    key = (debtor.id, kind, value)
    if key in known.points:
        return False
    point = ContactPoint(
        ref=f"cp-{uuid4().hex}", debtor_id=debtor.id, kind=kind, value=value, relation="self", source="contract",
        reserved=kind == "mobile",
    )  # fmt: skip
    session.add(point)
    known.points[key] = point
    return True


def _add_notices(
    session: Session,
    stored: Sequence[tuple[CaseRow, Account]],
    known: _Known,
    report: ImportReport,
    now: datetime,
    actor: str,
) -> None:
    notices = [
        {
            "ref": f"nt-{uuid4().hex}", "debtor_id": account.debtor_id, "account_id": account.id,
            "type": "outsourcing", "channel": "import", "at": row.outsourcing_notice_at,
            "evidence": f"导入文件 {report.file} 第 {row.number} 行，SHA-256 {report.sha256}",
            "recorded_by": actor, "recorded_at": now,
        }
        for row, account in stored
        if row.outsourcing_notice_at and (account.id, row.outsourcing_notice_at) not in known.notices
    ]  # fmt: skip
    if notices:
        session.execute(insert(NOTICES), notices)


def _assign(target: Account | Debtor, **values: object) -> bool:
    """Set what differs; ``None`` changes nothing. Whether anything did."""
    different = {name: value for name, value in values.items() if value is not None and getattr(target, name) != value}
    for name, value in different.items():
        setattr(target, name, value)
    return bool(different)
