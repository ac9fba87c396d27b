"""What is decided in a group is decided as it would be alone, and a group asks no more of the database than one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, event, func, select

from compliance.casebook.models import Account, ContactAgreement, Creditor
from compliance.database import Base, Database
from compliance.gate.deciding import Decided, Gate, Outcome, Ticket, decide
from compliance.gate.models import Outreach
from compliance.gate.submit import _submit_all
from compliance.gate.types import DEFAULTS, Condition, Conflict, Receipt, Submission
from compliance.judge.types import Decision, InvalidInput
from compliance.prepared import Query, Round
from compliance.rights.models import Notice, RightsRequest
from compliance.together import ALONE
from tests.compliance.gate.world import KEYS, MING, FakeJudge, call, note, populate, row, send, sms

DEBTORS = 6


def of(number: int, submission: Submission) -> Submission:
    """The same, to another debtor."""
    point = submission.contact_point
    return replace(
        submission, id=f"{submission.id}-{number}", debtor=f"D{number}",
        contact_point=f"{point[0]}{number}" if point else None,
    )  # fmt: skip


@pytest.fixture
def crowd(db: Database, judge: FakeJudge, now: datetime) -> Database:
    """Debtors with pasts that differ in all that is asked about them."""
    populate(db, DEBTORS)
    earlier = now - timedelta(minutes=5)
    for number in (1, 2, 2, 3, 3, 3):
        send(db, judge, of(number, sms(f"earlier-{len(judge.messages)}")), earlier)
    with db.write() as session:
        session.add(Creditor(id=2, name="西部消金"))
        session.flush()
        session.add_all([other_account(4), agreement(now, 9, "sms", 1), agreement(now, 12, "", 2)])
        session.add_all([notice(1, now - timedelta(days=1), account_id=1), notice(1, now - timedelta(days=3))])
        session.add_all([notice(2, now)])
        session.add_all([request(3, now, contact_point_id=9), request(6, now, closed_at=now)])
    return db


def other_account(debtor: int) -> Account:
    """Of another creditor."""
    due = date(2026, 9, 1)
    return Account(id=50, creditor_id=2, debtor_id=debtor, product="loan", account_no="B4", principal=1, due_date=due)


def agreement(now: datetime, days: int, channels: str, most: int) -> ContactAgreement:
    """The fifth debtor's, of so many days ago."""
    since = now - timedelta(days=days)
    return ContactAgreement(
        debtor_id=5, since=since, evidence=f"r{days}", channels=channels, max_per_day=most, recorded_by="li"
    )  # fmt: skip


def notice(debtor: int, at: datetime, **more: Any) -> Notice:
    return Notice(
        ref=f"n{debtor}-{at.isoformat()}", debtor_id=debtor, type="identity", channel="sms", evidence="e", at=at,
        recorded_by="li", recorded_at=at, **more,
    )  # fmt: skip


def request(debtor: int, at: datetime, **more: Any) -> RightsRequest:
    return RightsRequest(
        ref=f"r{debtor}", debtor_id=debtor, type="dispute", channel="sms", evidence="e", at=at, recorded_by="li",
        recorded_at=at, due_at=at + timedelta(days=15), **more,
    )  # fmt: skip


def ticket(judge: FakeJudge, submission: Submission, now: datetime) -> Ticket:
    return Ticket(Gate(judge, KEYS, DEFAULTS), submission, MING, now)  # type: ignore[arg-type]


def decisions(db: Database, tickets: list[Ticket], *, wait: bool = False) -> list[Outcome]:
    """As they would be written down, were they."""
    return db.run_rows(lambda connection: decide(connection, tickets, Round(), wait=wait))


def test_in_a_group_as_alone(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    tickets = [ticket(judge, of(number, sms("new")), now) for number in range(1, DEBTORS)]
    tickets.append(ticket(judge, of(DEBTORS, call("new")), now))
    alone = [decisions(crowd, [one], wait=True)[0] for one in tickets]
    assert decisions(crowd, tickets) == alone
    assert decisions(crowd, tickets[::-1]) == alone[::-1]
    known = [facts for facts in judge.facts[-DEBTORS:] if facts is not None]
    assert {len(facts.attempts) for facts in known} == {0, 1, 2, 3}
    most = [max(len(getattr(one, name)) for one in known) for name in ("agreements", "notices", "requests")]
    assert most == [2, 2, 1]


def test_each_is_told_what_is_its_own(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    """A note, a first answer, an id used twice, a number of somebody else's and an unknown debtor in one group."""
    first = send(crowd, judge, of(1, sms("again")), now)
    send(crowd, judge, of(2, sms("other")), now)
    found = decisions(crowd, [
        ticket(judge, of(1, sms("again")), now),
        ticket(judge, of(2, sms("other", "另一条内容。")), now),
        ticket(judge, replace(of(3, sms("stolen")), contact_point="M4"), now),
        ticket(judge, of(4, note("note", "已联系本人。")), now),
        ticket(judge, of(99, sms("nobody")), now),
        ticket(judge, of(5, sms("plain")), now),
    ])  # fmt: skip
    assert found[0] == replace(first, repeated=True)
    assert isinstance(found[1], Conflict)
    assert isinstance(found[2], InvalidInput)
    assert isinstance(found[3], Decided)
    assert found[3].state == "recorded"
    assert found[4] is ALONE
    assert isinstance(found[5], Decided)
    assert found[5].verdict.decision is Decision.ALLOW


def test_a_group_asks_no_more_than_one(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    asked: list[str] = []
    event.listen(crowd.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def count(numbers: range) -> int:
        asked.clear()
        decisions(crowd, [ticket(judge, of(number, sms("new")), now) for number in numbers])
        return len(asked)

    assert count(range(1, 4)) == count(range(3, 4))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_statement_of_a_group_reads_a_whole_table(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    """SQLite says how it would find the rows."""
    asked: list[tuple[str, Any]] = []
    event.listen(crowd.engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    decisions(crowd, [ticket(judge, of(number, sms("new")), now) for number in range(1, 6)])
    reading = [one for one in asked if one[0].startswith("SELECT")]
    with crowd.engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in reading]
    scanned = {step.detail.split()[1] for plan in plans for step in plan if step.detail.startswith("SCAN ")}
    assert len(plans) > 5
    assert not scanned & set(Base.metadata.tables)


def test_what_a_group_decides_is_written_for_each(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    receipts = _submit_all(crowd, [ticket(judge, of(number, sms("new")), now) for number in (1, 2, 3)], False)
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    assert [row(crowd, f"new-{number}").debtor_id for number in (1, 2, 3)] == [1, 2, 3]


class Refused(Exception):
    pass


_OPEN = Query(select(Account.id).where(Account.account_no == bindparam("number")), int)


def has_account(number: str) -> Condition:
    return Condition(_OPEN, {"number": number}, lambda rows: None if rows else Refused(number))


def test_what_a_condition_refuses_is_refused_by_itself(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    tickets = [
        replace(ticket(judge, of(number, sms("new")), now), conditions=(has_account(account), has_account("A1")))
        for number, account in ((1, "A1"), (2, "A99"), (3, "A3"))
    ]
    found = _submit_all(crowd, tickets, False)
    assert [type(one) for one in found] == [Receipt, Refused, Receipt]
    with crowd.read() as session:
        assert session.scalar(select(func.count()).select_from(Outreach).where(Outreach.client_id == "new-2")) == 0


def test_whom_a_condition_refuses_is_told_nothing_else(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    """Neither that there is no such debtor, nor what was answered to the same id before."""
    send(crowd, judge, of(1, sms("again")), now)
    barred = (has_account("A99"),)
    for submission in (of(99, sms("nobody")), of(1, sms("again")), replace(of(3, sms("x")), contact_point="M4")):
        (found,) = decisions(
            crowd, [replace(ticket(judge, submission, now), conditions=barred)], wait=True
        )  # fmt: skip
        assert isinstance(found, Refused)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_group_passes_by_whom_somebody_else_has_locked(crowd: Database, judge: FakeJudge, now: datetime) -> None:
    """SQLite has one writer: nobody else can have locked anything."""
    tickets = [ticket(judge, of(number, sms("new")), now) for number in (1, 2)]

    def beside(connection: Connection) -> list[Outcome]:
        connection.exec_driver_sql("SELECT id FROM debtors WHERE ref = 'D1' FOR UPDATE")
        return decisions(crowd, tickets)

    found = crowd.run_rows(beside)
    assert found[0] is ALONE
    assert isinstance(found[1], Decided)
