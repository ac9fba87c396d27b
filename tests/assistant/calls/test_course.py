"""What an answer means after the words before it."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.calls.course import in_course
from assistant.calls.spoken import Spoken
from assistant.intents import hear

AT = datetime(2026, 11, 18, 2, tzinfo=UTC)


def last(*turns: tuple[str, str]) -> Spoken:
    spoken = [
        Spoken(seq, seq, who, text, AT, heard=hear(text, who))
        for seq, (who, text) in enumerate(turns, 1)
    ]  # fmt: skip
    return in_course(spoken)[-1]


def test_digits_that_were_asked_for_are_no_sum_and_no_hardship() -> None:
    heard = last(("collector", "麻烦报一下身份证后四位"), ("debtor", "三六二九")).heard
    assert [intent for intent, _ in heard.intents] == ["small_talk"]
    assert "amount" not in heard.slots


def test_a_day_after_the_question_when_is_a_promise() -> None:
    turn = last(("collector", "您看什么时候能还？"), ("debtor", "周五吧"))
    assert turn.certain[0] == "promise_to_pay"


def test_a_time_after_the_question_when_to_ring_is_no_promise() -> None:
    turn = last(("collector", "您看什么时候方便我再打给您？"), ("debtor", "周五下午吧"))
    assert "promise_to_pay" not in turn.certain


def test_a_day_in_a_refusal_is_no_promise() -> None:
    turn = last(("collector", "什么时候能还？"), ("debtor", "周五也不还，爱告告去"))
    assert "promise_to_pay" not in turn.certain[:1]


def test_taking_it_back_is_still_a_sign() -> None:
    turn = last(("debtor", "我不想活了"), ("collector", "您别这么想"), ("debtor", "我就是说着玩的，你别当真"))
    assert turn.meant[0] == "self_harm"


def test_joking_without_a_sign_before_is_none() -> None:
    assert "self_harm" not in last(("collector", "您贵姓"), ("debtor", "开个玩笑")).meant


def test_a_relative_who_says_little_is_still_the_relative() -> None:
    turn = last(("third_party", "我是他妈妈，他不在家"), ("collector", "麻烦您转告"), ("third_party", "那我咋跟他说嘛"))
    assert turn.meant[0] == "third_party"


def test_what_the_course_does_not_decide_stays_as_it_was_heard() -> None:
    alone = hear("我失业了，真没钱还", "debtor")
    assert last(("collector", "您好"), ("debtor", "我失业了，真没钱还")).heard == alone


def test_a_right_that_was_heard_is_never_taken_away() -> None:
    turn = last(("collector", "您可以打客服热线投诉"), ("debtor", "投诉你妈的头"))
    assert {intent for intent, _ in hear(turn.text, "debtor").intents} <= set(turn.meant)
