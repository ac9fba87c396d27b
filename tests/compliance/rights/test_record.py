"""Notices and requests: the row, its clock and its ledger entry, or nothing at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger.models import LedgerEntry
from compliance.rights.models import Notice, RightsRequest

WORDS = "2026-11-18 通话录音 R-17：“别再打我单位电话了”"


@dataclass(frozen=True)
class World:
    """One debtor with an account and an office number, and a stranger with the same."""

    debtor: int
    account: int
    point: int
    foreign_account: int
    foreign_point: int


@pytest.fixture
def world(db: Database) -> World:
    with db.write() as session:
        creditor = Creditor(name="甲银行")
        people = [Debtor(ref="d1", name="张三"), Debtor(ref="d2", name="李四")]
        session.add_all([creditor, *people])
        session.flush()
        accounts = [
            Account(creditor_id=creditor.id, debtor_id=person.id, product="credit_card", account_no=person.ref,
                    principal=Decimal(100), due_date=date(2026, 9, 1))
            for person in people
        ]  # fmt: skip
        points = [
            ContactPoint(ref=f"cp-{person.ref}", debtor_id=person.id, kind="landline", value=f"010-{person.ref}")
            for person in people
        ]
        session.add_all([*accounts, *points])
        session.flush()
        return World(people[0].id, accounts[0].id, points[0].id, accounts[1].id, points[1].id)


def notice(world: World, now: datetime, **changes: Any) -> dict[str, Any]:
    given = now - timedelta(days=1)
    return {"debtor_id": world.debtor, "type": "outsourcing", "channel": "letter", "evidence": "挂号信 XA123",
            "at": given, "actor": "alice", "now": now, "account_id": world.account} | changes  # fmt: skip


def request(world: World, now: datetime, **changes: Any) -> dict[str, Any]:
    return {"debtor_id": world.debtor, "type": "complaint", "channel": "call", "evidence": WORDS,
            "at": now - timedelta(hours=2), "actor": "alice", "now": now} | changes  # fmt: skip


def entries(db: Database) -> list[tuple[str, dict[str, Any]]]:
    with db.read() as session:
        return [(entry.kind, json.loads(entry.body)) for entry in session.scalars(select(LedgerEntry))]


def receive(db: Database, world: World, now: datetime, **changes: Any) -> RightsRequest:
    with db.write() as session:
        return rights.receive_request(session, **request(world, now, **changes))


def test_a_notice_is_kept_with_its_evidence(db: Database, world: World, now: datetime) -> None:
    with db.write() as session:
        rights.give_notice(session, **notice(world, now))
    with db.read() as session:
        kept = rights.notices(session, world.debtor)
    assert [(one.type, one.evidence, one.recorded_by) for one in kept] == [("outsourcing", "挂号信 XA123", "alice")]


def test_a_request_is_open_with_its_clock(db: Database, world: World, now: datetime) -> None:
    receive(db, world, now)
    with db.read() as session:
        kept = rights.open_requests(session, world.debtor)
    assert [one.due_at for one in kept] == [datetime(2026, 12, 3, 15, 59, 59, tzinfo=UTC)]


def test_the_clock_runs_from_the_request_not_from_its_record(db: Database, world: World, now: datetime) -> None:
    made = receive(db, world, now, at=now - timedelta(days=5))
    assert made.due_at == datetime(2026, 11, 28, 15, 59, 59, tzinfo=UTC)


def test_the_request_that_is_due_first_comes_first(db: Database, world: World, now: datetime) -> None:
    for kind in ("credit_dispute", "contact_preference", "complaint"):
        receive(db, world, now, type=kind)
    with db.read() as session:
        order = [one.type for one in rights.open_requests(session, world.debtor)]
    assert order == ["contact_preference", "complaint", "credit_dispute"]


def test_every_act_is_in_the_ledger_without_the_words(db: Database, world: World, now: datetime) -> None:
    with db.write() as session:
        rights.give_notice(session, **notice(world, now))
    made = receive(db, world, now)
    with db.write() as session:
        rights.close_request(session, ref=made.ref, answer="已道歉并更正", actor="bob", now=now)
    written = entries(db)
    assert [kind for kind, _ in written] == ["notice:given", "request:received", "request:closed"]
    assert not any(words in json.dumps(body, ensure_ascii=False) for _, body in written for words in (WORDS, "道歉"))


def test_the_ledger_verifies_after_rights(db: Database, world: World, now: datetime) -> None:
    receive(db, world, now)
    with db.read() as session:
        assert ledger.verify(session).ok


def test_a_closed_request_is_open_no_more(db: Database, world: World, now: datetime) -> None:
    made = receive(db, world, now)
    with db.write() as session:
        closed = rights.close_request(session, ref=made.ref, answer="已答复", actor="bob", now=now)
        assert rights.open_requests(session, world.debtor) == []
    assert (closed.closed_by, closed.answer) == ("bob", "已答复")


def test_an_answer_after_its_day_is_recorded_as_late(db: Database, world: World, now: datetime) -> None:
    made = receive(db, world, now)
    with db.write() as session:
        rights.close_request(session, ref=made.ref, answer="迟了", actor="bob", now=now + timedelta(days=16))
    assert entries(db)[-1][1]["late"] is True


def test_a_request_is_closed_once(db: Database, world: World, now: datetime) -> None:
    made = receive(db, world, now)
    with db.write() as session:
        rights.close_request(session, ref=made.ref, answer="已答复", actor="bob", now=now)
    with pytest.raises(InvalidInput) as raised, db.write() as session:
        rights.close_request(session, ref=made.ref, answer="再答复", actor="bob", now=now)
    assert raised.value.code == "already_closed"


def test_a_special_complaint_may_take_sixty_days(db: Database, world: World, now: datetime) -> None:
    made = receive(db, world, now)
    with db.write() as session:
        longer = rights.extend_request(
            session, ref=made.ref, extension="special", reason="须调取第三方记录", actor="bob", now=now,
            approved_by="carol", told_at=now,
        )  # fmt: skip
    assert longer.due_at == datetime(2027, 1, 17, 15, 59, 59, tzinfo=UTC)


EXTENSIONS = [
    ("nobody approved", {"extension": "special", "told_at": True}, "approval_needed"),
    ("approved by oneself", {"extension": "special", "told_at": True, "approved_by": "bob"}, "approval_needed"),
    ("the person was not told", {"extension": "special", "approved_by": "carol"}, "approval_needed"),
    ("no such period", {"extension": "endless"}, "unknown_extension"),
    ("no reason", {"extension": "complex", "reason": " "}, "missing"),
    ("too late", {"extension": "complex", "now": 16}, "not_extendable"),
]


@pytest.mark.parametrize(("changes", "code"), [row[1:] for row in EXTENSIONS], ids=[row[0] for row in EXTENSIONS])
def test_an_extension_that_is_not_due_is_refused(
    db: Database, world: World, now: datetime, changes: dict[str, Any], code: str
) -> None:
    made = receive(db, world, now)
    at = now + timedelta(days=changes.get("now", 0))
    asked = {"reason": "复杂"} | changes | {"now": at} | ({"told_at": at} if "told_at" in changes else {})
    with pytest.raises(InvalidInput) as raised, db.write() as session:
        rights.extend_request(session, ref=made.ref, actor="bob", **asked)
    assert raised.value.code == code


BAD = [
    ("unknown type", {"type": "refund"}, "unknown_type"),
    ("unknown channel", {"channel": "pigeon"}, "unknown_channel"),
    ("a note is no channel", {"channel": "note"}, "unknown_channel"),
    ("no evidence", {"evidence": " \n"}, "missing"),
    ("NUL", {"evidence": "a\0b"}, "bad_text"),
    ("lone surrogate", {"evidence": "a\ud800b"}, "bad_text"),
    ("a novel", {"evidence": "长" * 20_001}, "too_long"),
    ("no such debtor", {"debtor_id": 10_000}, "unknown_debtor"),
    ("no time zone", {"at": datetime(2026, 11, 18, 9)}, "naive_time"),  # noqa: DTZ001
    ("tomorrow", {"at": datetime(2026, 11, 19, tzinfo=UTC)}, "future_time"),
]


@pytest.mark.parametrize(("changes", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_leaves_nothing_behind(
    db: Database, world: World, now: datetime, changes: dict[str, Any], code: str
) -> None:
    for record, build in ((rights.give_notice, notice), (rights.receive_request, request)):
        with pytest.raises(InvalidInput) as raised, db.write() as session:
            record(session, **build(world, now, **changes))
        assert raised.value.code == code
    with db.read() as session:
        counts = [session.scalar(select(func.count()).select_from(kind)) for kind in (Notice, RightsRequest)]
    assert (counts, entries(db)) == ([0, 0], [])


def test_an_account_of_somebody_else_is_refused(db: Database, world: World, now: datetime) -> None:
    with pytest.raises(InvalidInput) as raised, db.write() as session:
        rights.give_notice(session, **notice(world, now, account_id=world.foreign_account))
    assert raised.value.field == "account"


def test_a_contact_point_of_somebody_else_is_refused(db: Database, world: World, now: datetime) -> None:
    with pytest.raises(InvalidInput) as raised, db.write() as session:
        rights.receive_request(session, **request(world, now, contact_point_id=world.foreign_point))
    assert raised.value.field == "contact_point"


def test_the_named_contact_point_is_in_the_ledger(db: Database, world: World, now: datetime) -> None:
    receive(db, world, now, type="stop_contact", contact_point_id=world.point)
    assert entries(db)[-1][1]["contact_point"] == "cp-d1"


def test_an_unknown_request_cannot_be_closed(db: Database) -> None:
    with pytest.raises(InvalidInput) as raised, db.write() as session:
        rights.close_request(
            session, ref="rq_none", answer="已答复", actor="bob", now=datetime(2026, 11, 18, tzinfo=UTC)
        )
    assert raised.value.code == "unknown_request"
