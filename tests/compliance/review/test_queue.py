from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from compliance import ledger
from compliance.database import Database
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge import InvalidInput
from compliance.review.models import Review
from compliance.review.queue import (
    LEASE,
    Only,
    collectors_waiting,
    count_free,
    open_item,
    queue,
    release_back,
    take,
    take_next,
)
from tests.compliance.gate.world import LI, MING, WANG, FakeJudge, at_once, email, entries, note, populate, send, sms

MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(db: Database, now: datetime) -> Database:
    """Three held messages, h0 to h2, a minute apart."""
    populate(db)
    for number in range(3):
        send(
            db, FakeJudge(limit=100), sms(f"h{number}", f"起诉，致电 13812341234（{number}）。"), now + number * MINUTE
        )
    return db


def waiting(db: Database, officer: Actor, now: datetime) -> list[str]:
    with db.read() as session:
        return [item.outreach for item in queue(session, officer, now)]


def review_id(db: Database, number: int) -> int:
    with db.read() as session:
        return session.scalars(select(Review.id).order_by(Review.created_at)).all()[number]


def test_the_oldest_comes_first(desk: Database, now: datetime) -> None:
    assert waiting(desk, LI, now) == ["h0", "h1", "h2"]


def test_a_line_is_masked_and_says_why(desk: Database, now: datetime) -> None:
    with desk.read() as session:
        line = queue(session, LI, now)[0]
    assert (line.rules, line.categories, line.collector) == (("fake.suit",), ("false_consequence",), "ming")
    assert "13812341234" not in (line.masked or "")


def test_an_item_in_full_is_not_masked(desk: Database, now: datetime) -> None:
    with desk.read() as session:
        item = open_item(session, review_id(desk, 0), LI)
    assert "13812341234" in (item.text or "")
    assert [finding.rule for finding in item.findings] == ["fake.suit"]


def test_flagged_notes_are_in_the_same_queue(desk: Database, now: datetime) -> None:
    send(desk, FakeJudge(), note("n", "我说要起诉。"), now + 5 * MINUTE)
    with desk.read() as session:
        assert [item.is_note for item in queue(session, LI, now)] == [False, False, False, True]


def test_a_taken_item_is_out_of_the_others_sight(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    assert waiting(desk, LI, now) == ["h0", "h1", "h2"]
    assert waiting(desk, WANG, now) == ["h1", "h2"]


def test_one_item_goes_to_one_officer(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    with pytest.raises(Conflict):
        take(desk, review_id(desk, 0), WANG, now)


def test_many_officers_at_once_each_get_another(desk: Database, now: datetime) -> None:
    officers = [Actor(f"officer-{n}", "officer") for n in range(6)]
    items = at_once([lambda o=officer: take_next(desk, o, now) for officer in officers])
    taken = [item.outreach for item in items if item is not None]
    assert sorted(taken) == ["h0", "h1", "h2"]


def test_next_is_the_oldest_that_is_free(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    item = take_next(desk, WANG, now)
    assert item is not None
    assert (item.outreach, item.state, item.officer) == ("h1", "taken", "wang")


def test_an_empty_queue_has_no_next(db: Database, now: datetime) -> None:
    assert take_next(db, LI, now) is None


def test_after_the_lease_somebody_else_may_take_it(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    late = now + LEASE + MINUTE
    assert waiting(desk, WANG, late)[0] == "h0"
    assert take(desk, review_id(desk, 0), WANG, late).officer == "wang"


def test_taking_again_renews_the_lease(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    take(desk, review_id(desk, 0), LI, now + 20 * MINUTE)
    with pytest.raises(Conflict):
        take(desk, review_id(desk, 0), WANG, now + LEASE + MINUTE)


def test_what_is_put_back_waits_again(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    release_back(desk, review_id(desk, 0), LI, now)
    assert waiting(desk, WANG, now) == ["h0", "h1", "h2"]


def test_only_who_holds_it_puts_it_back(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    with pytest.raises(Conflict):
        release_back(desk, review_id(desk, 0), WANG, now)


def test_taking_and_putting_back_are_in_the_ledger(desk: Database, now: datetime) -> None:
    take(desk, review_id(desk, 0), LI, now)
    release_back(desk, review_id(desk, 0), LI, now)
    assert [kind for kind, _ in entries(desk)[3:]] == ["review:taken", "review:put_back"]
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_an_officer_does_not_get_what_the_officer_submitted(desk: Database, now: datetime) -> None:
    both = Actor("ming", "officer")
    with pytest.raises(Forbidden):
        take(desk, review_id(desk, 0), both, now)
    assert take_next(desk, both, now) is None
    with desk.read() as session:
        assert all(item.own for item in queue(session, both, now))


@pytest.mark.parametrize("role", ["collector", "trainer", ""])
def test_only_officers_see_and_take(desk: Database, now: datetime, role: str) -> None:
    actor = Actor("zhao", role)
    with desk.read() as session, pytest.raises(Forbidden):
        queue(session, actor, now)
    with desk.read() as session, pytest.raises(Forbidden):
        open_item(session, 1, actor)
    for act in (lambda: take(desk, 1, actor, now), lambda: take_next(desk, actor, now)):
        with pytest.raises(Forbidden):
            act()


def test_an_unknown_item_is_named(desk: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput) as error:
        take(desk, 999, LI, now)
    assert error.value.code == "unknown_review"


def test_the_author_is_no_officer(desk: Database, now: datetime) -> None:
    with pytest.raises(Forbidden):
        take(desk, review_id(desk, 0), MING, now)


@pytest.mark.parametrize(
    ("only", "left"), [(Only(), 4), (Only(channel="email"), 1), (Only(collector="ming"), 3), (Only("sms", "zhou"), 0)]
)
def test_an_officer_may_see_one_kind_only(desk: Database, now: datetime, only: Only, left: int) -> None:
    later = now + 5 * MINUTE
    send(desk, FakeJudge(limit=100), email("h3", "我行将起诉。"), later, Actor("zhou", "collector"))
    with desk.read() as session:
        assert count_free(session, LI, later, only=only) == left
        assert len(queue(session, LI, later, only=only)) == left
        assert collectors_waiting(session, later) == ["ming", "zhou"]
    taken = [take_next(desk, LI, later, only=only) for _ in range(left + 1)]
    assert [line is not None for line in taken] == [True] * left + [False]
