"""A casebook with as many recorded attempts as asked for, mostly made by the database: 20 to a debtor, over 60 days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.orm import Session

from compliance.casebook.models import ContactPoint
from compliance.database import Database, table_of
from compliance.gate.models import Outreach
from compliance.sealing import keys_in_use

EACH = 20
"""Attempts of a debtor; every third is a text message, none is of today."""
OLDEST = timedelta(days=60)
PIECE = 10_000
SERIES = {
    "sqlite": "(WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}) "
    "SELECT n FROM series)",
    "postgresql": "(SELECT n FROM generate_series(CAST(1 AS bigint), {count}) AS one(n))",
}
NAME = "张三"
CREDITOR = "INSERT INTO creditors (id, name, kind, agencies_public, lines) VALUES (1, '示例银行', 'bank', '', '')"
DEBTORS = """
    INSERT INTO debtors (id, ref, name, name_sealed, timezone, vulnerable, bankruptcy, no_contact_order)
    SELECT n, 'B' || n, '{hash}', '{name}', 'Asia/Shanghai', '', {false}, {false} FROM {series} AS debtor"""
ACCOUNTS = """
    INSERT INTO accounts (id, creditor_id, debtor_id, assigned, product, account_no, principal, interest, fees,
        due_date, plan_in_force, plan_breached)
    SELECT n, 1, n, {false}, 'credit_card', 'B' || n, 1000, 0, 0, '2026-01-05', {false}, {false}
    FROM {series} AS account"""
ATTEMPTS = """
    INSERT INTO outreach (client_id, body_digest, debtor_id, account_id, contact_point_id, creditor_id, channel,
        audience, collector, at, local_day, created_at, state, decision, outcome, verdict, answer, pack_digest, tries)
    SELECT {id}, '', (n - 1) % {debtors} + 1, (n - 1) % {debtors} + 1, (n - 1) % {debtors} + 1, 1,
        CASE WHEN n / {debtors} % 3 = 0 THEN 'sms' ELSE 'call' END, 'debtor', 'w' || n % 100, {at}, {day}, {at},
        'sent', 'allow', CASE WHEN n / {debtors} % 3 = 0 THEN 'delivered' ELSE 'no_answer' END,
        '{{"findings": [], "remaining": {{}}, "next_allowed_at": null}}', '{{}}', '', 0
    FROM {series} AS attempt"""
AGO = {
    "sqlite": "datetime('{oldest}', '+' || (n * 7919 % {minutes}) || ' minutes') || '.000000'",
    "postgresql": "CAST('{oldest}+00' AS timestamptz) + (n * 7919 % {minutes}) * interval '1 minute'",
}


ID = {"sqlite": "printf('old-%09d', n)", "postgresql": "'old-' || lpad(CAST(n AS text), 9, '0')"}
"""Ids that come in their order go to the end of their index."""
UNCHECKED = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
    "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT"),
}
"""Rows that are made to fit together need not be looked up one by one."""


def fill(db: Database, attempts: int, now: datetime) -> int:
    """So many attempts, the newest two days before ``now``; how many debtors there are."""
    debtors = attempts // EACH
    with db.write() as session:
        session.execute(text(CREDITOR))
        for statement in (DEBTORS, ACCOUNTS):
            _execute(session, statement, debtors, debtors, now)
        _add_points(session, debtors)
    with db.engine.connect() as connection:
        # On SQLite too no transaction is begun: it would be given up in the end, and keys be checked in it.
        connection.execution_options(isolation_level="AUTOCOMMIT", zhengyan_alone=True)
        _add_attempts(connection, attempts, debtors, now)
        connection.exec_driver_sql("ANALYZE")
    with db.read() as session:
        kept = session.scalar(select(func.count()).select_from(Outreach))
    assert kept == attempts, f"{kept} attempts were kept, not {attempts}"
    return debtors


def _add_attempts(connection: Connection, attempts: int, debtors: int, now: datetime) -> None:
    """Their indexes are made afterwards, in one go each."""
    before, after = UNCHECKED[connection.dialect.name]
    indexes = table_of(Outreach).indexes
    for index in indexes:
        index.drop(connection)
    connection.exec_driver_sql(before)
    _execute(connection, ATTEMPTS, attempts, debtors, now)
    connection.exec_driver_sql(after)
    for index in indexes:
        index.create(connection)


def _add_points(session: Session, debtors: int) -> None:
    """Through the model: numbers are not stored as they are."""
    own = {"kind": "mobile", "relation": "self", "source": "contract", "valid": True, "reserved": True}
    for first in range(1, debtors + 1, PIECE):
        numbers = range(first, min(first + PIECE, debtors + 1))
        points = [{"id": n, "ref": f"B{n}", "debtor_id": n, "value": f"138{n:08d}", **own} for n in numbers]
        session.execute(insert(ContactPoint), points)


def _execute(on: Session | Connection, statement: str, count: int, debtors: int, now: datetime) -> None:
    kind = on.get_bind().dialect.name if isinstance(on, Session) else on.dialect.name
    oldest = (now.astimezone(UTC) - OLDEST).replace(tzinfo=None, microsecond=0)
    minutes = int((OLDEST - timedelta(days=2)).total_seconds() // 60)
    at = AGO[kind].format(oldest=oldest.isoformat(" "), minutes=minutes)
    words = {"true": "1", "false": "0"} if kind == "sqlite" else {"true": "true", "false": "false"}
    filled = statement.format(
        series=SERIES[kind].format(count=count), debtors=debtors, at=at,
        id=ID[kind], day=f"date({at})" if kind == "sqlite" else f"CAST({at} AS date)",
        name=keys_in_use().seal(NAME, "debtors.name"), hash=keys_in_use().hash(NAME), **words,
    )  # fmt: skip
    on.execute(text(filled.replace("{{", "{").replace("}}", "}").replace(":", r"\:")))
