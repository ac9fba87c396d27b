"""Live calls: their turns, ticks and rights, suggestions taken, promises, and how much a collector wants to see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hint_settings",
        sa.Column("collector", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("collector", name="pk_hint_settings"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("debtor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("contact_point_id", sa.Integer(), nullable=False),
        sa.Column("outreach_id", sa.Integer(), nullable=True),
        sa.Column("collector", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=60), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("next_step", sa.String(length=20), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=100), nullable=True),
        sa.Column("closing", sa.String(length=64), nullable=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_calls_account_id_accounts"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_calls_contact_point_id_contact_points"
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_calls_debtor_id_debtors"),
        sa.ForeignKeyConstraint(["outreach_id"], ["outreach.id"], name="fk_calls_outreach_id_outreach"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("outreach_id", name="uq_calls_outreach_id"),
        sa.UniqueConstraint("ref", name="uq_calls_ref"),
    )
    op.create_index("ix_calls_collector_started_at", "calls", ["collector", "started_at"])
    op.create_index("ix_calls_debtor_id_started_at", "calls", ["debtor_id", "started_at"])
    op.create_table(
        "call_rights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("request_ref", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_rights_call_id_calls"),
        sa.PrimaryKeyConstraint("id", name="pk_call_rights"),
        sa.UniqueConstraint("call_id", "type", name="uq_call_rights_call_id"),
    )
    op.create_table(
        "call_ticks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=30), nullable=False),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_ticks_call_id_calls"),
        sa.PrimaryKeyConstraint("id", name="pk_call_ticks"),
        sa.UniqueConstraint("call_id", "item", name="uq_call_ticks_call_id"),
    )
    op.create_table(
        "call_turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.String(length=100), nullable=True),
        sa.Column("audience", sa.String(length=30), nullable=True),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_turns_call_id_calls"),
        sa.PrimaryKeyConstraint("id", name="pk_call_turns"),
        sa.UniqueConstraint("call_id", "seq", name="uq_call_turns_call_id"),
        sa.UniqueConstraint("call_id", "source_key", name="uq_call_turns_source_key"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("debtor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_promises_account_id_accounts"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_promises_call_id_calls"),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_promises_debtor_id_debtors"),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        sa.UniqueConstraint("call_id", name="uq_promises_call_id"),
    )
    op.create_index("ix_promises_debtor_id", "promises", ["debtor_id"])
    op.create_table(
        "suggestion_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("script_version_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("after_seq", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_suggestion_uses_call_id_calls"),
        sa.ForeignKeyConstraint(
            ["script_version_id"], ["script_versions.id"], name="fk_suggestion_uses_script_version_id_script_versions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion_uses"),
    )
    op.create_index("ix_suggestion_uses_script_version_id", "suggestion_uses", ["script_version_id"])


def downgrade() -> None:
    op.drop_index("ix_suggestion_uses_script_version_id", table_name="suggestion_uses")
    op.drop_table("suggestion_uses")
    op.drop_index("ix_promises_debtor_id", table_name="promises")
    op.drop_table("promises")
    op.drop_table("call_turns")
    op.drop_table("call_ticks")
    op.drop_table("call_rights")
    op.drop_index("ix_calls_debtor_id_started_at", table_name="calls")
    op.drop_index("ix_calls_collector_started_at", table_name="calls")
    op.drop_table("calls")
    op.drop_table("hint_settings")
