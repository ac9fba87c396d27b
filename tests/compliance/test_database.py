"""Typed columns come back as they were stored, and races are lost with a limit, on both databases."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import Integer, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from compliance.casebook import lock_debtor
from compliance.casebook.models import Account, ContactAgreement, Creditor, Debtor
from compliance.database import TRIES, Database
from compliance.gate.models import Outreach
from compliance.prepared import Query


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


# Losing a race


def locked_out() -> OperationalError:
    return OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))


def test_a_lost_race_is_run_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.database.time.sleep", lambda _seconds: None)
    lost = [locked_out(), locked_out()]

    def work(_session: Session) -> str:
        if lost:
            raise lost.pop()
        return "won"

    assert db.run(work) == "won"


def test_races_are_not_lost_for_ever(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.database.time.sleep", lambda _seconds: None)
    tries: list[int] = []

    def work(_session: Session) -> None:
        tries.append(1)
        raise locked_out()

    with pytest.raises(OperationalError, match="locked"):
        db.run(work)
    assert len(tries) == TRIES


def test_another_error_is_not_tried_again(db: Database) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(DBAPIError):
        db.run(work)
    assert len(tries) == 1


def test_of_two_that_lock_each_other_both_get_through(db: Database) -> None:
    """On PostgreSQL one of them is ended as a deadlock (40P01) and runs again; SQLite lets one in at a time."""
    with db.write() as session:
        session.add_all([Debtor(id=1, ref="d1", name="张三"), Debtor(id=2, ref="d2", name="李四")])
    both_have_one = Barrier(2)
    tries: list[str] = []

    def swap(first: str, second: str) -> None:
        def work(session: Session) -> None:
            tries.append(first)
            lock_debtor(session, first)
            if not db.is_sqlite and len(tries) <= 2:
                both_have_one.wait(30)
            lock_debtor(session, second).name += "。"

        db.run(work)

    with ThreadPoolExecutor(2) as pool:
        for piece in [pool.submit(swap, "d1", "d2"), pool.submit(swap, "d2", "d1")]:
            piece.result(60)
    assert len(tries) == (2 if db.is_sqlite else 3)
    with db.read() as session:
        assert sorted(session.scalars(select(Debtor.name))) == ["张三。", "李四。"]


def test_nobody_waits_for_ever_for_a_lock(db: Database) -> None:
    with db.write() as session:
        session.add(Debtor(id=1, ref="d1", name="张三"))
    hasty = Database(db.url, timeout_s=0.2)
    with db.write() as session:
        lock_debtor(session, "d1")
        with pytest.raises(OperationalError):
            hasty.run(lambda other: lock_debtor(other, "d1"))
    assert hasty.run(lambda other: lock_debtor(other, "d1").ref) == "d1"
    hasty.dispose()


def test_nobody_waits_for_ever_for_a_connection(db: Database) -> None:
    narrow = Database(db.url, pool_size=1, timeout_s=0.1)
    with narrow.engine.connect(), narrow.engine.connect(), pytest.raises(PoolTimeout), narrow.engine.connect():
        pass
    narrow.dispose()


def test_a_glance_takes_the_connection_of_the_last(db: Database) -> None:
    with db.glance() as first:
        pass
    with db.glance() as second, db.glance() as third:
        assert second is first
        assert third is not first


def test_a_connection_with_something_open_on_it_is_not_kept(db: Database) -> None:
    with db.glance() as first:
        first.execute(text("SELECT 1"))
    with db.glance() as second:
        assert second is not first
        assert not second.in_transaction()


def test_a_glance_sees_what_was_committed_since(db: Database) -> None:
    def names() -> list[str]:
        with db.glance() as connection:
            return Query(select(Debtor.ref), str).all(connection, {})

    assert names() == []
    with db.write() as session:
        session.add(Debtor(ref="d1", name="张三"))
    assert names() == ["d1"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_has_ended_is_replaced(db: Database) -> None:
    """SQLite has no server."""
    killer = Database(db.url)
    with db.read() as session, db.read() as other:  # two connections, both idle in the pool afterwards
        pids = [each.scalar(text("SELECT pg_backend_pid()")) for each in (session, other)]
    with db.glance() as kept:
        pids += Query(select(func.pg_backend_pid(type_=Integer)), int).all(kept, {})
    with killer.engine.begin() as connection:
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with db.read() as session, db.glance() as alone:
        assert session.scalar(text("SELECT 1")) == alone.scalar(text("SELECT 1")) == 1
    killer.dispose()
