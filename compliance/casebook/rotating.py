"""Sealing personal data again with the first key, so that an old key can be taken away."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.database import Base, Database
from compliance.sealing import DataKeys, is_empty, is_sealed_with, sealed_columns

AT_ONCE = 500
"""Rows of one transaction."""


def rotate(db: Database, keys: DataKeys, now: datetime, actor: str) -> int:
    """Seal with the first key whatever is sealed with another, in every table that is known (``Base.metadata``). May
    be broken off and repeated.

    ``keys`` are those in use in this process, and every other process must know the first of them already.

    Returns: how many values were sealed again.
    Raises:
        SealingError: a value is sealed with a key that is not given; what came before it is done.
    """
    count = 0
    for column in sealed_columns(Base.metadata):
        after: int | None = 0
        while after is not None:
            done, after = db.run(partial(_some, column=column, keys=keys, after=after))
            count += done
    if count:
        body = {"key": keys.first, "known": list(keys.keys), "values": count}

        def enter(session: Session) -> None:
            ledger.append(session, at=now, actor=actor, kind="keys:rotated", subject="data_keys", body=body)

        db.run(enter)
    return count


def _some(session: Session, column: Column[Any], keys: DataKeys, after: int) -> tuple[int, int | None]:
    """Some rows after an id: how many were sealed again, and the last id; ``None`` at the end."""
    table = column.table
    assert isinstance(table, Table)  # noqa: S101 - not a column of a query
    (key,) = table.primary_key.columns
    query = (
        select(key, column)
        .where(key > after, ~is_empty(column), ~is_sealed_with(column, keys.first))
        .order_by(key)
        .limit(AT_ONCE)
        .with_for_update()
    )
    rows = session.execute(query).all()
    for id_, value in rows:
        values = {column.name: value}
        if "hash" in column.info:
            values[column.info["hash"]] = keys.hash(value)
        session.execute(update(table).where(key == id_).values(values))
    return len(rows), rows[-1][0] if rows else None
