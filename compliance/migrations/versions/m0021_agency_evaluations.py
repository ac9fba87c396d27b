"""A creditor keeps when each of its outside agencies was last evaluated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("creditors", sa.Column("agencies_evaluated", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("creditors") as table:
        table.drop_column("agencies_evaluated")
