"""The ledger's partitions, opened by the month on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger import Partition

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 2), date(2026, 12, 1), date(2027, 1, 1)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def add(db: Database, now: datetime, count: int) -> None:
    act = ledger.Act(now, "alice", "note:made", "debtor:1", {"文": "张*"})
    db.run(lambda session: ledger.append_all(session, [act] * count))


def listed(db: Database) -> list[Partition]:
    with db.read() as session:
        return ledger.partitions(session)


def is_sound(db: Database) -> bool:
    with db.read() as session:
        return ledger.verify(session, batch=2).ok


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_has_one_table(db: Database, now: datetime) -> None:
    add(db, now, 2)
    assert ledger.open_month(db, NOVEMBER) is None
    assert listed(db) == []


@on_postgresql
def test_one_partition_takes_everything_until_a_month_is_opened(db: Database, now: datetime) -> None:
    add(db, now, 3)
    assert listed(db) == [Partition(0, None, "ledger_entries_first")]


@on_postgresql
def test_what_comes_later_goes_to_the_month_that_was_opened(db: Database, now: datetime) -> None:
    add(db, now, 3)
    assert ledger.open_month(db, NOVEMBER) == Partition(4, None, "ledger_entries_2026_11")
    add(db, now, 2)
    ledger.open_month(db, DECEMBER)
    add(db, now, 1)
    assert listed(db) == [
        Partition(0, 4, "ledger_entries_first"),
        Partition(4, 6, "ledger_entries_2026_11"),
        Partition(6, None, "ledger_entries_2026_12"),
    ]
    with db.read() as session:
        assert session.execute(text("SELECT seq FROM ledger_entries_2026_11 ORDER BY seq")).scalars().all() == [4, 5]
        assert [entry.seq for entry in ledger.entries(session, after=2)] == [3, 4, 5, 6]
    assert is_sound(db)


@on_postgresql
def test_export_and_verification_read_across_months(db: Database, now: datetime, tmp_path: Path) -> None:
    for month in (NOVEMBER, DECEMBER, JANUARY):
        add(db, now, 3)
        ledger.open_month(db, month)
    with db.read() as session:
        assert ledger.export(session, tmp_path / "out.jsonl") == 9
    with db.write() as session:
        for table in ("ledger_entries", "ledger_entries_2026_11"):
            session.execute(text(f"DROP TRIGGER ledger_entries_append_only ON {table}"))
        session.execute(text("UPDATE ledger_entries SET actor = 'mallory' WHERE seq = 5"))
    with db.read() as session:
        assert ledger.verify(session).first_bad == 5


@on_postgresql
def test_nothing_is_opened_twice_nor_for_nothing(db: Database, now: datetime) -> None:
    assert ledger.open_month(db, NOVEMBER) is None
    add(db, now, 1)
    assert ledger.open_month(db, NOVEMBER) is not None
    assert ledger.open_month(db, NOVEMBER) is None
    assert ledger.open_month(db, DECEMBER) is None
    assert len(listed(db)) == 2


@on_postgresql
def test_an_earlier_month_is_refused(db: Database, now: datetime) -> None:
    add(db, now, 1)
    ledger.open_month(db, DECEMBER)
    add(db, now, 1)
    with pytest.raises(InvalidInput, match="later than ledger_entries_2026_11"):
        ledger.open_month(db, NOVEMBER)


@on_postgresql
@pytest.mark.parametrize("table", ["ledger_entries", "ledger_entries_first", "ledger_entries_2026_11"])
@pytest.mark.parametrize("change", ["UPDATE {} SET body = '{{}}'", "DELETE FROM {}", "TRUNCATE {}"])
def test_every_partition_is_append_only(db: Database, now: datetime, table: str, change: str) -> None:
    add(db, now, 1)
    ledger.open_month(db, NOVEMBER)
    add(db, now, 1)
    with pytest.raises(DBAPIError, match="ledger entries are never"), db.write() as session:
        session.execute(text(change.format(table)))


@on_postgresql
@pytest.mark.parametrize(("seq", "other"), [(1, 0), (2, 9)])
def test_no_partition_holds_a_hash_twice(db: Database, now: datetime, seq: int, other: int) -> None:
    add(db, now, 1)
    ledger.open_month(db, NOVEMBER)
    add(db, now, 1)
    again = f"""INSERT INTO ledger_entries
        SELECT {other}, at, actor, kind, subject, body, prev, hash FROM ledger_entries WHERE seq = {seq}"""  # noqa: S608 - our own numbers
    with pytest.raises(DBAPIError, match="_hash"), db.write() as session:
        session.execute(text(again))


@on_postgresql
def test_months_are_opened_while_others_append(db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.ledger.months.WAIT_MS", 30_000)
    with ThreadPoolExecutor(5) as pool:
        writing = [pool.submit(add, db, now, 2) for _ in range(60)]
        opened = [ledger.open_month(db, month) for month in (NOVEMBER, DECEMBER, JANUARY)]
        for one in writing:
            one.result()
    add(db, now, 1)
    assert is_sound(db)
    with db.read() as session:
        assert ledger.head(session).seq == 121
    assert [one.name for one in opened if one] == [one.name for one in listed(db)[1:]]


@on_postgresql
def test_a_ledger_in_use_is_left_as_it_is(db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.ledger.months.WAIT_MS", 50)
    add(db, now, 1)
    with db.read() as session:
        ledger.entries(session)
        with pytest.raises(InvalidInput, match="nothing was changed"):
            ledger.open_month(db, NOVEMBER)
    assert len(listed(db)) == 1
    assert ledger.open_month(db, NOVEMBER) is not None


@on_postgresql
def test_a_partition_cut_by_somebody_else_is_told(db: Database, now: datetime) -> None:
    add(db, now, 1)
    ledger.open_month(db, NOVEMBER)
    with db.write() as session:
        session.execute(text("ALTER TABLE ledger_entries DETACH PARTITION ledger_entries_2026_11"))
        session.execute(text("ALTER TABLE ledger_entries ATTACH PARTITION ledger_entries_2026_11 DEFAULT"))
    with pytest.raises(InvalidInput, match="not ours"):
        ledger.open_month(db, DECEMBER)
