"""Folding turns: the same turns give the same state, and what each turn changes."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, CallState, audience_of, fold, listen
from assistant.intents import Heard, hear
from compliance.judge.hearing import KnownAccount
from compliance.judge.proof import load_pack
from compliance.judge.talk import Talk, load_talk
from compliance.judge.types import Decision, Finding

AT = datetime(2026, 11, 18, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
ACCOUNT = KnownAccount("海岳银行", Decimal(8000), Decimal("320.50"), Decimal(60))
FACTS = CallFacts(ACCOUNT)
OPENING = "您好，我是海岳银行的客户经理，工号3107，姓林，这通电话会录音。请问是张伟先生本人吗？"
CORPUS = Path(__file__).parents[3] / "compliance/corpus/conversations-dev-zh.jsonl"


@cache
def talk() -> Talk:
    return load_talk(load_pack("cn"))


def turn(seq: int, speaker: str, text: str, **rest: Any) -> Spoken:
    return Spoken(seq, seq, speaker, text, AT, heard=hear(text, speaker), **rest)


def state(*turns: Spoken, facts: CallFacts = FACTS, **ticks: bool) -> CallState:
    return fold(turns, facts, ticks, talk())


@cache
def recorded() -> tuple[tuple[Spoken, ...], ...]:
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()[:6]]
    return tuple(tuple(turn(one["seq"], one["speaker"], one["text"]) for one in row["turns"]) for row in rows)


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_order_of_arrival_makes_no_difference(data: st.DataObject) -> None:
    turns = data.draw(st.sampled_from(recorded()))
    shuffled = data.draw(st.permutations(turns))
    assert state(*shuffled) == state(*turns)


def test_nothing_said_is_nothing_owed() -> None:
    empty = state()
    assert empty.alerts == ()
    assert empty.missing == ()
    assert {item.item for item in empty.checklist} >= {"identity", "recording", "right_party", "summary"}


def test_an_opening_ticks_its_items() -> None:
    assert {"identity", "recording", "right_party", "creditor"} <= state(turn(1, "collector", OPENING)).said


def test_what_is_due_and_was_not_said_is_missing() -> None:
    after = state(turn(1, "collector", "你好，找一下张伟"), turn(2, "debtor", "我是，什么事"))
    assert {"identity", "recording"} <= {item.item for item in after.missing}


def test_nobody_is_behind_with_what_belongs_to_the_end() -> None:
    after = state(turn(1, "collector", OPENING), turn(2, "debtor", "我是，什么事"))
    assert [item.item for item in after.missing if item.last] == ["summary"]
    assert [item.item for item in after.checklist if item.last] == ["summary"]


def test_a_tick_by_hand_counts_more_than_what_was_heard() -> None:
    ticked = state(turn(1, "collector", "你好"), turn(2, "debtor", "喂"), recording=True)
    unticked = state(turn(1, "collector", OPENING), recording=False)
    assert "recording" in ticked.said and "recording" not in {item.item for item in ticked.missing}
    assert "recording" not in unticked.said


def test_debt_before_identity_is_an_alert_on_its_turn() -> None:
    after = state(turn(1, "collector", "你那张信用卡账单八千三百八十块五还没还"), turn(2, "debtor", "谁啊"))
    assert [(alert.turn, alert.finding.rule) for alert in after.alerts] == [(1, "cn.call.debt_first")]


def test_a_wrong_total_is_a_red_alert() -> None:
    told = "您一共欠款9999元"
    after = state(turn(1, "collector", OPENING), turn(2, "debtor", "对，我是"), turn(3, "collector", told))
    assert [alert.turn for alert in after.alerts if alert.is_red] == [3]


def test_the_findings_of_a_turn_stand_on_it_without_disclosures() -> None:
    threat = Finding("cn.threat.violence", "threat", Decision.BLOCK, "以暴力相威胁。")
    lacking = Finding("cn.missing_disclosure.sender", "missing_disclosure", Decision.REVIEW, "没有说明机构。")
    spoken = turn(1, "collector", "打断你的腿", findings=(threat, lacking), reworded="请您还款。")
    assert [(alert.finding.rule, alert.turn, alert.reworded) for alert in state(spoken).alerts] == [
        ("cn.threat.violence", 1, "请您还款。")
    ]


def test_a_partial_result_is_shown_and_neither_heard_nor_judged() -> None:
    before = state(turn(1, "collector", OPENING))
    after = state(turn(1, "collector", OPENING), turn(2, "debtor", "我不想活", final=False))
    assert len(after.turns) == 2
    assert (after.paused, after.checklist, after.intents) == (before.paused, before.checklist, ())


def test_a_sign_of_self_harm_pauses_the_call_for_good() -> None:
    after = state(turn(1, "debtor", "活着也没什么意思"), turn(2, "debtor", "气话，别当真，嗯"))
    assert after.paused


def test_after_a_sign_of_self_harm_nobody_is_told_to_speak_of_the_debt() -> None:
    turns = turn(1, "collector", OPENING), turn(2, "debtor", "我是，什么事")
    assert "debt" in {item.item for item in state(*turns).missing}
    assert state(*turns, turn(3, "debtor", "我真的不想活了")).missing == ()


def test_pressing_on_after_a_sign_of_self_harm_is_red() -> None:
    after = state(turn(1, "collector", OPENING), turn(2, "debtor", "我不想活了"), turn(3, "collector", "今天必须还清"))
    assert "cn.call.self_harm" in {alert.finding.rule for alert in after.alerts if alert.is_red}


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("我要投诉你们", "complaint"),
        ("这个利息我不认", "dispute"),
        ("能不能给我分几期", "plan"),
        ("以后别再给我打电话了", "stop_contact"),
    ],
)
def test_a_right_is_heard_where_it_is_first_invoked(words: str, right: str) -> None:
    after = state(turn(1, "collector", OPENING), turn(2, "debtor", words), turn(3, "debtor", words))
    assert [(one.type, one.turn) for one in after.rights if one.type == right] == [(right, 2)]


def test_somebody_else_does_not_invoke_the_debtors_rights() -> None:
    assert state(turn(1, "third_party", "能不能给他分几期")).rights == ()


def test_an_intent_that_is_hardly_meant_counts_for_nothing() -> None:
    unsure = Spoken(1, 1, "debtor", "嗯", AT, heard=Heard((("self_harm", 0.2), ("complain", 0.4))))
    after = state(unsure)
    assert (after.paused, after.rights) == (False, ())


def test_a_number_of_somebody_else_is_a_third_party_until_somebody_speaks() -> None:
    assert state(facts=CallFacts(ACCOUNT, "other_third_party")).third_party
    assert not state(facts=CallFacts(ACCOUNT, "liable_third_party")).third_party


def test_who_says_that_they_are_not_the_debtor_is_a_third_party() -> None:
    assert state(turn(1, "debtor", "你打错了，我不认识这个人")).third_party
    assert state(turn(1, "third_party", "他出去了")).third_party
    assert not state(turn(1, "debtor", "我是")).third_party


@pytest.mark.parametrize(
    ("relation", "speakers", "audience"),
    [
        ("self", [], "debtor"),
        ("other_third_party", [], "other_third_party"),
        (None, [], "other_third_party"),
        ("liable_third_party", [], "liable_third_party"),
        ("self", ["third_party"], "other_third_party"),
        ("other_third_party", ["debtor"], "debtor"),
        ("liable_third_party", ["third_party"], "liable_third_party"),
    ],
)
def test_who_hears_a_collectors_turn(relation: str | None, speakers: list[str], audience: str) -> None:
    turns = [turn(number, speaker, "喂") for number, speaker in enumerate(speakers, 1)]
    call = listen([*turns, turn(9, "collector", "您好")], ACCOUNT, talk())
    assert call is not None
    assert audience_of(call, 9, relation) == audience


def test_what_the_gate_objected_to_stands_first() -> None:
    night = Finding("cn.contact.hours", "hours", Decision.BLOCK, "夜间不得联系。", source="contact")
    after = state(turn(1, "collector", "你好"), facts=CallFacts(ACCOUNT, "self", (night,)))
    assert (after.alerts[0].finding, after.alerts[0].turn) == (night, None)


def test_the_debtor_is_confirmed_by_the_answer_itself() -> None:
    asked = turn(1, "collector", OPENING)
    assert not state(asked).confirmed
    assert state(asked, turn(2, "debtor", "对，我是")).confirmed


def test_a_telephone_handed_to_the_debtor_is_theirs() -> None:
    before = turn(1, "collector", OPENING), turn(2, "third_party", "我是他老婆，我叫他接")
    assert state(*before).third_party
    assert not state(*before, turn(3, "collector", OPENING), turn(4, "debtor", "对，我是本人")).third_party
