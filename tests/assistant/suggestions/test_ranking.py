"""What is offered, for each kind of moment."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.suggestions.ranking import Candidate, Moment, may_say, rank
from scripts_library.choosing import ServedScript

TALKING = Moment(begun=True, confirmed=True)


def candidate(key: str, *, says: tuple[str, ...] = (), demands: bool = False, **rest: Any) -> Candidate:
    known = {
        "version_id": hash(key) % 1000, "number": 1, "stage": "any", "scene": "场景", "title": key, "intent": None,
        "channels": ("call",), "audience": "debtor", "say": key, "why": "", "avoid": "", "must_say": (),
        "article": (),
    }  # fmt: skip
    script = ServedScript(key=key, **{**known, **rest})
    return Candidate(script, script.say, frozenset(says), demands)


def moment(*heard: str, **rest: Any) -> Moment:
    return Moment(heard=(heard,), **{"begun": True, "confirmed": True, **rest})


def keys(candidates: list[Candidate], at: Moment) -> list[str]:
    return [one.candidate.script.key for one in rank(candidates, at)]


PLAN = candidate("plan", intent="request_plan", says=("plan_option",))
COMPLAINT = candidate("complaint", intent="complain", says=("dispute_channel",))
CARE = candidate("care", intent="self_harm")
ASK = candidate("ask", intent="promise_to_pay", demands=True)
OPENING = candidate("opening", scene="首次联系", says=("identity", "recording"))
VERIFY = candidate("verify", scene="核实本人")
DEBT = candidate("debt", intent="ask_details", say="共{amount}元", says=("debt",))


def test_what_was_just_said_is_answered_first() -> None:
    assert keys([PLAN, COMPLAINT], moment("complain", "request_plan")) == ["complaint", "plan"]


def test_the_words_of_the_stage_come_before_those_of_any() -> None:
    own = candidate("z-own", intent="complain", stage="middle")
    assert keys([COMPLAINT, own], moment("complain")) == ["z-own", "complaint"]


def test_nothing_is_offered_that_answers_nothing() -> None:
    assert keys([PLAN, COMPLAINT], TALKING) == []


def test_who_has_answered_for_themselves_is_told_the_debt_that_is_owed() -> None:
    tell = candidate("tell", scene="告知欠款", intent="ask_details", says=("debt",))
    assert keys([tell], moment("small_talk", owed=("debt",))) == ["tell"]
    assert keys([tell], moment("small_talk", owed=("debt",), confirmed=False)) == []
    assert keys([tell], moment("small_talk")) == []


def test_a_call_is_opened_with_an_opening_and_never_again() -> None:
    assert keys([OPENING, PLAN], Moment()) == ["opening"]
    assert keys([OPENING], moment("small_talk", owed=("identity",))) == []


def test_who_is_not_confirmed_is_verified_and_told_no_debt() -> None:
    assert keys([DEBT, VERIFY], moment("ask_details", confirmed=False)) == ["verify"]
    assert keys([DEBT, VERIFY], moment("ask_details")) == ["debt"]


@pytest.mark.parametrize("slot", ["product", "tail", "amount", "days"])
def test_who_is_not_confirmed_is_told_of_no_account(slot: str) -> None:
    names = candidate("names", scene="首次联系", say="就您的{" + slot + "}与您联系")
    assert keys([OPENING, names], Moment()) == ["opening"]


def test_the_debt_is_told_before_a_notice_that_tells_it_in_passing() -> None:
    tell = candidate("z-tell", scene="告知欠款", intent="ask_details", says=("debt",))
    notice = candidate("a-notice", scene="征信告知", says=("debt",))
    assert keys([notice, tell], moment("small_talk", owed=("debt",)))[0] == "z-tell"


def test_what_is_owed_is_offered_in_the_order_of_the_checklist() -> None:
    first, second = candidate("b", says=("recording",)), candidate("a", says=("dispute_channel",))
    assert keys([second, first], moment("small_talk", owed=("recording", "dispute_channel"))) == ["b", "a"]


def test_an_answer_to_something_else_is_no_place_for_a_duty() -> None:
    assert keys([COMPLAINT], moment("small_talk", owed=("dispute_channel",))) == []


def test_what_was_answered_gives_way_to_what_is_owed() -> None:
    owed = candidate("owed", says=("recording",))
    assert keys([COMPLAINT, owed], moment("complain", owed=("recording",))) == ["complaint", "owed"]
    assert keys([COMPLAINT, owed], moment("complain", owed=("recording",), answered=True)) == ["owed", "complaint"]


def test_what_was_taken_is_not_offered_again() -> None:
    assert keys([PLAN], moment("request_plan", taken=frozenset({PLAN.script.version_id}))) == []


def test_after_a_sign_of_self_harm_there_is_only_care() -> None:
    assert keys([CARE, PLAN, COMPLAINT, DEBT], moment("self_harm", "request_plan", paused=True)) == ["care"]
    assert keys([CARE], moment("request_plan")) == []


@pytest.mark.parametrize("one", [ASK, DEBT, candidate("day", intent="promise_to_pay", say="{promise_date}还")])
def test_neutral_words_hold_no_money(one: Candidate) -> None:
    assert may_say(one, TALKING)
    assert not may_say(one, Moment(begun=True, confirmed=True, neutral=True))


def test_the_order_does_not_depend_on_the_order_they_come_in() -> None:
    at = moment("complain", "request_plan", owed=("recording",))
    assert keys([PLAN, COMPLAINT], at) == keys([COMPLAINT, PLAN], at)


def test_a_suggestion_says_why() -> None:
    [answer] = rank([PLAN], moment("request_plan"))
    [owed] = rank([candidate("x", says=("recording",))], moment("small_talk", owed=("recording",)))
    assert [(answer.why, answer.what), (owed.why, owed.what)] == [
        ("answers", "request_plan"), ("owes", "recording"),
    ]  # fmt: skip
