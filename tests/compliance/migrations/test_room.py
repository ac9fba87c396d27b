"""A ledger that is there on upgrade stays the ledger, and numbers may grow beyond 32 bits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance import ledger
from compliance.database import Database
from compliance.migrations import _config, upgrade


@pytest.fixture
def before(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the revision before."""
    is_sqlite = database_url.startswith("sqlite")
    database = Database(f"sqlite:///{tmp_path / 'before.db'}" if is_sqlite else database_url)
    with database.write() as session:
        for statement in () if is_sqlite else ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            session.execute(text(statement))
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0025")
    yield database
    database.dispose()


def test_entries_stay_and_are_kept_append_only(before: Database, now: datetime) -> None:
    act = ledger.Act(now, "alice", "note:made", "debtor:1", {"文": "张*"})
    before.run(lambda session: ledger.append_all(session, [act] * 3))
    with before.read() as session:
        old = ledger.head(session)
    before.dispose()  # an upgrade is made with nothing running
    upgrade(before.url)
    with before.read() as session:
        assert ledger.head(session) == old
        assert ledger.verify(session).ok
    before.run(lambda session: ledger.append_all(session, [act]))
    for change in ("UPDATE ledger_entries SET body = ''", "DELETE FROM ledger_entries"):
        with pytest.raises(DBAPIError, match="ledger entries are never"), before.write() as session:
            session.execute(text(change))
    with before.read() as session:
        assert [entry.seq for entry in ledger.entries(session)] == [1, 2, 3, 4]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_counted_in_32_bits(db: Database) -> None:
    narrow = """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type = 'integer'"""
    counters = "SELECT sequencename FROM pg_sequences WHERE max_value < 9223372036854775807"
    with db.read() as session:
        assert session.execute(text(narrow)).all() == []
        assert session.execute(text(counters)).all() == []
