"""Room for many years: numbers of 64 bits, and on PostgreSQL a ledger that can be cut by the month.

Numbers were of 32 bits on PostgreSQL: a floor of a thousand seats would have run out of ledger entries within years.
Every row of every table is written anew there, so this takes minutes on a large database.

The one partition of the beginning takes everything until ``ledger month`` opens another. An entry's number is unique
in the whole ledger, its hash, which covers the number, in its partition: over partitions PostgreSQL holds nothing to be
unique but what they are cut by. On SQLite nothing changes: its numbers have 64 bits, and its ledger is one table.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBERS = {
    "creditors": "id",
    "debtor_codes": "failures",
    "debtors": "id",
    "ledger_entries": "seq",
    "ledger_head": "id seq",
    "ledger_nodes": "level number",
    "ledger_signed_heads": "id size",
    "ledger_tree": "id size",
    "practice_exercises": "id",
    "rate_counters": "count",
    "scripts": "id",
    "settings_snapshots": "id",
    "users": "id",
    "accounts": "id creditor_id debtor_id",
    "api_tokens": "id user_id",
    "contact_agreements": "id debtor_id max_per_day",
    "contact_points": "id debtor_id",
    "practice_attempts": "id exercise_id",
    "script_versions": "id script_id number",
    "inbound_messages": "id debtor_id account_id",
    "notices": "id debtor_id account_id",
    "outreach": "id debtor_id account_id contact_point_id creditor_id visitors tries ledger_seq",
    "payment_offers": "id debtor_id account_id contact_point_id",
    "rights_requests": "id debtor_id account_id contact_point_id",
    "script_comments": "id version_id",
    "script_notices": "id version_id",
    "appeals": "id outreach_id",
    "calls": "id debtor_id account_id contact_point_id outreach_id revision blocks missing",
    "outreach_texts": "outreach_id",
    "plan_agreements": "id debtor_id account_id request_id instalments cycle_months",
    "request_reminders": "id request_id",
    "reviews": "id outreach_id",
    "samples": "id outreach_id wanted given",
    "visit_records": "id outreach_id",
    "call_rights": "id call_id seq revision",
    "call_ticks": "id call_id revision",
    "call_turns": "id call_id seq revision",
    "finding_decisions": "id review_id finding",
    "opinions": "id sample_id",
    "promises": "id debtor_id account_id call_id",
    "suggestion_uses": "id call_id script_version_id revision after_seq",
}
"""Table → its columns that hold whole numbers."""
ON_POSTGRESQL = (
    "ALTER TABLE ledger_entries RENAME TO ledger_entries_first",
    "ALTER TABLE ledger_entries_first RENAME CONSTRAINT pk_ledger_entries TO pk_ledger_entries_first",
    "ALTER TABLE ledger_entries_first RENAME CONSTRAINT uq_ledger_entries_hash TO uq_ledger_entries_first_hash",
    """CREATE TABLE ledger_entries (LIKE ledger_entries_first, CONSTRAINT pk_ledger_entries PRIMARY KEY (seq))
    PARTITION BY RANGE (seq)""",
    "ALTER TABLE ledger_entries ATTACH PARTITION ledger_entries_first FOR VALUES FROM (MINVALUE) TO (MAXVALUE)",
    # The partition keeps its own: a statement that names it does not fire the triggers of the whole.
    """CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()""",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in NUMBERS.items():
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"ALTER {column} TYPE BIGINT" for column in columns.split()))
        _widen_sequence(table)
    for statement in ON_POSTGRESQL:
        op.execute(statement)


def _widen_sequence(table: str) -> None:
    """A sequence counts no further than the type that it was made for."""
    sequences = text(
        "SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'a'"
        " WHERE c.relkind = 'S' AND d.refobjid = CAST(:table AS regclass)"
    )
    for (name,) in op.get_bind().execute(sequences, {"table": table}):
        op.execute(f"ALTER SEQUENCE {name} AS BIGINT")


def downgrade() -> None:
    raise NotImplementedError("numbers that have outgrown 32 bits would not fit again")
