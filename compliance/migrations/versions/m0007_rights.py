"""What shows a request and who has it in hand; codes of the debtor's page; inbound messages; appeals and samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _notice_columns() -> list[sa.Column[object]]:
    return [sa.Column("source", sa.String(length=120)), sa.Column("recording", sa.String(length=100))]


def _request_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("source", sa.String(length=120)),
        sa.Column("recording", sa.String(length=100)),
        sa.Column("about", sa.String(length=64)),
        sa.Column("wish", sa.JSON()),
        sa.Column("identified", sa.Boolean()),
        sa.Column("owner", sa.String(length=64)),
        sa.Column("owned_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(length=20)),
    ]


def upgrade() -> None:
    for column in _notice_columns():
        op.add_column("notices", column)
    for column in _request_columns():
        op.add_column("rights_requests", column)
    op.create_index("ix_rights_requests_closed_at_due_at", "rights_requests", ["closed_at", "due_at"])
    _create_rights()
    _create_review()


def _create_rights() -> None:
    op.create_table(
        "debtor_codes",
        sa.Column("outreach", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("barred_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("outreach", name="pk_debtor_codes"),
        sa.UniqueConstraint("digest", name="uq_debtor_codes_digest"),
    )
    op.create_table(
        "inbound_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("debtor_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_inbound_messages_account_id_accounts"),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_inbound_messages_debtor_id_debtors"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_messages"),
        sa.UniqueConstraint("ref", name="uq_inbound_messages_ref"),
    )
    op.create_index("ix_inbound_messages_debtor_id_at", "inbound_messages", ["debtor_id", "at"])


def _create_review() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outreach_id", sa.Integer(), nullable=False),
        sa.Column("against", sa.String(length=20), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["outreach_id"], ["outreach.id"], name="fk_appeals_outreach_id_outreach"),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.UniqueConstraint("outreach_id", name="uq_appeals_outreach_id"),
    )
    op.create_index("ix_appeals_state_created_at", "appeals", ["state", "created_at"])
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outreach_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["outreach_id"], ["outreach.id"], name="fk_samples_outreach_id_outreach"),
        sa.PrimaryKeyConstraint("id", name="pk_samples"),
        sa.UniqueConstraint("outreach_id", name="uq_samples_outreach_id"),
    )
    op.create_index("ix_samples_day", "samples", ["day"])
    op.create_table(
        "opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name="fk_opinions_sample_id_samples"),
        sa.PrimaryKeyConstraint("id", name="pk_opinions"),
        sa.UniqueConstraint("sample_id", "officer", name="uq_opinions_sample_id"),
    )


def downgrade() -> None:
    for table in ("opinions", "samples", "appeals", "inbound_messages", "debtor_codes"):
        op.drop_table(table)
    op.drop_index("ix_rights_requests_closed_at_due_at", table_name="rights_requests")
    for column in _request_columns():
        op.drop_column("rights_requests", column.name)
    for column in _notice_columns():
        op.drop_column("notices", column.name)
