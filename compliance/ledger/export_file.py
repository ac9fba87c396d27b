"""The ledger as a file that anyone can check without this program."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.ledger.chain import Head, canonical, head, stamp
from compliance.ledger.models import LedgerEntry


def export(session: Session, path: Path, *, batch: int = 1000, upto: int | None = None) -> int:
    """Write every entry up to the head as canonical JSON, one a line, oldest first, then ``{"head": …}``.

    A line without its ``hash`` is exactly what that hash was computed over. The file appears whole or not at all.
    With ``upto``, the head is that of the first so many entries.

    Returns: the number of entries.
    Raises: OSError where it cannot be written.
    """
    end = head(session) if upto is None else _head_at(session, upto)
    count = 0
    unfinished = path.with_name(path.name + ".part")
    statement = (
        select(LedgerEntry.__table__)
        .where(LedgerEntry.seq <= end.seq)
        .order_by(LedgerEntry.seq)
        .execution_options(yield_per=batch)
    )
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            for row in session.execute(statement):
                file.write(canonical(dict(row._mapping) | {"at": stamp(row.at)}) + "\n")
                count += 1
            file.write(canonical({"head": {"seq": end.seq, "hash": end.hash}}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _head_at(session: Session, seq: int) -> Head:
    return Head(seq, session.scalars(select(LedgerEntry.hash).where(LedgerEntry.seq == seq)).one())
