"""Indexes that keep what a dispatcher and an officer ask for as small as the answer, however long the history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CLAIMED = sa.text("state = 'sending' AND claimed_at IS NOT NULL")
UNDELIVERED = sa.text("state = 'failed' AND outcome IS NULL")


def upgrade() -> None:
    op.create_index("ix_outreach_claimed", "outreach", ["claimed_at"], sqlite_where=CLAIMED, postgresql_where=CLAIMED)
    op.create_index(
        "ix_outreach_undelivered", "outreach", ["at"], sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED
    )


def downgrade() -> None:
    op.drop_index("ix_outreach_undelivered", "outreach")
    op.drop_index("ix_outreach_claimed", "outreach")
