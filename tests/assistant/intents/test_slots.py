"""Sums, days, people and reasons that an utterance names."""

from __future__ import annotations

import pytest

from assistant.intents.slots import read_slots


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("先还三百五", ("350",)),
        ("借了2万", ("20000",)),
        ("一万五我认", ("15000",)),
        ("我转了2992.4元", ("2992.4",)),
        ("今天先给五百，剩下八百下周", ("500", "800")),
        ("我尾号1234", ()),
        ("打了3个电话", ()),
        ("两个孩子要养", ()),
        ("12月5号还", ()),
    ],
)
def test_definite_sums(text: str, amounts: tuple[str, ...]) -> None:
    assert read_slots(text).get("amount", ()) == amounts


@pytest.mark.parametrize(
    ("text", "about"), [("一千来块吧", ("1000",)), ("大概三千", ("3000",)), ("五千多", ("5000",)), ("还五千", ())]
)
def test_vague_sums_stand_apart(text: str, about: tuple[str, ...]) -> None:
    assert read_slots(text).get("about", ()) == about


def test_days_and_sums_do_not_mix() -> None:
    assert read_slots("15号还1500") == {"amount": ("1500",), "day": ("15号",)}


@pytest.mark.parametrize(
    ("text", "parties"),
    [
        ("我妈住院了", ("我妈",)),
        ("找我老公要", ("我老公",)),
        ("有事跟律师说", ("律师",)),
        ("我妈和我老婆都知道", ("我妈", "我老婆")),
        ("他妈的烦不烦", ()),
    ],
)
def test_people_that_are_named(text: str, parties: tuple[str, ...]) -> None:
    assert read_slots(text).get("party", ()) == parties


@pytest.mark.parametrize(
    ("text", "intents", "reasons"),
    [
        ("我忘了", ["forgot"], ("forgot",)),
        ("失业了没钱", ["hardship"], ("hardship",)),
        ("钱都炒股亏了", ["hardship"], ("mismanagement",)),
        ("我在住院", ["illness_disaster"], ("illness",)),
        ("家里发大水全淹了", ["illness_disaster"], ("disaster",)),
        ("就是不还", ["refuse"], ("deliberate",)),
        ("不是我借的", ["dispute"], ("dispute",)),
        ("明天还", ["promise_to_pay"], ()),
    ],
)
def test_why_it_is_not_paid(text: str, intents: list[str], reasons: tuple[str, ...]) -> None:
    assert read_slots(text, intents).get("reason", ()) == reasons
