"""The sheets of visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outreach_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=100), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_to_leave_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("filmed_inside", sa.Boolean(), nullable=False),
        sa.Column("dress_checked", sa.Boolean(), nullable=False),
        sa.Column("recording", sa.String(length=100), nullable=True),
        sa.Column("no_recording", sa.Text(), nullable=True),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outreach_id"], ["outreach.id"], name="fk_visit_records_outreach_id_outreach"),
        sa.PrimaryKeyConstraint("id", name="pk_visit_records"),
        sa.UniqueConstraint("outreach_id", name="uq_visit_records_outreach_id"),
    )


def downgrade() -> None:
    op.drop_table("visit_records")
