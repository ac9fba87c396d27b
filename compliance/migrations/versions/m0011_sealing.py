"""Identity numbers, telephone numbers and addresses are sealed; the old columns keep the keyed hash of what they held.

They keep their names because the uniqueness of contact points stands on one of them: SQLite would have to build the
table anew to change that.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from compliance.sealing import keys_in_use

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    ("debtors", "id_number", "id_number_sealed", "debtors.id_number"),
    ("contact_points", "value", "sealed", "contact_points.value"),
)
AT_ONCE = 1_000


def upgrade() -> None:
    for table, plain, sealed, purpose in COLUMNS:
        op.add_column(table, sa.Column(sealed, sa.Text(), nullable=True))
        _seal(sa.table(table, sa.column("id"), sa.column(plain), sa.column(sealed)), plain, sealed, purpose)
    op.create_index("ix_debtors_id_number", "debtors", ["id_number"])
    op.create_index("ix_contact_points_value", "contact_points", ["value"])


def downgrade() -> None:
    raise NotImplementedError("personal data is not put back into the clear")


def _seal(table: sa.TableClause, plain: str, sealed: str, purpose: str) -> None:
    """Every value that is there, some at a time; no key is needed where there is none."""
    connection, columns, after = op.get_bind(), table.c, 0
    page = sa.select(columns.id, columns[plain]).where(columns[plain].is_not(None)).order_by(columns.id)
    while rows := connection.execute(page.where(columns.id > after).limit(AT_ONCE)).all():
        keys = keys_in_use()
        change = sa.update(table).where(columns.id == sa.bindparam("row"))
        change = change.values({plain: sa.bindparam("hash"), sealed: sa.bindparam("words")})
        written: list[dict[str, Any]] = [
            {"row": id_, "hash": keys.hash(value), "words": keys.seal(value, purpose)} for id_, value in rows
        ]
        connection.execute(change, written)
        after = rows[-1].id
