"""Agreements on paying by instalments, with what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("debtor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("principal", sa.Numeric(14, 2), nullable=False),
        sa.Column("interest", sa.Numeric(14, 2), nullable=False),
        sa.Column("fees", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("instalments", sa.Integer(), nullable=False),
        sa.Column("cycle_months", sa.Integer(), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("last_amount", sa.Numeric(14, 2), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("charged", sa.Boolean(), nullable=False),
        sa.Column("charges", sa.Text(), nullable=True),
        sa.Column("no_new_card", sa.Boolean(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.String(length=64), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("recording", sa.String(length=100), nullable=True),
        sa.Column("moved_by", sa.String(length=64), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_plan_agreements_debtor_id_debtors"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_plan_agreements_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name="fk_plan_agreements_request_id_rights_requests"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_agreements"),
        sa.UniqueConstraint("ref", name="uq_plan_agreements_ref"),
    )
    op.create_index("ix_plan_agreements_debtor_id", "plan_agreements", ["debtor_id"])
    op.create_index("ix_plan_agreements_account_id", "plan_agreements", ["account_id"])


def downgrade() -> None:
    op.drop_table("plan_agreements")
