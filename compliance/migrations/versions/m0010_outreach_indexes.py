"""The two small indexes begin with the state: SQLite takes them only where they match more than the index on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CLAIMED = sa.text("state = 'sending' AND claimed_at IS NOT NULL")
UNDELIVERED = sa.text("state = 'failed' AND outcome IS NULL")


def upgrade() -> None:
    _replace(["state", "claimed_at"], ["state", "outcome", "at"])


def downgrade() -> None:
    _replace(["claimed_at"], ["at"])


def _replace(claimed: list[str], undelivered: list[str]) -> None:
    for name, columns, where in (
        ("ix_outreach_claimed", claimed, CLAIMED),
        ("ix_outreach_undelivered", undelivered, UNDELIVERED),
    ):
        op.drop_index(name, "outreach")
        op.create_index(name, "outreach", columns, sqlite_where=where, postgresql_where=where)
