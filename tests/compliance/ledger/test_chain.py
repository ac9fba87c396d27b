from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger.chain import canonical, hash_entry


def add(session: Session, now: datetime, **changes: object) -> ledger.LedgerEntry:
    fields = {"at": now, "actor": "alice", "kind": "note:made", "subject": "debtor:1", "body": {"文": "张*"}} | changes
    head = ledger.append(session, **fields)  # type: ignore[arg-type]
    return ledger.entries(session, after=head.seq - 1, limit=1)[0]


def test_an_empty_ledger_has_a_head_of_zeros(db: Database) -> None:
    with db.read() as session:
        assert ledger.head(session) == ledger.Head(0, "0" * 64)


def test_entries_are_linked(db: Database, now: datetime) -> None:
    with db.write() as session:
        first, second = add(session, now), add(session, now)
    assert (first.seq, second.seq, second.prev) == (1, 2, first.hash)


def test_the_head_follows(db: Database, now: datetime) -> None:
    with db.write() as session:
        entry = add(session, now)
    with db.read() as session:
        assert ledger.head(session) == ledger.Head(1, entry.hash)


def test_the_hash_can_be_computed_by_anyone(db: Database, now: datetime) -> None:
    with db.write() as session:
        entry = add(session, now)
    fields = {
        "actor": "alice",
        "at": "2026-11-18T02:30:00.000000+00:00",
        "body": '{"文":"张*"}',
        "kind": "note:made",
        "prev": "0" * 64,
        "seq": 1,
        "subject": "debtor:1",
    }
    plain = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(plain.encode()).hexdigest()


def test_a_body_is_canonical(db: Database, now: datetime) -> None:
    with db.write() as session:
        assert add(session, now, body={"b": 1, "a": [None, "字"]}).body == '{"a":[null,"字"],"b":1}'


def test_entries_come_in_pages(db: Database, now: datetime) -> None:
    with db.write() as session:
        for _ in range(5):
            add(session, now)
    with db.read() as session:
        assert [entry.seq for entry in ledger.entries(session, after=2, limit=2)] == [3, 4]


def test_what_is_rolled_back_leaves_no_entry(db: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), db.write() as session:
        add(session, now)
        raise RuntimeError
    with db.read() as session:
        assert (ledger.head(session).seq, ledger.entries(session)) == (0, [])


def test_writers_at_once_make_one_chain(db: Database, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: db.run(lambda session: add(session, now).seq), range(40)))
    with db.read() as session:
        assert ledger.verify(session) == ledger.Verification(True, 40)


@pytest.mark.parametrize(
    "change",
    [
        {"body": {"text": "\ud800"}},
        {"body": {"amount": float("nan")}},
        {"body": {"amount": Decimal(1)}},
        {"actor": ""},
        {"actor": "a" * 81},
        {"kind": "k" * 61},
        {"subject": "a\0b"},
        {"subject": "\ud800"},
    ],
    ids=str,
)
def test_what_cannot_be_stored_is_refused(db: Database, now: datetime, change: dict[str, object]) -> None:
    with db.write() as session, pytest.raises(InvalidInput):
        add(session, now, **change)


def test_an_instant_without_a_time_zone_is_refused(db: Database) -> None:
    with db.write() as session, pytest.raises(ValueError, match="time zone"):
        add(session, datetime(2026, 11, 18))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET body = '{}' WHERE seq = 1",
        "DELETE FROM ledger_entries WHERE seq = 1",
    ],
)
def test_entries_are_neither_changed_nor_removed(db: Database, now: datetime, statement: str) -> None:
    with db.write() as session:
        add(session, now)
    with pytest.raises(DBAPIError, match="ledger entries are never"), db.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_entries_are_not_truncated(db: Database) -> None:
    with pytest.raises(DBAPIError, match="TRUNCATE refused"), db.write() as session:
        session.execute(text("TRUNCATE ledger_entries"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("same", ["seq", "hash"])
def test_entries_are_not_replaced(db: Database, now: datetime, same: str) -> None:
    with db.write() as session:
        add(session, now)
    values = {"seq": "2", "hash": "'x'"} | {same: same}
    statement = f"""INSERT OR REPLACE INTO ledger_entries
        SELECT {values["seq"]}, at, actor, kind, subject, '{{}}', prev, {values["hash"]} FROM ledger_entries"""  # noqa: S608
    with pytest.raises(DBAPIError, match="never replaced"), db.write() as session:
        session.execute(text(statement))


def test_numbers_go_beyond_32_bits(db: Database, now: datetime) -> None:
    with db.write() as session:
        session.execute(text("UPDATE ledger_head SET seq = 2147483647"))
        assert add(session, now).seq == 2**31


@given(text_=st.text(st.characters(exclude_categories=["Cs"])), seq=st.integers(min_value=1))
def test_the_hash_is_that_of_the_canonical_json(text_: str, seq: int) -> None:
    at = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
    fields: dict[str, Any] = {"actor": text_, "body": text_, "kind": "k", "prev": text_, "seq": seq, "subject": text_}
    plain = canonical({**fields, "at": "2026-11-18T02:30:00.000000+00:00"})
    assert hash_entry(at=at, **fields) == hashlib.sha256(plain.encode()).hexdigest()


def test_a_lone_surrogate_is_refused_in_every_field(db: Database, now: datetime) -> None:
    for name in ("actor", "kind", "subject"):
        with db.write() as session, pytest.raises(InvalidInput):
            add(session, now, **{name: "a\ud800"})
