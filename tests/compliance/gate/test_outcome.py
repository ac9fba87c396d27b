from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from compliance.database import Database
from compliance.gate.contactability import contactability
from compliance.gate.outcome import record_outcome
from compliance.gate.permits import expire_permits, redeem
from compliance.gate.types import Conflict
from compliance.judge import InvalidInput
from compliance.judge.facts import OUTCOMES
from tests.compliance.gate.world import KEYS, MING, MOBILE, FakeJudge, call, entries, note, row, send, sms


def dial(db: Database, judge: FakeJudge, now: datetime) -> None:
    token = send(db, judge, call("1"), now).permit or ""
    assert redeem(db, judge, token, MOBILE, None, now, KEYS).status == 200


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_call_has_an_outcome(desk: Database, judge: FakeJudge, now: datetime, outcome: str) -> None:
    dial(desk, judge, now)
    recorded = record_outcome(desk, "1", outcome, now, MING, now + timedelta(minutes=2))
    assert (recorded.state, row(desk, "1").outcome) == ("sent", outcome)
    assert entries(desk)[-1] == ("outreach:outcome", "outreach:1")


def test_until_then_the_policy_sees_a_dial_without_outcome(desk: Database, judge: FakeJudge, now: datetime) -> None:
    dial(desk, judge, now)
    send(desk, judge, call("2"), now)
    facts = judge.facts[-1]
    assert facts is not None
    assert [(attempt.state, attempt.outcome) for attempt in facts.attempts] == [("sending", None)]


def test_the_same_outcome_twice_is_one(desk: Database, judge: FakeJudge, now: datetime) -> None:
    dial(desk, judge, now)
    for _ in range(2):
        record_outcome(desk, "1", "no_answer", now, MING, now)
    assert [kind for kind, _ in entries(desk)].count("outreach:outcome") == 1


def test_an_outcome_is_not_rewritten(desk: Database, judge: FakeJudge, now: datetime) -> None:
    dial(desk, judge, now)
    record_outcome(desk, "1", "connected", now, MING, now)
    with pytest.raises(Conflict):
        record_outcome(desk, "1", "no_answer", now, MING, now)


def test_an_outcome_without_redeeming_uses_the_permit_up(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = send(desk, judge, call("1"), now).permit or ""
    record_outcome(desk, "1", "connected", now, MING, now)
    assert redeem(desk, judge, token, MOBILE, None, now, KEYS).status == 409


def test_a_call_that_outlasted_its_permit_has_happened(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, call("1"), now)
    expire_permits(desk, now + timedelta(minutes=11))
    record_outcome(desk, "1", "connected", now, MING, now + timedelta(minutes=12))
    assert row(desk, "1").state == "sent"
    assert send(desk, judge, call("2"), now + timedelta(minutes=12)).state == "blocked"


def test_an_outcome_does_not_move_a_used_slot(desk: Database, judge: FakeJudge, now: datetime) -> None:
    dial(desk, judge, now)
    record_outcome(desk, "1", "connected", now + timedelta(days=1), MING, now + timedelta(days=1))
    assert row(desk, "1").at == now


@pytest.mark.parametrize("away", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_an_outcome_is_neither_before_the_dial_nor_in_the_future(
    desk: Database, judge: FakeJudge, now: datetime, away: timedelta
) -> None:
    dial(desk, judge, now)
    with pytest.raises(InvalidInput):
        record_outcome(desk, "1", "connected", now + away, MING, now)


@pytest.mark.parametrize(("outcome", "field"), [("nothing", "outcome"), ("", "outcome")])
def test_an_unknown_outcome_is_named(desk: Database, judge: FakeJudge, now: datetime, outcome: str, field: str) -> None:
    dial(desk, judge, now)
    with pytest.raises(InvalidInput) as error:
        record_outcome(desk, "1", outcome, now, MING, now)
    assert error.value.field == field


def test_a_time_without_offset_is_named(desk: Database, judge: FakeJudge, now: datetime) -> None:
    dial(desk, judge, now)
    with pytest.raises(InvalidInput) as error:
        record_outcome(desk, "1", "connected", now.replace(tzinfo=None), MING, now)
    assert error.value.code == "no_offset"


def test_an_unknown_outreach_is_named(desk: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput) as error:
        record_outcome(desk, "none", "connected", now, MING, now)
    assert error.value.code == "unknown_outreach"


@pytest.mark.parametrize("words", ["坐牢。", "起诉。", "您好。"])
def test_what_did_not_leave_has_no_outcome(desk: Database, judge: FakeJudge, now: datetime, words: str) -> None:
    send(desk, judge, sms("1", words), now)
    with pytest.raises(Conflict):
        record_outcome(desk, "1", "delivered", now, MING, now)


def test_a_note_has_no_outcome(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, note("1", "好。"), now)
    with pytest.raises(Conflict):
        record_outcome(desk, "1", "connected", now, MING, now)


@pytest.mark.parametrize(("outcome", "state"), [("delivered", "sent"), ("undelivered", "failed")])
def test_a_gateway_reports_on_words(desk: Database, judge: FakeJudge, now: datetime, outcome: str, state: str) -> None:
    token = send(desk, judge, sms("1", "您好。"), now).permit or ""
    redeem(desk, judge, token, MOBILE, "您好。", now, KEYS)
    assert record_outcome(desk, "1", outcome, now, MING, now).state == state


# Contactability


def test_contactability_says_what_the_gate_would_say(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    with desk.read() as session:
        before = contactability(session, judge, "D1", "M1", "call", now)
    assert (before.allowed, before.remaining) == (True, {"day": 1})
    send(desk, judge, call("1"), now)
    with desk.read() as session:
        after = contactability(session, judge, "D1", "M1", "call", now)
    receipt = send(desk, judge, call("2"), now)
    assert (after.allowed, after.remaining) == (False, {"day": 0})
    assert (after.findings, after.next_allowed_at) == (receipt.findings, receipt.next_allowed_at)


def test_a_doubt_is_not_allowed_and_not_blocked(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.doubts.add("D1")
    with desk.read() as session:
        answer = contactability(session, judge, "D1", "M1", "call", now)
    assert (answer.allowed, answer.decision.value) == (False, "review")


def test_a_failing_judge_allows_nobody(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.broken = True
    with desk.read() as session:
        assert contactability(session, judge, "D1", "M1", "call", now).allowed is False


def test_an_unknown_relation_is_not_allowed(desk: Database, judge: FakeJudge, now: datetime) -> None:
    with desk.read() as session:
        assert contactability(session, judge, "D1", "U1", "call", now).allowed is False


@pytest.mark.parametrize(
    ("debtor", "point", "channel", "field"),
    [("D9", "M1", "call", "debtor"), ("D1", "M2", "call", "contact_point"), ("D1", "M1", "note", "channel")],
)
def test_what_does_not_exist_is_named(
    desk: Database, judge: FakeJudge, now: datetime, debtor: str, point: str, channel: str, field: str
) -> None:
    with desk.read() as session, pytest.raises(InvalidInput) as error:
        contactability(session, judge, debtor, point, channel, now)
    assert error.value.field == field
