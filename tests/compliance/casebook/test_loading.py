"""What a verdict is told about a debtor, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from compliance.casebook import load_facts, lock_debtor
from compliance.casebook.loading import MOST_ATTEMPTS
from compliance.casebook.models import Account, ContactAgreement, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts, ContactPointFacts, NoticeFacts, RequestFacts
from compliance.judge.types import InvalidInput
from compliance.rights.models import Notice, RightsRequest

DUE = date(2026, 9, 1)


def fill(session: Session) -> None:
    """Zhang owes two banks; Li owes the first."""
    session.add_all([Creditor(id=1, name="华东银行"), Creditor(id=2, name="西部消金")])
    session.add_all(
        [Debtor(id=1, ref="D1", name="张三", vulnerable="illness minor"), Debtor(id=2, ref="D2", name="李四")]
    )
    session.flush()
    session.add_all([account(1, 1, 1, agency="诚信公司"), account(2, 2, 1, plan_in_force=True), account(3, 1, 2)])
    session.add_all([point(1, 1, relation="self", source="contract", reserved=True), point(2, 1), point(3, 2)])
    session.flush()


def account(number: int, creditor: int, debtor: int, **more: Any) -> Account:
    return Account(
        id=number, creditor_id=creditor, debtor_id=debtor, product="card", account_no=f"A{number}",
        principal=Decimal(100), due_date=DUE, **more,
    )  # fmt: skip


def point(number: int, debtor: int, **more: Any) -> ContactPoint:
    return ContactPoint(
        id=number, ref=f"cp{number}", debtor_id=debtor, kind="mobile", value=f"1381234000{number}", **more
    )


def attempt(at: datetime, **more: Any) -> Outreach:
    fields: dict[str, Any] = {
        "client_id": f"{at.isoformat()}{sorted(more.items())}", "body_digest": "", "debtor_id": 1, "account_id": 1,
        "contact_point_id": 1, "creditor_id": 1, "channel": "call", "audience": "debtor", "collector": "wang",
        "at": at, "local_day": at.date(), "created_at": at, "state": "sent", "decision": "allow", "verdict": {},
        "pack_digest": "",
    }  # fmt: skip
    return Outreach(**fields | more)


def facts(db: Database, now: datetime, *rows: object, account_id: int | None = 1, point_id: int = 1) -> ContactFacts:
    with db.write() as session:
        if session.get(Debtor, 1) is None:
            fill(session)
        session.add_all(rows)
    with db.read() as session:
        return load_facts(session, 1, point_id, account_id, now)


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement != "BEGIN":
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_the_debtor_the_point_and_the_account(db: Database, now: datetime) -> None:
    assert facts(db, now) == ContactFacts(
        debtor="D1",
        creditor="华东银行",
        contact_point=ContactPointFacts("cp1", "mobile", "self", "contract", True, reserved=True),
        account="A1",
        agency="诚信公司",
        never_evaluated=(None,),
        days_past_due=78,
        due_date=DUE,
        plan_in_force=False,
        plan_breached=False,
        vulnerable=("illness", "minor"),
    )


def test_what_is_not_known_of_a_point_stays_unknown(db: Database, now: datetime) -> None:
    found = facts(db, now, point_id=2).contact_point
    assert (found.relation, found.source, found.agreed_contact) == (None, None, None)


def test_without_an_account_the_strictest_counts(db: Database, now: datetime) -> None:
    found = facts(db, now, account_id=None)
    assert (found.account, found.creditor, found.days_past_due) == (None, None, None)
    assert (found.agency, found.plan_in_force, found.settled) == ("诚信公司", True, False)


def test_an_attempt_is_told_with_its_outcome(db: Database, now: datetime) -> None:
    found = facts(db, now, attempt(now - timedelta(hours=1), outcome="no_answer")).attempts
    at = now - timedelta(hours=1)
    assert found == (AttemptFacts(at, "call", "cp1", "self", "sent", "no_answer", True, "A1", at, 1),)


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"contact_point_id": 2}, True),
        ({"collector": "li", "account_id": None}, True),
        ({"state": "held"}, True),
        ({"state": "permitted"}, True),
        ({"state": "sending"}, True),
        ({"state": "failed"}, True),
        ({"creditor_id": None, "account_id": None}, True),
        ({"creditor_id": 2, "account_id": 2}, False),
        ({"debtor_id": 2, "account_id": 3, "contact_point_id": 3}, False),
        ({"state": "blocked"}, False),
        ({"state": "refused"}, False),
        ({"state": "expired"}, False),
        ({"state": "returned"}, False),
        ({"state": "recorded", "channel": "note"}, False),
    ],
    ids=str,
)
def test_which_attempts_are_told(db: Database, now: datetime, more: dict[str, Any], counts: bool) -> None:
    assert len(facts(db, now, attempt(now, **more)).attempts) == counts


def test_attempts_of_every_creditor_where_none_is_known(db: Database, now: datetime) -> None:
    found = facts(db, now, attempt(now), attempt(now, creditor_id=2, account_id=2), account_id=None)
    assert len(found.attempts) == 2


def test_a_month_of_attempts_oldest_first_with_those_planned(db: Database, now: datetime) -> None:
    times = [now + timedelta(hours=5), now - timedelta(days=29), now - timedelta(days=31), now]
    found = facts(db, now, *(attempt(at) for at in times)).attempts
    assert [one.at for one in found] == [times[1], times[3], times[0]]


def test_the_cost_does_not_grow_with_the_history(db: Database, now: datetime) -> None:
    facts(db, now, *(attempt(now - timedelta(minutes=minute)) for minute in range(MOST_ATTEMPTS + 20)))
    with statements(db) as seen, db.read() as session:
        found = load_facts(session, 1, 1, 1, now)
    assert (len(seen), len(found.attempts)) == (7, MOST_ATTEMPTS)
    assert found.attempts[-1].at == now


def test_agreements_in_force_are_told(db: Database, now: datetime) -> None:
    def agreed(**more: Any) -> ContactAgreement:
        fields = {"debtor_id": 1, "since": now - timedelta(days=2), "evidence": "录音", "recorded_by": "wang"}
        return ContactAgreement(**fields | more)

    found = facts(
        db,
        now,
        agreed(channels="sms im", window_start=time(22), window_end=time(1), max_per_day=2),
        agreed(withdrawn_at=now - timedelta(days=1)),
        agreed(until=now),
        agreed(since=now + timedelta(days=1)),
    )
    assert found.agreements == (Agreement(now - timedelta(days=2), None, "录音", ("sms", "im"), time(22), time(1), 2),)


@pytest.mark.parametrize(("account_id", "told"), [(None, True), (1, True), (2, False)])
def test_which_notices_are_told(db: Database, now: datetime, account_id: int | None, told: bool) -> None:
    notice = {
        "ref": "n1", "debtor_id": 1, "type": "outsourcing", "channel": "sms", "evidence": "短信", "at": now,
        "recorded_by": "wang", "recorded_at": now,
    }  # fmt: skip
    found = facts(db, now).notices
    with db.write() as session:
        session.add(Notice(**notice, account_id=account_id))
    found = facts(db, now).notices
    assert found == ((NoticeFacts("outsourcing", now, "短信"),) if told else ())


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, True),
        ({"account_id": 1}, True),
        ({"account_id": 2}, False),
        ({"closed_at": datetime.fromisoformat("2026-11-01T00:00:00+08:00")}, False),
        ({"debtor_id": 2}, False),
    ],
    ids=str,
)
def test_which_requests_are_told(db: Database, now: datetime, more: dict[str, Any], told: bool) -> None:
    facts(db, now)
    fields: dict[str, Any] = {
        "ref": "r1", "debtor_id": 1, "contact_point_id": 1, "type": "stop_contact", "channel": "call",
        "evidence": "录音", "at": now, "recorded_by": "wang", "recorded_at": now,
    }  # fmt: skip
    with db.write() as session:
        session.add(RightsRequest(**fields | more))
    found = facts(db, now).requests
    assert found == ((RequestFacts("r1", "stop_contact", now, None, "cp1"),) if told else ())


@pytest.mark.parametrize(
    ("point_id", "account_id", "field"), [(3, 1, "contact_point"), (9, 1, "contact_point"), (1, 3, "account")]
)
def test_what_is_not_the_debtors_is_refused(
    db: Database, now: datetime, point_id: int, account_id: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        facts(db, now, point_id=point_id, account_id=account_id)
    assert refused.value.field == field


def test_an_unknown_debtor_cannot_be_locked(db: Database) -> None:
    with db.write() as session, pytest.raises(InvalidInput) as refused:
        lock_debtor(session, "nobody")
    assert refused.value.code == "unknown_debtor"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_locked_debtor_is_locked(db: Database, now: datetime) -> None:
    facts(db, now)
    with db.write() as first:
        assert lock_debtor(first, "D1").id == 1
        with pytest.raises(OperationalError, match="could not obtain lock"), db.write() as second:
            second.scalar(select(Debtor).where(Debtor.ref == "D1").with_for_update(nowait=True))


@pytest.mark.parametrize(
    ("public", "listed"), [("", None), ("诚信公司", True), ("甲公司\n诚信公司\n", True), ("甲公司", False)]
)
def test_whether_the_agency_is_on_the_public_list(
    db: Database, now: datetime, public: str, listed: bool | None
) -> None:
    facts(db, now)
    with db.write() as session:
        session.execute(update(Creditor).where(Creditor.id == 1).values(agencies_public=public))
    with db.read() as session:
        assert load_facts(session, 1, 1, 1, now).agency_listed is listed


def test_the_registered_numbers_are_told(db: Database, now: datetime) -> None:
    facts(db, now)
    with db.write() as session:
        session.execute(update(Creditor).where(Creditor.id == 1).values(lines="400-000-5377\n 10655 \n"))
    with db.read() as session:
        assert load_facts(session, 1, 1, 1, now).lines == ("400-000-5377", "10655")


@pytest.mark.parametrize(
    ("kept", "day"), [("", None), ("2026-03-01 诚信公司", date(2026, 3, 1)), ("2026-03-01 甲公司", None)]
)
def test_when_the_agency_was_last_evaluated(db: Database, now: datetime, kept: str, day: date | None) -> None:
    facts(db, now)
    with db.write() as session:
        session.execute(update(Creditor).where(Creditor.id == 1).values(agencies_evaluated=kept))
    with db.read() as session:
        assert load_facts(session, 1, 1, 1, now).agency_evaluated == day


@pytest.mark.parametrize(
    ("evaluated", "engaged", "since"),
    [
        ("2026-03-01 诚信公司", "", ()),
        ("2026-03-01 甲公司", "2025-05-06 诚信公司", (date(2025, 5, 6),)),
        ("", "2025-05-06 甲公司", (None,)),
    ],
)
def test_since_when_an_agency_that_was_never_evaluated_has_worked(
    db: Database, now: datetime, evaluated: str, engaged: str, since: tuple[date | None, ...]
) -> None:
    facts(db, now)
    with db.write() as session:
        values = {"agencies_evaluated": evaluated, "agencies_engaged": engaged}
        session.execute(update(Creditor).where(Creditor.id == 1).values(**values))
    with db.read() as session:
        assert load_facts(session, 1, 1, 1, now).never_evaluated == since
