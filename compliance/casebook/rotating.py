"""Sealing personal data again with the first key, so that an old key can be taken away."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Table, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from compliance import ledger
from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.sealing import VERSION, DataKeys

AT_ONCE = 500
"""Rows of one transaction."""
SEALED = ((Debtor, "id_number_sealed", "id_number"), (ContactPoint, "sealed", "value"))
"""Of each table, the sealed column and that of its hash."""


def rotate(db: Database, keys: DataKeys, now: datetime, actor: str) -> int:
    """Seal with the first key whatever is sealed with another. May be broken off and repeated.

    ``keys`` are those in use in this process, and every other process must know the first of them already.

    Returns: how many values were sealed again.
    Raises:
        SealingError: a value is sealed with a key that is not given; what came before it is done.
    """
    count = 0
    for model, sealed, hashed in SEALED:
        table, after = model.__table__, 0
        assert isinstance(table, Table)  # noqa: S101 - a mapped class has a table
        while True:
            step = partial(_some, table=table, sealed=sealed, hashed=hashed, keys=keys, after=after)
            done, last = db.run(step)
            if last is None:
                break
            count, after = count + done, last
    if count:
        body = {"key": keys.first, "known": list(keys.keys), "values": count}

        def enter(session: Session) -> None:
            ledger.append(session, at=now, actor=actor, kind="keys:rotated", subject="data_keys", body=body)

        db.run(enter)
    return count


def _some(
    session: Session, table: Table, sealed: str, hashed: str, keys: DataKeys, after: int
) -> tuple[int, int | None]:
    """Some rows after an id: how many were sealed again, and the last id; ``None`` at the end."""
    column = table.c[sealed]
    raw = type_coerce(column, Text)
    query = (
        select(table.c.id, column)
        .where(table.c.id > after, column.is_not(None), raw.not_like(f"{VERSION}.{keys.first}.%"))
        .order_by(table.c.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    rows = session.execute(query).all()
    for id_, value in rows:
        session.execute(update(table).where(table.c.id == id_).values({sealed: value, hashed: keys.hash(value)}))
    return len(rows), rows[-1][0] if rows else None
