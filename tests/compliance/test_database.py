"""Typed columns come back as they were stored, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from compliance.casebook.models import Account, ContactAgreement, Creditor, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach


def account(**changes: object) -> Account:
    fields: dict[str, object] = {
        "creditor_id": 1,
        "debtor_id": 1,
        "product": "card",
        "account_no": "A1",
        "principal": Decimal("999999999999.99"),
        "interest": Decimal("0.10"),
        "due_date": date(2026, 2, 28),
    }
    return Account(**fields | changes)


def add_people(db: Database) -> None:
    """One creditor and one debtor."""
    with db.write() as session:
        session.add_all([Creditor(id=1, name="银行"), Debtor(id=1, ref="d1", name="张三")])


@pytest.mark.parametrize("amount", ["999999999999.99", "0.01", "123456789.10", "0.00"])
def test_amounts_come_back_exactly(db: Database, amount: str) -> None:
    add_people(db)
    with db.write() as session:
        session.add(account(principal=Decimal(amount)))
    with db.read() as session:
        stored = session.scalars(select(Account)).one().principal
    assert (stored, str(stored)) == (Decimal(amount), amount)


def test_an_instant_comes_back_in_utc(db: Database) -> None:
    add_people(db)
    at = datetime(2026, 3, 1, 7, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=8)))
    with db.write() as session:
        session.add(account(settled_at=at))
    with db.read() as session:
        stored = session.scalars(select(Account)).one().settled_at
    assert stored == at
    assert stored is not None
    assert stored.tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused(db: Database) -> None:
    add_people(db)
    with pytest.raises(StatementError, match="time zone"), db.write() as session:
        session.add(account(settled_at=datetime(2026, 3, 1)))  # noqa: DTZ001 - that is the point


def test_a_local_time_comes_back(db: Database, now: datetime) -> None:
    add_people(db)
    with db.write() as session:
        session.add(
            ContactAgreement(debtor_id=1, since=now, evidence="录音", window_start=time(22, 30), recorded_by="alice")
        )
    with db.read() as session:
        assert session.scalars(select(ContactAgreement)).one().window_start == time(22, 30)


def test_json_comes_back(db: Database, now: datetime) -> None:
    add_people(db)
    verdict = {"findings": [{"why": "深夜", "span": [0, 2], "confidence": 0.5, "next": None}]}
    row = Outreach(
        client_id="c1",
        body_digest="",
        debtor_id=1,
        channel="sms",
        audience="debtor",
        collector="alice",
        at=now,
        local_day=now.date(),
        created_at=now,
        state="blocked",
        decision="block",
        verdict=verdict,
        pack_digest="",
    )
    with db.write() as session:
        session.add(row)
    with db.read() as session:
        assert session.scalars(select(Outreach)).one().verdict == verdict
