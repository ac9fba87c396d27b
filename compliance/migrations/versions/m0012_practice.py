"""Exercises for learners, and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_exercises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("scene", sa.String(length=60), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_practice_exercises"),
    )
    op.create_table(
        "practice_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("learner", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("pack_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["exercise_id"], ["practice_exercises.id"], name="fk_practice_attempts_exercise_id_practice_exercises"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_practice_attempts"),
    )
    op.create_index("ix_practice_attempts_exercise_id_learner", "practice_attempts", ["exercise_id", "learner"])


def downgrade() -> None:
    op.drop_index("ix_practice_attempts_exercise_id_learner", table_name="practice_attempts")
    op.drop_table("practice_attempts")
    op.drop_table("practice_exercises")
