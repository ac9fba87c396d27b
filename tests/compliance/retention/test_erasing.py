"""What goes, what is held, and that every proof holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach, OutreachText
from compliance.retention import erase, find_due, load_retention
from compliance.retention.tables import ERASED
from compliance.review.models import Appeal
from compliance.rights.models import RightsRequest
from tests.compliance.gate.world import FakeJudge, note, row, send, sms
from tests.compliance.ledger.test_heads import KEYS

POLICY = load_retention()
TWO_YEARS = timedelta(days=732)
THREE_YEARS = timedelta(days=1_097)


@pytest.fixture
def old(desk: Database, now: datetime) -> Database:
    """A message and a note to the first debtor, a message to the second; a head is signed over them."""
    judge = FakeJudge()
    change(desk, lambda session: session.execute(update(Account).values(case_no=None)))
    send(desk, judge, sms("1", "张三您好，请还款。"), now)
    send(desk, judge, note("2", "客户说家里有事。"), now + timedelta(hours=1))
    send(desk, judge, sms("3", debtor="D2", contact_point="M2"), now + timedelta(hours=2))
    assert ledger.sign_head(desk, KEYS, now) is not None
    return desk


def due(db: Database, now: datetime) -> list[tuple[str, str, int, list[str]]]:
    with db.read() as session:
        return [(o.debtor, o.what, o.count, [h.when for h in o.holds]) for o in find_due(session, POLICY, now)]


def change(db: Database, work: Callable[[Session], object]) -> None:
    with db.write() as session:
        work(session)


def test_nothing_is_due_before_its_years_are_over(old: Database, now: datetime) -> None:
    assert due(old, now + TWO_YEARS - timedelta(days=3)) == []


def test_words_are_due_after_two_years(old: Database, now: datetime) -> None:
    assert due(old, now + TWO_YEARS) == [("D1", "words", 2, []), ("D2", "words", 1, [])]


def test_listing_changes_nothing(old: Database, now: datetime) -> None:
    due(old, now + TWO_YEARS)
    with old.read() as session:
        assert session.scalars(select(OutreachText.erased_at)).all() == [None, None, None]


def test_words_go_and_digests_masked_text_and_proofs_stay(old: Database, now: datetime) -> None:
    before = row(old, "1")
    assert erase(old, POLICY, now + TWO_YEARS, "chen").words == 3
    after = row(old, "1")
    with old.read() as session:
        words = session.scalars(select(OutreachText)).all()
        assert {(one.text, one.suggestion, one.inputs) for one in words} == {(None, None, None)}
        assert ledger.verify(session, publics=KEYS.publics).ok
    assert (after.masked, after.text_digest, after.verdict) == (before.masked, before.text_digest, before.verdict)


def test_an_entry_says_what_went(old: Database, now: datetime) -> None:
    erase(old, POLICY, now + TWO_YEARS, "chen")
    with old.read() as session:
        made = [one for one in ledger.entries(session) if one.kind == "retention:erased"]
    body = json.loads(made[0].body)
    assert [(one.actor, one.subject) for one in made] == [("chen", "debtor:D1"), ("chen", "debtor:D2")]
    assert (body["what"], body["texts"], body["turns"], body["years"]) == ("words", 2, 0, 2)
    assert "CN-REC-02" in body["cites"]


def test_erasing_twice_erases_once(old: Database, now: datetime) -> None:
    erase(old, POLICY, now + TWO_YEARS, "chen")
    with old.read() as session:
        entries = ledger.head(session).seq
    assert erase(old, POLICY, now + TWO_YEARS, "chen").words == 0
    with old.read() as session:
        assert ledger.head(session).seq == entries


def test_no_more_is_erased_than_asked_for(old: Database, now: datetime) -> None:
    assert erase(old, POLICY, now + TWO_YEARS, "chen", limit=1).words == 2
    assert due(old, now + TWO_YEARS) == [("D2", "words", 1, [])]


def open_request(session: Session, now: datetime) -> RightsRequest:
    return rights.receive_request(
        session, debtor_id=1, type="dispute", channel="call", evidence="录音 1", at=now, actor="ming", now=now
    )


HOLDS: dict[str, Callable[[Session, datetime], object]] = {
    "open_request": open_request,
    "plan_unsettled": lambda session, now: session.execute(
        update(Account).where(Account.id == 1).values(plan_in_force=True)
    ),
    "in_court": lambda session, now: session.execute(
        update(Account).where(Account.id == 1).values(case_no="（2026）京0101民初1号")
    ),
    "undecided": lambda session, now: session.add(
        Appeal(
            outreach_id=session.scalars(select(Outreach.id).where(Outreach.client_id == "1")).one(),
            against="blocked", reason="不同意", created_at=now, state="waiting",
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("hold", HOLDS)
def test_what_is_held_stays(old: Database, now: datetime, hold: str) -> None:
    change(old, lambda session: HOLDS[hold](session, now))
    assert due(old, now + TWO_YEARS) == [("D1", "words", 2, [hold]), ("D2", "words", 1, [])]
    done = erase(old, POLICY, now + TWO_YEARS, "chen")
    assert (done.words, done.held) == (1, 1)
    with old.read() as session:
        assert session.scalars(select(OutreachText.text).where(OutreachText.text.is_not(None))).all() != []


def test_a_plan_holds_until_the_debt_is_settled(old: Database, now: datetime) -> None:
    change(old, lambda session: session.execute(update(Account).values(plan_in_force=True)))
    held = due(old, now + TWO_YEARS)[0][3]
    change(old, lambda session: session.execute(update(Account).values(settled_at=now + TWO_YEARS)))
    assert (held, due(old, now + TWO_YEARS)[0][3]) == (["plan_unsettled"], [])


def test_an_answered_request_holds_no_longer(old: Database, now: datetime) -> None:
    with old.write() as session:
        request = open_request(session, now)
        request.closed_at, request.closed_by, request.answer = now, "chen", "已更正"
    assert due(old, now + TWO_YEARS)[0][3] == []


def settle(db: Database, at: datetime) -> None:
    change(db, lambda session: session.execute(update(Account).where(Account.debtor_id == 1).values(settled_at=at)))


def test_a_person_is_due_three_years_after_the_last_debt_was_settled(old: Database, now: datetime) -> None:
    settle(old, now + timedelta(days=100))
    before, after = (now + THREE_YEARS + timedelta(days=days) for days in (97, 101))
    assert ("D1", "person", 1, []) not in due(old, before)
    assert ("D1", "person", 1, []) in due(old, after)


@pytest.mark.parametrize("late", ["contact", "request", "debt"])
def test_a_person_is_not_due_while_something_is_going_on(old: Database, now: datetime, late: str) -> None:
    settle(old, now)
    later = now + timedelta(days=500)
    if late == "contact":
        change(old, lambda session: session.execute(update(Outreach).values(created_at=later)))
    elif late == "request":
        with old.write() as session:
            request = open_request(session, now)
            request.closed_at, request.closed_by, request.answer = later, "chen", "已更正"
    else:
        change(old, lambda session: session.execute(update(Account).values(settled_at=later)))
    assert "person" not in [what for _, what, _, _ in due(old, now + THREE_YEARS)]


def test_a_person_is_erased_and_can_be_reached_no_more(old: Database, now: datetime) -> None:
    with old.write() as session:
        request = open_request(session, now)
        request.closed_at, request.closed_by, request.answer = now, "chen", "已更正"
    settle(old, now)
    done = erase(old, POLICY, now + THREE_YEARS, "chen")
    assert done.people == 1
    with old.read() as session:
        debtor = session.get_one(Debtor, 1)
        points = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == 1)).all()
        request = session.scalars(select(RightsRequest)).one()
        assert (debtor.name, debtor.id_number, request.evidence, request.answer) == (ERASED, None, ERASED, ERASED)
        assert {(point.value.startswith("erased:"), point.valid) for point in points} == {(True, False)}
        assert ledger.verify(session, publics=KEYS.publics).ok
        assert session.get_one(Debtor, 2).name == "张三"


def test_turns_of_calls_are_words_too(old: Database, now: datetime) -> None:
    with old.write() as session:
        session.execute(
            text(
                "INSERT INTO calls (id, ref, debtor_id, contact_point_id, collector, caller, direction, started_at,"
                " opened_at, revision, blocks, missing) VALUES (1, 'c1', 1, 1, 'ming', '明', 'out', :at, :at, 1, 0, 0)"
            ).bindparams(at=now.replace(tzinfo=None) if old.is_sqlite else now)
        )
        session.execute(
            text(
                "INSERT INTO call_turns (id, call_id, seq, revision, speaker, text, at, final, verdict, intents, slots)"
                " VALUES (1, 1, 1, 1, 'debtor', '我现在没钱', :at, :final, '{}', '[]', '{}')"
            ).bindparams(at=now.replace(tzinfo=None) if old.is_sqlite else now, final=True)
        )
    assert due(old, now + TWO_YEARS)[0] == ("D1", "words", 3, [])
    erase(old, POLICY, now + TWO_YEARS, "chen")
    with old.read() as session:
        assert session.scalar(text("SELECT text FROM call_turns")) is None
