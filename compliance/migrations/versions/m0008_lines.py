"""Registered numbers of a creditor, and the number that an outreach is dialled or sent from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("creditors", sa.Column("lines", sa.Text(), nullable=False, server_default=""))
    op.add_column("outreach", sa.Column("line", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("outreach", "line")
    op.drop_column("creditors", "lines")
