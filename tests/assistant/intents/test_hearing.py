"""What an utterance carries, by the shipped reader and the phrases."""

from __future__ import annotations

import pytest

from assistant.intents import hear


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我不想活了，你们别逼我", "self_harm"),
        ("你是哪家的？工号多少", "ask_identity"),
        ("我要投诉你们", "complain"),
        ("能不能给我分几期", "request_plan"),
        ("我失业了，真拿不出来", "hardship"),
        ("明天发工资我就还上", "promise_to_pay"),
        ("我在开车，晚点再打", "callback"),
        ("你打错了，我不认识这个人", "wrong_number"),
        ("以后别再给我打电话了", "stop_contact"),
    ],
)
def test_the_first_intent(text: str, intent: str) -> None:
    assert hear(text, "debtor").intents[0][0] == intent


def test_what_matters_most_comes_first() -> None:
    names = [name for name, _ in hear("我没钱，活着也没什么意思", "debtor").intents]
    assert names[0] == "self_harm"
    assert "hardship" in names


def test_words_without_a_meaning_of_their_own_are_small_talk() -> None:
    assert [name for name, _ in hear("嗯嗯，你说", "debtor").intents] == ["small_talk"]


def test_a_collectors_words_have_no_intents() -> None:
    assert hear("您可以申请分期", "collector").intents == ()


def test_sums_and_days_are_read() -> None:
    assert hear("下礼拜三我先还两千块", "debtor").slots == {"amount": ("2000",), "day": ("下礼拜三",)}


def test_a_day_is_no_sum() -> None:
    assert hear("十五号发工资我还1500", "debtor").slots == {"amount": ("1500",), "day": ("十五号",)}
