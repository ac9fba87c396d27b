from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from compliance import ledger
from compliance.database import Database
from compliance.gate.dispatch import DispatchReport, dispatch_once
from compliance.gate.models import OutreachText
from compliance.gate.permits import redeem
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge import Decision, InvalidInput
from compliance.review.answers import Answer, answers_for, mark_seen
from compliance.review.decisions import (
    Release,
    decide_finding,
    note_decided,
    refuse,
    release,
    return_for_rewording,
)
from compliance.review.models import Review
from compliance.review.queue import LEASE, open_item, take
from tests.compliance.gate.fake_channel import FakeChannel
from tests.compliance.gate.world import (
    EMAIL,
    KEYS,
    LI,
    MING,
    MOBILE,
    WANG,
    FakeJudge,
    call,
    email,
    entries,
    note,
    populate,
    row,
    send,
)

WORDS = "我行将依法起诉。"


@pytest.fixture
def desk(db: Database, judge: FakeJudge, now: datetime) -> Database:
    """One held e-mail, taken by Li."""
    populate(db)
    send(db, judge, email("1", WORDS), now)
    take(db, 1, LI, now)
    return db


def decide(db: Database, now: datetime, decision: str = "compliant", finding: int = 0) -> None:
    decide_finding(db, 1, finding, decision, "已核对立案通知书。", LI, now)


def let_go(db: Database, judge: FakeJudge, now: datetime, officer: Actor = LI) -> Release:
    return release(db, judge, 1, officer, "已立案，属实。", now, keys=KEYS)  # type: ignore[arg-type]


def dispatch(db: Database, judge: FakeJudge, channel: FakeChannel, now: datetime) -> DispatchReport:
    return dispatch_once(db, judge, {"email": channel}, "w", now, KEYS)  # type: ignore[arg-type]


def answers(db: Database, collector: str = "ming", **options: Any) -> list[Answer]:
    with db.read() as session:
        return answers_for(session, collector, **options)


# Releasing


def test_a_released_message_is_delivered_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    assert dispatch(desk, judge, channel, now) == DispatchReport()
    decide(desk, now)
    assert let_go(desk, judge, now).released
    assert [dispatch(desk, judge, channel, now).sent for _ in range(2)] == [1, 0]
    assert [(d.recipient, d.text) for d in channel.arrived] == [(EMAIL, WORDS)]


def test_a_released_message_may_leave_by_somebody_elses_gateway(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    decide(desk, now)
    token = let_go(desk, judge, now).permit or ""
    assert redeem(desk, judge, token, EMAIL, WORDS, now, KEYS).status == 200  # type: ignore[arg-type]


def test_a_released_call_can_be_dialled(db: Database, judge: FakeJudge, now: datetime) -> None:
    populate(db)
    judge.doubts.add("D1")
    send(db, judge, call("1"), now)
    take(db, 1, LI, now)
    decide(db, now)
    let_go(db, judge, now)
    token = answers(db)[0].permit or ""
    assert redeem(db, judge, token, MOBILE, None, now, KEYS).status == 200  # type: ignore[arg-type]


def test_the_whole_way_is_in_the_ledger(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    let_go(desk, judge, now)
    kinds = [kind for kind, _ in entries(desk)]
    assert kinds == ["outreach:decided", "review:taken", "review:finding_decided", "review:released"]
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_a_block_cannot_be_released_by_anybody(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """The rules have learned since that these words are a threat."""
    judge.threats.append("起诉")
    decide(desk, now)
    answer = let_go(desk, judge, now, LI)
    assert (answer.released, answer.state, answer.permit) == (False, "held", None)
    assert "fake.jail" in [finding.rule for finding in answer.findings]


def test_the_present_hour_counts(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    night = now.replace(hour=23)
    answer = let_go(desk, judge, night)
    assert (answer.released, [finding.rule for finding in answer.findings]) == (False, ["fake.hours"])
    assert answer.next_allowed_at == datetime.fromisoformat("2026-11-19T08:00:00+08:00")
    assert entries(desk)[-1][0] == "review:release_refused"


def test_its_own_slot_does_not_stand_in_its_way(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    decide(desk, now)
    assert let_go(desk, judge, now).released


def test_a_bar_that_came_up_since_cannot_be_released(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    judge.bars.add("D1")
    assert not let_go(desk, judge, now).released


def test_a_judge_that_fails_releases_nothing(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    judge.broken = True
    assert not let_go(desk, judge, now).released


def test_a_doubt_that_came_up_since_is_asked_about_first(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    judge.doubts.add("D1")
    assert not let_go(desk, judge, now).released
    with desk.read() as session:
        assert [finding.rule for finding in open_item(session, 1, LI).findings] == ["fake.suit", "fake.doubt"]
    with pytest.raises(Conflict):
        let_go(desk, judge, now)
    decide(desk, now, finding=1)
    assert let_go(desk, judge, now).released


def test_a_new_doubt_after_the_release_holds_it_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    decide(desk, now)
    let_go(desk, judge, now)
    judge.doubts.add("D1")
    assert dispatch(desk, judge, channel, now) == DispatchReport(held=1)
    take(desk, 1, WANG, now)
    decide_finding(desk, 1, 1, "compliant", "已与债务人确认。", WANG, now)
    assert let_go(desk, judge, now, WANG).released
    assert dispatch(desk, judge, channel, now) == DispatchReport(sent=1)


def test_words_changed_meanwhile_are_not_released(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    desk.run(lambda s: s.execute(update(OutreachText).values(text="别的话")))
    with pytest.raises(Conflict):
        let_go(desk, judge, now)


def test_it_is_released_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    let_go(desk, judge, now)
    with pytest.raises(Conflict):
        let_go(desk, judge, now)


def test_an_undecided_finding_stops_the_release(desk: Database, judge: FakeJudge, now: datetime) -> None:
    with pytest.raises(Conflict) as error:
        let_go(desk, judge, now)
    assert error.value.code == "undecided_findings"


def test_a_violation_cannot_be_released(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now, "violation")
    with pytest.raises(Conflict) as error:
        let_go(desk, judge, now)
    assert error.value.code == "violation_found"


# Sending back and refusing


@pytest.mark.parametrize(("act", "state"), [(return_for_rewording, "returned"), (refuse, "refused")])
def test_what_does_not_go_frees_its_slot(
    desk: Database, judge: FakeJudge, now: datetime, act: Callable[..., Any], state: str
) -> None:
    judge.limit = 1
    assert send(desk, judge, email("2", "您好。"), now + timedelta(minutes=20)).state == "blocked"
    assert act(desk, 1, LI, "请改写。", now).state == state
    assert send(desk, judge, email("3", "您好。"), now + timedelta(minutes=20)).state == "permitted"
    assert (row(desk, "1").state, dispatch(desk, judge, FakeChannel(), now).sent) == (state, 0)


# Who, when and why


ACTS: dict[str, Callable[[Database, FakeJudge, Actor, str, datetime], Any]] = {
    "decide": lambda db, judge, who, why, now: decide_finding(db, 1, 0, "compliant", why, who, now),
    "release": lambda db, judge, who, why, now: release(db, judge, 1, who, why, now, keys=KEYS),  # type: ignore[arg-type]
    "return": lambda db, judge, who, why, now: return_for_rewording(db, 1, who, why, now),
    "refuse": lambda db, judge, who, why, now: refuse(db, 1, who, why, now),
    "note": lambda db, judge, who, why, now: note_decided(db, 1, who, why, now),
}
Act = Callable[[Database, FakeJudge, Actor, str, datetime], Any]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_only_officers_decide(desk: Database, judge: FakeJudge, now: datetime, act: Act) -> None:
    with pytest.raises(Forbidden):
        act(desk, judge, Actor("li", "collector"), "理由", now)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_nobody_decides_on_their_own(desk: Database, judge: FakeJudge, now: datetime, act: Act) -> None:
    desk.run(lambda s: s.execute(update(Review).values(officer="ming")))
    with pytest.raises(Forbidden):
        act(desk, judge, Actor("ming", "officer"), "理由", now)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_only_who_holds_it_decides(desk: Database, judge: FakeJudge, now: datetime, act: Act) -> None:
    with pytest.raises(Conflict):
        act(desk, judge, WANG, "理由", now)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("why", ["", " \n", "长" * 1_001, "理\0由"])
def test_a_reason_is_required(desk: Database, judge: FakeJudge, now: datetime, act: Act, why: str) -> None:
    with pytest.raises(InvalidInput) as error:
        act(desk, judge, LI, why, now)
    assert error.value.field == "reason"


def test_who_lost_the_lease_to_another_does_not_decide(desk: Database, judge: FakeJudge, now: datetime) -> None:
    take(desk, 1, WANG, now + LEASE + timedelta(minutes=1))
    with pytest.raises(Conflict):
        refuse(desk, 1, LI, "理由", now + LEASE + timedelta(minutes=2))


@pytest.mark.parametrize(("finding", "decision"), [(1, "compliant"), (-1, "compliant"), (0, "maybe")])
def test_an_unknown_finding_or_decision_is_named(desk: Database, now: datetime, finding: int, decision: str) -> None:
    with pytest.raises(InvalidInput):
        decide(desk, now, decision, finding)


def test_a_later_word_replaces_the_earlier(desk: Database, now: datetime) -> None:
    decide(desk, now, "violation")
    decide(desk, now, "false_alarm")
    with desk.read() as session:
        assert [d.decision for d in open_item(session, 1, LI).decisions] == ["false_alarm"]


def test_reasons_are_masked_in_the_ledger(desk: Database, now: datetime) -> None:
    refuse(desk, 1, LI, "请勿拨打 13812341234。", now)
    with desk.read() as session:
        assert not any("13812341234" in entry.body for entry in ledger.entries(session))


# Notes


@pytest.fixture
def flagged(db: Database, judge: FakeJudge, now: datetime) -> Database:
    """One flagged note, taken by Li."""
    populate(db)
    send(db, judge, note("1", "我说要起诉。"), now)
    take(db, 1, LI, now)
    return db


def test_a_note_is_decided(flagged: Database, now: datetime) -> None:
    decide(flagged, now, "violation")
    assert note_decided(flagged, 1, LI, "已约谈。", now).state == "recorded"
    with flagged.read() as session:
        assert session.scalars(select(Review.state)).all() == ["noted"]


def test_a_note_is_decided_finding_by_finding(flagged: Database, now: datetime) -> None:
    with pytest.raises(Conflict):
        note_decided(flagged, 1, LI, "已约谈。", now)


@pytest.mark.parametrize("act", [ACTS["release"], ACTS["return"], ACTS["refuse"]], ids=["release", "return", "refuse"])
def test_a_note_goes_nowhere(flagged: Database, judge: FakeJudge, now: datetime, act: Act) -> None:
    decide(flagged, now)
    with pytest.raises(Conflict):
        act(flagged, judge, LI, "理由", now)


def test_a_message_is_no_note(desk: Database, now: datetime) -> None:
    decide(desk, now)
    with pytest.raises(Conflict):
        note_decided(desk, 1, LI, "理由", now)


# The author's answer


def test_the_author_sees_the_answer(desk: Database, judge: FakeJudge, now: datetime) -> None:
    assert answers(desk) == []
    decide(desk, now, "violation")
    return_for_rewording(desk, 1, LI, "请写明案号。", now)
    [answer] = answers(desk)
    assert (answer.state, answer.reason, answer.officer) == ("returned", "请写明案号。", "li")
    assert [(d.rule, d.decision, d.reason) for d in answer.decisions] == [
        ("fake.suit", "violation", "已核对立案通知书。")
    ]


def test_others_do_not(desk: Database, now: datetime) -> None:
    refuse(desk, 1, LI, "理由", now)
    assert answers(desk, "zhao") == []


def test_seen_is_noted_once(desk: Database, now: datetime) -> None:
    refuse(desk, 1, LI, "理由", now)
    mark_seen(desk, 1, MING, now + timedelta(minutes=1))
    mark_seen(desk, 1, MING, now + timedelta(minutes=2))
    assert [answer.seen_at for answer in answers(desk)] == [now + timedelta(minutes=1)]
    assert answers(desk, unseen_only=True) == []


def test_only_the_author_marks_it_seen(desk: Database, now: datetime) -> None:
    refuse(desk, 1, LI, "理由", now)
    with pytest.raises(Forbidden):
        mark_seen(desk, 1, Actor("zhao"), now)


def test_the_first_answer_to_the_submit_stays_the_first(desk: Database, judge: FakeJudge, now: datetime) -> None:
    decide(desk, now)
    let_go(desk, judge, now)
    receipt = send(desk, judge, email("1", WORDS), now)
    assert (receipt.decision, receipt.state, receipt.permit) == (Decision.REVIEW, "held", None)
