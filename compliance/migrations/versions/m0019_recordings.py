"""The recording of a call, or the note that says why there is none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outreach", sa.Column("recording", sa.String(length=100), nullable=True))
    op.add_column("outreach", sa.Column("recording_note", sa.String(length=100), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("outreach") as batch:
        batch.drop_column("recording_note")
        batch.drop_column("recording")
