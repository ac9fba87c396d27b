"""The notice that a claim was assigned is not offered where nothing was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY, ONLY = "late.assignment.notice", "assigned"
"""The script that ships with it."""


def upgrade() -> None:
    _reserve("", ONLY)


def downgrade() -> None:
    _reserve(ONLY, "")


def _reserve(before: str, only: str) -> None:
    scripts = sa.table("scripts", sa.column("key", sa.String), sa.column("only", sa.String))
    op.execute(scripts.update().where(scripts.c.key == KEY, scripts.c.only == before).values(only=only))
