"""Agencies that are there on upgrade have worked for their creditor since a day that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import text

from compliance.casebook.agencies import read_days
from compliance.database import Database
from compliance.migrations import _config, upgrade

ROWS = (
    "INSERT INTO creditors (id, name, kind, agencies_public, lines) VALUES (1, '甲银行', 'bank', '', ''),"
    " (2, '乙银行', 'bank', '', '')",
    "INSERT INTO debtors (id, ref, name, timezone, vulnerable, bankruptcy, no_contact_order)"
    " VALUES (1, 'D1', 'h', 'Asia/Shanghai', '', 0, 0)",
    "INSERT INTO accounts (id, creditor_id, debtor_id, agency, assigned, product, account_no, principal, interest,"
    " fees, due_date, plan_in_force, plan_breached) VALUES"
    " (1, 1, 1, '诚信 公司', 0, 'card', 'A1', 1, 0, 0, '2026-01-01', 0, 0),"
    " (2, 1, 1, '新公司', 0, 'card', 'A2', 1, 0, 0, '2026-01-01', 0, 0),"
    " (3, 2, 1, NULL, 0, 'card', 'A3', 1, 0, 0, '2026-01-01', 0, 0)",
    "INSERT INTO outreach (client_id, body_digest, debtor_id, account_id, channel, audience, collector, at, local_day,"
    " created_at, state, decision, verdict, answer, pack_digest, tries) VALUES"
    " ('o1', '', 1, 1, 'sms', 'debtor', 'ming', '2026-03-02 02:30:00.000000', '2026-03-02',"
    " '2026-03-02 02:30:00.000000', 'sent', 'allow', '{}', '{}', '', 0),"
    " ('o2', '', 1, 1, 'sms', 'debtor', 'ming', '2025-06-01 02:30:00.000000', '2025-06-01',"
    " '2025-06-01 02:30:00.000000', 'sent', 'allow', '{}', '{}', '', 0)",
)


def test_an_agency_works_since_its_first_outreach_or_else_since_the_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'before.db'}"
    database = Database(url)
    with database.write() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0023")
        for statement in ROWS:
            session.connection().exec_driver_sql(statement)
    before = datetime.now(UTC).date()
    upgrade(url)
    with database.read() as session:
        rows = session.execute(text("SELECT id, agencies_engaged FROM creditors"))
        kept = {row.id: row.agencies_engaged for row in rows}
    database.dispose()
    days = {name: day.isoformat() for name, day in read_days(kept[1]).items()}
    assert days.pop("新公司") in {before.isoformat(), datetime.now(UTC).date().isoformat()}
    assert days == {"诚信 公司": "2025-06-01"}
    assert kept[2] == ""
