"""Trips to a real PostgreSQL server: what comes back, and what is left where one goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from compliance import postgresql
from compliance.casebook.models import Creditor
from compliance.database import Database, table_of
from compliance.postgresql import Trip
from compliance.prepared import Change, Query, one_trip

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NAMES = Query(select(Creditor.name).order_by(Creditor.name), str)
ADD = Change(
    insert(table_of(Creditor)).values(
        name=bindparam("name"), kind="bank", agencies_public="", agencies_evaluated="", agencies_engaged="", lines=""
    )
)
RENAME = Change(update(table_of(Creditor)).values(name=bindparam("to")))


@pytest.fixture
def driver(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        yield connection


def ask(driver: psycopg.Connection[Any], sql: str, *values: object, prepared: set[bytes] | None = None) -> list[Any]:
    trip = Trip(driver, set() if prepared is None else prepared)
    reply = trip.add(sql, values)
    trip.go()
    return reply.rows


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("integer", 7),
        ("integer", -(2**31)),
        ("bigint", 2**62),
        ("text", "起诉%(x)s\\'\"中"),
        ("text", ""),
        ("boolean", False),
        ("bytea", bytes(range(256))),
        ("numeric", Decimal("999999999999.99")),
        ("date", date(2028, 2, 29)),
        ("time", time(8, 0)),
        ("timestamptz", datetime(2026, 11, 18, 2, 30, 0, 1, tzinfo=UTC)),
        ("json", None),
    ],
)
def test_values_come_back_as_they_went(driver: psycopg.Connection[Any], type_: str, value: object) -> None:
    assert ask(driver, f"SELECT CAST(%s AS {type_}), '5%%', %s::{type_}", value, value) == [(value, "5%", value)]


def test_a_statement_is_prepared_once_whatever_its_values(driver: psycopg.Connection[Any]) -> None:
    prepared: set[bytes] = set()
    for value in (1, 40_000, 2**31 - 1, None):
        assert ask(driver, "SELECT %s::integer", value, prepared=prepared) == [(value,)]
    named = driver.execute("SELECT name FROM pg_prepared_statements").fetchall()
    assert [(name.decode(),) for name in prepared] == named


def test_a_trip_begins_the_transaction_that_the_driver_would_begin(driver: psycopg.Connection[Any]) -> None:
    driver.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert ask(driver, "SHOW transaction_isolation") == [("repeatable read",)]
    assert driver.info.transaction_status.name == "INTRANS"
    driver.rollback()
    driver.autocommit = True
    ask(driver, "SELECT 1")
    assert driver.info.transaction_status.name == "IDLE"


def test_more_than_both_sides_can_hold_at_once(driver: psycopg.Connection[Any]) -> None:
    trip = Trip(driver, set())
    long = "长" * 1_000_000
    replies = [trip.add("SELECT %s::text, %s::integer", (long, n)) for n in range(5)]
    trip.go()
    assert [reply.rows for reply in replies] == [[(long, number)] for number in range(5)]


def test_what_comes_after_a_mistake_is_not_run(driver: psycopg.Connection[Any]) -> None:
    ask(driver, "CREATE TABLE kept (n integer UNIQUE)")
    driver.commit()
    prepared: set[bytes] = set()
    trip = Trip(driver, prepared)
    for number in (1, 1, 2):
        trip.add("INSERT INTO kept VALUES (%s)", (number,))
    reply = trip.add("SELECT * FROM kept", ())
    with pytest.raises(LookupError):
        _ = reply.rows
    with pytest.raises(psycopg.errors.UniqueViolation):
        trip.go()
    with pytest.raises(LookupError):
        _ = reply.rows
    driver.rollback()
    assert ask(driver, "SELECT * FROM kept", prepared=prepared) == []


def test_what_had_failed_before_is_not_taken_for_committed(driver: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.Error):
        driver.execute("SELECT 1 / 0")
    with pytest.raises(psycopg.OperationalError, match="rolled back"):
        Trip(driver, set()).go(commit=True)


def test_a_value_that_cannot_be_sent_is_told_before_anything_is(driver: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.DataError):
        ask(driver, "SELECT %s::text", "a\0b")
    assert driver.info.transaction_status.name == "IDLE"


def test_what_a_server_has_forgotten_is_prepared_again(db: Database) -> None:
    with db.glance() as connection:
        NAMES.all(connection, {})
        connection.exec_driver_sql("DEALLOCATE ALL")
        connection.rollback()
        with pytest.raises(DBAPIError, match="does not exist"):
            NAMES.all(connection, {})
        assert NAMES.all(connection, {}) == []


def test_a_table_that_has_changed_since_is_asked_anew(db: Database) -> None:
    everything = Query(select(table_of(Creditor)), lambda *row: row)
    with db.glance() as connection:
        everything.all(connection, {})
        with db.write() as session:
            session.connection().exec_driver_sql("ALTER TABLE creditors ALTER COLUMN phone TYPE text")
        with pytest.raises(DBAPIError, match="cached plan"):
            everything.all(connection, {})
        assert everything.all(connection, {}) == []


def test_a_server_that_goes_away_is_an_error_and_the_next_connection_works(db: Database) -> None:
    db.run_rows(lambda connection: ADD.run(connection, {"name": "银行"}))
    with pytest.raises(OperationalError), db.write_rows() as connection:
        (pid,) = Query(select(func.pg_backend_pid()), int).all(connection, {})
        with db.read() as session:
            session.connection().exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        RENAME.run(connection, {"to": "信托"})
    with db.glance() as connection:
        assert NAMES.all(connection, {}) == ["银行"]


def test_who_is_interrupted_leaves_no_half_answer(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        POLLIN, POLLOUT = 1, 4

        @staticmethod
        def poll() -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), db.write_rows() as connection:
        NAMES.all(connection, {})
        with monkeypatch.context() as patched, one_trip(connection):
            ADD.run(connection, {"name": "银行"})
            patched.setattr(postgresql, "select", Interrupted)
            NAMES.all(connection, {})
    with db.glance() as connection:
        assert NAMES.all(connection, {}) == []


def test_a_rollback_keeps_what_was_prepared(db: Database) -> None:
    """The driver would have the server forget everything, were it to prepare statements too."""
    with db.read() as session:
        for _ in range(8):
            session.execute(select(Creditor)).all()
        NAMES.all(session, {})
    with db.read() as session:
        assert NAMES.all(session, {}) == []
        named = session.connection().exec_driver_sql("SELECT name FROM pg_prepared_statements").all()
    assert [name[:9] for (name,) in named] == ["zhengyan_"]
