"""Scripts lead on by the debtor's answer; remarks on versions; what authors have to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("script_versions", sa.Column("branches", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "script_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name="fk_script_comments_version_id_script_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_script_comments"),
    )
    op.create_index("ix_script_comments_version_id", "script_comments", ["version_id"])
    op.create_table(
        "script_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["script_versions.id"], name="fk_script_notices_version_id_script_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_script_notices"),
    )
    op.create_index("ix_script_notices_owner_seen_at", "script_notices", ["owner", "seen_at"])


def downgrade() -> None:
    raise NotImplementedError("remarks and notices are part of a script's history: they are not thrown away")
