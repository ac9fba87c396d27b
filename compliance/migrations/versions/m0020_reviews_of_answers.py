"""A request may ask that the answer to an earlier one be reviewed, by somebody else than who gave it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rights_requests", sa.Column("review_of", sa.String(64), nullable=True))
    op.add_column("rights_requests", sa.Column("decided_by", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rights_requests") as table:
        table.drop_column("decided_by")
        table.drop_column("review_of")
