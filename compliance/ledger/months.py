"""The ledger's partitions on PostgreSQL: a new one is opened every month, and those before it are never written again.

They are cut by the number of an entry, by which everything asks for entries, and which follows time. The last one takes
whatever comes, so nothing fails where none is opened for years. What is closed is frozen, backed up and moved to
other disks as a table of its own; none is ever thrown away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.judge.types import InvalidInput

WAIT_MS = 2000
"""How long to wait for whoever uses the ledger: everybody who comes after waits behind."""
_NOT_IN_TIME = "55P03"
"""PostgreSQL's code for a lock that was not had in time."""
_LIST = text(
    """SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ledger_entries'::regclass"""
)
_BOUNDS = re.compile(r"FOR VALUES FROM \((?:MINVALUE|'?(\d+)'?)\) TO \((?:MAXVALUE|'?(\d+)'?)\)")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Entries from number ``first`` up to, not with, ``end``; without an end it is the one that is written to."""

    first: int
    end: int | None
    name: str


def partitions(session: Session) -> list[Partition]:
    """In the order of their entries; none on SQLite, where the ledger is one table."""
    if session.get_bind().dialect.name == "sqlite":
        return []
    return sorted(_partition(name, bounds) for name, bounds in session.execute(_LIST))


def open_month(db: Database, month: date) -> Partition | None:
    """Open the partition of a month, in one transaction; ``None`` where there is nothing to close.

    That is where the month has its own, where nothing was entered since the last, and on SQLite. Whoever appends waits
    meanwhile: the entries of the last partition are read once to see that they belong there.

    Raises:
        InvalidInput: a later month has been opened, or the ledger was in use for longer than ``WAIT_MS``.
    """
    if db.is_sqlite:
        return None
    try:
        return db.run(lambda session: _open_month(session, month))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_IN_TIME:
            raise
        problem = "the ledger is being read or written for long; nothing was changed, try again in a quieter minute"
        raise InvalidInput(problem, code="ledger_busy") from error


def _open_month(session: Session, month: date) -> Partition | None:
    session.execute(text(f"SET LOCAL lock_timeout = {WAIT_MS}"))
    # The table alone: whoever holds the head waits for it, or is waited for, but nobody for each other.
    session.execute(text("LOCK TABLE ledger_entries IN ACCESS EXCLUSIVE MODE"))
    name, last = f"ledger_entries_{month:%Y_%m}", partitions(session)[-1]
    if last.name == name:
        return None
    if last.name > name and last.first:
        raise InvalidInput(f"{last.name} is open already, which is later than {name}", code="month_passed")
    newest = session.scalar(text("SELECT max(seq) FROM ledger_entries")) or 0
    if newest < max(last.first, 1):
        return None
    begin, first = newest + 1, last.first or "MINVALUE"
    for statement in (
        f"ALTER TABLE ledger_entries DETACH PARTITION {last.name}",
        f"ALTER TABLE ledger_entries ATTACH PARTITION {last.name} FOR VALUES FROM ({first}) TO ({begin})",
        f"CREATE TABLE {name} PARTITION OF ledger_entries FOR VALUES FROM ({begin}) TO (MAXVALUE)",
        f"ALTER TABLE {name} ADD CONSTRAINT uq_{name}_hash UNIQUE (hash)",
        # Statements that name the partition do not fire the triggers of the whole.
        f"CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()",
    ):
        session.execute(text(statement))
    return Partition(begin, None, name)


def _partition(name: str, bounds: str) -> Partition:
    found = _BOUNDS.fullmatch(bounds)
    if found is None:
        raise InvalidInput(f"{name} is cut in a way that is not ours: {bounds}", code="foreign_partition")
    first, end = found.groups()
    return Partition(int(first or 0), int(end) if end else None, name)
