"""Appeals: once, by the author, answered by somebody who neither decided nor submitted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from compliance import review
from compliance.database import Database
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge.types import InvalidInput
from compliance.review.queue import LEASE, take
from tests.compliance.gate.world import LI, MING, WANG, FakeJudge, email, entries, note, row, send

ZHOU = Actor("zhou", "collector")


@pytest.fixture
def refused(desk: Database, judge: FakeJudge, now: datetime) -> Database:
    """Ming's held e-mail, refused by Li."""
    send(desk, judge, email("1", "我行将依法起诉。"), now)
    take(desk, 1, LI, now)
    review.refuse(desk, 1, LI, "尚未立案。", now)
    return desk


def file(db: Database, now: datetime, author: Actor = MING, id: str = "1") -> int:
    return review.file_appeal(db, id, "已经立案，附通知书。", author, now)


def answer(db: Database, appeal: int, officer: Actor, now: datetime, *, upheld: bool = True) -> str:
    review.take_appeal(db, appeal, officer, now)
    return review.decide_appeal(db, appeal, upheld, "通知书属实。", officer, now)


@pytest.mark.parametrize(("upheld", "state"), [(True, "upheld"), (False, "rejected")])
def test_another_officer_answers(refused: Database, now: datetime, upheld: bool, state: str) -> None:
    assert answer(refused, file(refused, now), WANG, now, upheld=upheld) == state
    assert entries(refused)[-3:] == [
        ("appeal:filed", "outreach:1"), ("appeal:taken", "outreach:1"), (f"appeal:{state}", "outreach:1")
    ]  # fmt: skip


def test_what_is_upheld_is_not_sent(refused: Database, now: datetime) -> None:
    answer(refused, file(refused, now), WANG, now)
    assert (row(refused, "1").state, row(refused, "1").permit) == ("refused", None)


@pytest.mark.parametrize("officer", [LI, Actor("ming", "officer")])
def test_neither_the_reviewer_nor_the_author_answers(refused: Database, now: datetime, officer: Actor) -> None:
    appeal = file(refused, now)
    with pytest.raises(Forbidden):
        review.take_appeal(refused, appeal, officer, now)
    with pytest.raises(Forbidden):
        review.decide_appeal(refused, appeal, True, "属实。", officer, now)


def test_a_collector_answers_none(refused: Database, now: datetime) -> None:
    with pytest.raises(Forbidden):
        review.take_appeal(refused, file(refused, now), ZHOU, now)


def test_only_the_author_objects(refused: Database, now: datetime) -> None:
    with pytest.raises(Forbidden):
        file(refused, now, ZHOU)


def test_one_objects_once(refused: Database, now: datetime) -> None:
    file(refused, now)
    with pytest.raises(Conflict):
        file(refused, now)


def test_a_message_that_the_rules_stopped_is_for_any_officer(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1", "你要坐牢"), now)
    appeal = file(desk, now)
    with desk.read() as session:
        line = review.open_appeal(session, appeal, LI)
    assert (line.appeal.against, line.appeal.reviewer, line.barred) == ("blocked", None, False)
    assert answer(desk, appeal, LI, now, upheld=False) == "rejected"


def test_a_note_that_an_officer_decided_may_be_objected_to(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, note("1", "告知将起诉"), now)
    with pytest.raises(Conflict):
        file(desk, now)
    take(desk, 1, LI, now)
    review.decide_finding(desk, 1, 0, "violation", "未立案。", LI, now)
    review.note_decided(desk, 1, LI, "已谈话。", now)
    with pytest.raises(Forbidden):
        review.take_appeal(desk, file(desk, now), LI, now)


def test_what_was_allowed_cannot_be_objected_to(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    with pytest.raises(Conflict):
        file(desk, now)


def test_a_reason_is_needed(refused: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        review.file_appeal(refused, "1", " ", MING, now)


def test_one_appeal_to_one_officer_until_the_lease_ends(refused: Database, now: datetime) -> None:
    appeal, other = file(refused, now), Actor("sun", "officer")
    review.take_appeal(refused, appeal, WANG, now)
    with pytest.raises(Conflict):
        review.take_appeal(refused, appeal, other, now)
    later = now + LEASE + timedelta(seconds=1)
    review.take_appeal(refused, appeal, other, later)
    with pytest.raises(Conflict):
        review.decide_appeal(refused, appeal, True, "属实。", WANG, later)


def test_the_list_says_who_may_not_answer(refused: Database, now: datetime) -> None:
    file(refused, now)
    with refused.read() as session:
        assert [line.barred for line in review.appeals(session, LI, now)] == [True]
        assert [line.barred for line in review.appeals(session, WANG, now)] == [False]


def test_the_author_sees_the_answer_once_as_new(refused: Database, now: datetime) -> None:
    appeal = file(refused, now)
    answer(refused, appeal, WANG, now)
    review.mark_appeal_seen(refused, appeal, MING, now)
    with pytest.raises(Forbidden):
        review.mark_appeal_seen(refused, appeal, ZHOU, now)
    with refused.read() as session:
        (found,) = review.appeals_of(session, [row(refused, "1").id]).values()
    assert (found.seen_at, found.answer) == (now, "通知书属实。")
