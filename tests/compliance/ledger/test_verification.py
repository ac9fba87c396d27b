"""Every change made past the triggers is named, on both databases."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance import ledger
from compliance.database import Database
from compliance.ledger.chain import hash_entry

LAST = 7


def write(db: Database, now: datetime) -> None:
    """A ledger of seven entries whose triggers somebody has dropped."""
    with db.write() as session:
        for number in range(1, LAST + 1):
            ledger.append(
                session,
                at=now,
                actor="alice",
                kind="note:made",
                subject=f"debtor:{number}",
                body={"note": "张* 已联系"},
            )
    triggers = ("no_update", "no_delete", "no_replace") if db.is_sqlite else ("append_only",)
    for trigger in triggers:
        run(db, f"DROP TRIGGER ledger_entries_{trigger}" + ("" if db.is_sqlite else " ON ledger_entries"))


def run(db: Database, *statements: str) -> None:
    with db.write() as session:
        for statement in statements:
            session.execute(text(statement))


def verify(db: Database) -> ledger.Verification:
    with db.read() as session:
        return ledger.verify(session, batch=2)


def renumber(old: int, new: int) -> str:
    return f"UPDATE ledger_entries SET seq = {new} WHERE seq = {old}"  # noqa: S608 - our own numbers


def replace(db: Database, seq: int) -> None:
    """Rewrite an entry and its hash so that it is sound in itself."""
    with db.read() as session:
        [old] = ledger.entries(session, after=seq - 1, limit=1)
    digest = hash_entry(
        seq=seq, at=old.at, actor="mallory", kind=old.kind, subject=old.subject, body=old.body, prev=old.prev
    )
    run(db, f"UPDATE ledger_entries SET actor = 'mallory', hash = '{digest}' WHERE seq = {seq}")  # noqa: S608


def test_an_untouched_ledger_is_sound(db: Database, now: datetime) -> None:
    write(db, now)
    assert verify(db) == ledger.Verification(True, LAST)


def test_the_sentence_says_how_it_stands(db: Database, now: datetime) -> None:
    write(db, now)
    assert "sound: 7 entries" in verify(db).sentence
    run(db, "DELETE FROM ledger_entries WHERE seq = 3")
    assert "Entry 3 was removed. 2 entries" in verify(db).sentence


def test_an_empty_ledger_is_sound(db: Database) -> None:
    assert verify(db) == ledger.Verification(True, 0)


@pytest.mark.parametrize("seq", [1, 4, LAST])
@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, '已', '未')",
        "body = replace(body, ':', ': ')",
        "actor = 'alicf'",
        "kind = 'note:mada'",
        "subject = subject || ' '",
        "at = '2026-11-18 02:30:00.000001'",
        "prev = replace(prev, substr(prev, 1, 1), 'z')",
        "hash = 'z' || substr(hash, 2)",
    ],
)
def test_a_changed_field_is_named(db: Database, now: datetime, seq: int, change: str) -> None:
    write(db, now)
    if not db.is_sqlite:
        change = change.replace("000001'", "000001+00'")
    run(db, f"UPDATE ledger_entries SET {change} WHERE seq = {seq}")  # noqa: S608 - our own words
    found = verify(db)
    assert (found.ok, found.count, found.first_bad) == (False, seq - 1, seq)
    assert f"Entry {seq} was changed" in (found.problem or "")


@pytest.mark.parametrize("seq", [1, 4])
def test_a_removed_entry_is_named(db: Database, now: datetime, seq: int) -> None:
    write(db, now)
    run(db, f"DELETE FROM ledger_entries WHERE seq = {seq}")  # noqa: S608 - our own numbers
    assert verify(db) == ledger.Verification(False, seq - 1, seq, f"Entry {seq} was removed.")


def test_closing_the_gap_does_not_hide_a_removed_entry(db: Database, now: datetime) -> None:
    write(db, now)
    run(db, "DELETE FROM ledger_entries WHERE seq = 4", *(renumber(seq, seq - 1) for seq in range(5, LAST + 1)))
    found = verify(db)
    assert (found.ok, found.first_bad) == (False, 4)


def test_swapped_entries_are_named(db: Database, now: datetime) -> None:
    write(db, now)
    run(db, renumber(3, 99), renumber(4, 3), renumber(99, 4))
    found = verify(db)
    assert (found.ok, found.count, found.first_bad) == (False, 2, 3)


def test_a_truncated_tail_is_named(db: Database, now: datetime) -> None:
    write(db, now)
    run(db, "DELETE FROM ledger_entries WHERE seq > 5")
    assert verify(db) == ledger.Verification(False, 5, 6, "Entries 6 to 7 were removed: the head is at 7.")


@pytest.mark.parametrize("seq", [1, 4])
def test_a_replaced_entry_is_named(db: Database, now: datetime, seq: int) -> None:
    write(db, now)
    replace(db, seq)
    found = verify(db)
    assert found == ledger.Verification(
        False, seq - 1, seq, f"Entry {seq} was replaced: entry {seq + 1} was linked to another."
    )


def test_a_replaced_last_entry_does_not_match_the_head(db: Database, now: datetime) -> None:
    write(db, now)
    replace(db, LAST)
    found = verify(db)
    assert (found.ok, found.first_bad) == (False, LAST)
    assert "head does not match" in (found.problem or "")


def test_a_head_set_back_is_named(db: Database, now: datetime) -> None:
    write(db, now)
    run(
        db,
        "UPDATE ledger_head SET seq = 5, hash = (SELECT hash FROM ledger_entries WHERE seq = 5)",
    )
    found = verify(db)
    assert (found.ok, found.first_bad) == (False, 6)


def test_a_missing_head_is_named(db: Database, now: datetime) -> None:
    write(db, now)
    run(db, "DELETE FROM ledger_head")
    assert verify(db) == ledger.Verification(False, 0, None, "The head is missing.")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("byte", [b"\xff", b"x"])
def test_a_byte_changed_in_the_file_is_named(db: Database, now: datetime, database_url: str, byte: bytes) -> None:
    write(db, now)
    db.dispose()  # the last connection writes everything into the file
    path = Path(database_url.removeprefix("sqlite:///"))
    raw = path.read_bytes()
    place = raw.index("张* 已联系".encode(), raw.index(b"debtor:3"))
    path.write_bytes(raw[:place] + byte + raw[place + 1 :])
    found = verify(db)
    assert (found.ok, found.first_bad) == (False, 3)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_read_is_named(db: Database, now: datetime, database_url: str) -> None:
    write(db, now)
    db.dispose()
    path = Path(database_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ledger_entries'").fetchone()[0]
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * page)
        file.write(b"\xaa" * 100)
    found = verify(db)
    assert (found.ok, found.first_bad) == (False, 1)
    assert "cannot be read" in (found.problem or "")
