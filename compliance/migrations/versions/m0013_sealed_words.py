"""Names, full words and what repeats them are sealed; ``debtors.name`` keeps the keyed hash of the name.

Words are sealed where they stand: the columns keep their types. A debtor that was erased before is marked as such.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from compliance.sealing import DataKeys, keys_in_use

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORDS: tuple[tuple[str, str, dict[str, sa.types.TypeEngine[Any]]], ...] = (
    (
        "outreach_texts",
        "outreach_id",
        {"text": sa.Text(), "suggestion": sa.Text(), "instead": sa.JSON(), "inputs": sa.LargeBinary()},
    ),
    ("outreach", "id", {"permit": sa.Text()}),
    ("call_turns", "id", {"text": sa.Text(), "verdict": sa.JSON(), "slots": sa.JSON()}),
    ("notices", "id", {"evidence": sa.Text()}),
    ("rights_requests", "id", {"evidence": sa.Text(), "answer": sa.Text()}),
    ("contact_agreements", "id", {"evidence": sa.Text()}),
)
"""Of each table its key and the columns that are sealed in place."""
ERASED = "（已到期删除）"
"""What stands as the name of a debtor who was erased."""
AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("debtors", sa.Column("name_sealed", sa.Text(), nullable=True))
    op.add_column("debtors", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        sa.text("UPDATE debtors SET erased_at = CURRENT_TIMESTAMP WHERE name = :erased").bindparams(erased=ERASED)
    )
    _seal_names()
    for table, key, columns in WORDS:
        _seal(table, key, columns)


def downgrade() -> None:
    raise NotImplementedError("personal data is not put back into the clear")


def _seal_names() -> None:
    debtors = sa.table("debtors", sa.column("id"), sa.column("name"), sa.column("name_sealed"))
    connection, after = op.get_bind(), 0
    page = sa.select(debtors.c.id, debtors.c.name).order_by(debtors.c.id).limit(AT_ONCE)
    while rows := connection.execute(page.where(debtors.c.id > after)).all():
        keys = keys_in_use()
        written: list[dict[str, Any]] = [
            {"row": id_, "name": keys.hash(name), "name_sealed": keys.seal(name, "debtors.name")} for id_, name in rows
        ]
        connection.execute(sa.update(debtors).where(debtors.c.id == sa.bindparam("row")), written)
        after = rows[-1].id


def _seal(name: str, key: str, columns: dict[str, sa.types.TypeEngine[Any]]) -> None:
    """Every value that is there, some rows at a time; no key is needed where there is none."""
    table = sa.table(name, sa.column(key), *(sa.column(column, type_) for column, type_ in columns.items()))
    connection, after = op.get_bind(), 0
    filled = sa.or_(*(table.c[column].is_not(None) for column in columns))
    page = sa.select(table).where(filled).order_by(table.c[key]).limit(AT_ONCE)
    while rows := connection.execute(page.where(table.c[key] > after)).all():
        keys = keys_in_use()
        written: list[dict[str, Any]] = [
            {"row": row[0]} | {c: _sealed(keys, row._mapping[c], f"{name}.{c}", type_) for c, type_ in columns.items()}
            for row in rows
        ]
        connection.execute(sa.update(table).where(table.c[key] == sa.bindparam("row")), written)
        after = rows[-1][0]


def _sealed(keys: DataKeys, value: Any, purpose: str, type_: sa.types.TypeEngine[Any]) -> Any:
    if value in (None, [], {}):
        return value
    if isinstance(type_, sa.JSON):
        return keys.seal(json.dumps(value, ensure_ascii=False), purpose)
    return keys.seal_bytes(value, purpose) if isinstance(type_, sa.LargeBinary) else keys.seal(value, purpose)
