"""The tree over the ledger and the heads that were signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    """CREATE TRIGGER ledger_signed_heads_no_update BEFORE UPDATE ON ledger_signed_heads
    BEGIN SELECT RAISE(ABORT, 'signed heads are never changed'); END""",
    """CREATE TRIGGER ledger_signed_heads_no_delete BEFORE DELETE ON ledger_signed_heads
    BEGIN SELECT RAISE(ABORT, 'signed heads are never removed'); END""",
    # INSERT OR REPLACE removes the old row without firing the DELETE trigger.
    """CREATE TRIGGER ledger_signed_heads_no_replace BEFORE INSERT ON ledger_signed_heads
    WHEN EXISTS (SELECT 1 FROM ledger_signed_heads WHERE id = NEW.id OR (size = NEW.size AND key = NEW.key))
    BEGIN SELECT RAISE(ABORT, 'signed heads are never replaced'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE TRIGGER ledger_signed_heads_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_signed_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()""",
)


def upgrade() -> None:
    tree = op.create_table(
        "ledger_tree",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_tree"),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_ledger_nodes"),
    )
    op.create_table(
        "ledger_signed_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_signed_heads"),
        sa.UniqueConstraint("size", "key", name="uq_ledger_signed_heads_size"),
    )
    op.bulk_insert(tree, [{"id": 1, "size": 0}])
    for statement in SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("signed heads are not thrown away: they may have been handed out")
