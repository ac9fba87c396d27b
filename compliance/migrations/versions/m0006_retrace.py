"""What a verdict was decided on, the packs that judged and the settings in force: it can be decided again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outreach_texts", sa.Column("inputs", sa.LargeBinary(), nullable=True))
    op.create_table(
        "pack_snapshots",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pack", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("pack_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_pack_snapshots"),
    )
    op.create_table(
        "settings_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_settings_snapshots"),
    )
    op.create_index("ix_pack_snapshots_pack_digest", "pack_snapshots", ["pack_digest"])


def downgrade() -> None:
    op.drop_table("settings_snapshots")
    op.drop_table("pack_snapshots")
    op.drop_column("outreach_texts", "inputs")
