from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from compliance import casebook
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.judge.types import InvalidInput

TODAY = date(2026, 11, 18)


def fill(db: Database, now: datetime) -> None:
    """Wang has three open cases and a settled one, Li has one."""
    with db.write() as session:
        session.add_all([Creditor(id=1, name="华东银行"), Debtor(id=1, ref="D1", name="张三")])
        session.flush()
        for number, (collector, days) in enumerate(
            [("wang", 5), ("wang", 200), ("wang", 40), ("wang", 300), ("li", 0)], 1
        ):
            session.add(
                Account(
                    id=number, creditor_id=1, debtor_id=1, product="card", account_no=f"A{number}", collector=collector,
                    principal=Decimal(1), due_date=TODAY - timedelta(days=days),
                    settled_at=now if days == 300 else None,
                )
            )  # fmt: skip
        for number, relation in enumerate(["other_third_party", None, "self"], 1):
            session.add(
                ContactPoint(id=number, ref=f"cp{number}", debtor_id=1, kind="im", value=str(number), relation=relation)
            )


def test_a_collector_sees_the_open_cases_longest_due_first(db: Database, now: datetime) -> None:
    fill(db, now)
    with db.read() as session:
        found = casebook.cases_of(session, "wang", TODAY)
    assert [(case.account.account_no, case.days_past_due, case.stage) for case in found] == [
        ("A2", 200, "final"),
        ("A3", 40, "middle"),
        ("A1", 5, "initial"),
    ]
    assert (found[0].debtor.name, found[0].creditor.name) == ("张三", "华东银行")


def test_cases_come_in_pages(db: Database, now: datetime) -> None:
    fill(db, now)
    with db.read() as session:
        [case] = casebook.cases_of(session, "wang", TODAY, limit=1, offset=1)
        assert (case.account.account_no, casebook.count_cases_of(session, "wang")) == ("A3", 3)


def test_a_debtor_is_shown_with_every_account(db: Database, now: datetime) -> None:
    fill(db, now)
    with db.read() as session:
        assert len(casebook.cases_of_debtor(session, casebook.get_debtor(session, "D1").id, TODAY)) == 5


def test_one_case(db: Database, now: datetime) -> None:
    fill(db, now)
    with db.read() as session:
        assert casebook.get_case(session, 5, TODAY).days_past_due == 0


def test_the_debtors_own_contact_points_come_first(db: Database, now: datetime) -> None:
    fill(db, now)
    with db.read() as session:
        assert [point.ref for point in casebook.contact_points_of(session, 1)] == ["cp3", "cp1", "cp2"]


def test_what_is_not_there_is_said(db: Database) -> None:
    with db.read() as session:
        with pytest.raises(InvalidInput):
            casebook.get_case(session, 1, TODAY)
        with pytest.raises(InvalidInput):
            casebook.get_debtor(session, "D1")
