"""Every statement of a decision asks for one debtor's rows through an index; the five that do not are named here, and
``docs/scale.md`` says what becomes of them when debtors are spread over machines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.exceptions import Unauthorized

from compliance.database import Database
from compliance.gate import dispatch_once, record_outcome, redeem, undelivered
from compliance.gate import submit as gate_submit
from compliance.gate.types import Receipt
from tests.compliance.gate.fake_channel import FakeChannel
from tests.compliance.gate.world import KEYS, MING, MOBILE, FakeJudge, call, send, sms
from web.accounts import TokenUser, standing

OF_ONE_DEBTOR = re.compile(
    r"debtors\.ref (= |IN \()|debtor_id = |outreach\.id = |outreach_id = |contact_points\.id = |accounts\.id = "
    r"|debtors\.id = "
)
"""A debtor, or a row of one by its key."""
EVERYBODYS = {
    "the sender's id": re.compile(r"^SELECT outreach\.id.* FROM outreach WHERE outreach\.client_id = "),
    "who asks": re.compile(r"^SELECT users\.id.* FROM users JOIN api_tokens .* WHERE api_tokens\.digest = "),
    "the next number of a row": re.compile(r"^SELECT (coalesce\(max\((outreach|reviews)\.id\)|nextval\()"),
    "the head of the ledger": re.compile(r"ledger_head"),
    "the ledger": re.compile(r"^INSERT INTO ledger_entries"),
}
Act = Callable[[Database, FakeJudge, datetime], object]


def submit(db: Database, judge: FakeJudge, now: datetime, id: str = "2") -> Receipt:
    return send(db, judge, sms(id), now)


def submit_by_token(db: Database, judge: FakeJudge, now: datetime) -> None:
    who = standing("zy_nobody", TokenUser(1, "ming", "collector", "zh", None))
    with pytest.raises(Unauthorized):
        gate_submit(db, judge, sms("5"), MING, now, keys=KEYS, conditions=(who,))  # type: ignore[arg-type]


def use(db: Database, judge: FakeJudge, now: datetime) -> None:
    assert redeem(db, judge, submit(db, judge, now, "3").permit or "", MOBILE, sms("3").text, now, KEYS).status == 200  # type: ignore[arg-type]


def tell(db: Database, judge: FakeJudge, now: datetime) -> None:
    send(db, judge, call("4"), now)
    record_outcome(db, "4", "no_answer", now, MING, now)


ACTS: dict[str, Act] = {"submit": submit, "submit by token": submit_by_token, "redeem": use, "outcome": tell}


def statements(db: Database, act: Act, judge: FakeJudge, now: datetime) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((" ".join(statement.split()), parameters))

    send(db, judge, sms("1"), now)
    event.listen(db.engine, "before_cursor_execute", note)
    act(db, judge, now)
    event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in seen if not one[0].startswith("BEGIN")]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_decision_asks_for_one_debtor(desk: Database, judge: FakeJudge, now: datetime, act: Act) -> None:
    strangers = [
        statement
        for statement, _ in statements(desk, act, judge, now)
        if not statement.startswith(("INSERT INTO outreach", "INSERT INTO reviews"))
        and not OF_ONE_DEBTOR.search(statement)
        and not any(pattern.search(statement) for pattern in EVERYBODYS.values())
    ]
    assert strangers == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_statement_reads_a_whole_table(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """SQLite says how it would find the rows; PostgreSQL reads a table of a few rows whole, whatever its indexes."""
    scans = []
    with desk.engine.connect() as connection:
        for statement, parameters in statements(desk, submit, judge, now):
            if statement.startswith("SELECT"):
                plan = _plan(connection, statement, parameters)
                scans += [(step.detail, statement) for step in plan if re.match("SCAN (?!CONSTANT)", step.detail)]
    assert scans == []


def deliver(db: Database, judge: FakeJudge, now: datetime) -> None:
    dispatch_once(db, judge, {"sms": FakeChannel()}, "w", now, KEYS)  # type: ignore[arg-type]


def list_undelivered(db: Database, judge: FakeJudge, now: datetime) -> None:
    with db.read() as session:
        undelivered(session)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("act", "sign", "index"),
    [
        (deliver, "claimed_at <", "ix_outreach_claimed"),
        (list_undelivered, "outcome IS NULL", "ix_outreach_undelivered"),
    ],
)
def test_what_is_asked_again_and_again_has_a_small_index(
    desk: Database, judge: FakeJudge, now: datetime, act: Act, sign: str, index: str
) -> None:
    """SQLite says how it would find the rows."""
    asked = [one for one in statements(desk, act, judge, now) if one[0].startswith("SELECT") and sign in one[0]]
    with desk.engine.connect() as connection:
        plans = [[step.detail for step in _plan(connection, *one)] for one in asked]
    assert plans
    assert all(any(index in detail for detail in plan) for plan in plans)


def _plan(connection: Any, statement: str, parameters: Any) -> Any:
    return connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
