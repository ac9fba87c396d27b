"""Offers of people who do not owe to pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("debtor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("contact_point_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("recording", sa.String(length=100), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_payment_offers_debtor_id_debtors"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_payment_offers_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_payment_offers_contact_point_id_contact_points"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_payment_offers"),
        sa.UniqueConstraint("ref", name="uq_payment_offers_ref"),
    )
    op.create_index("ix_payment_offers_debtor_id", "payment_offers", ["debtor_id"])


def downgrade() -> None:
    op.drop_table("payment_offers")
