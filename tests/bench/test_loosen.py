"""What Hyperscan looks for is wider than the pattern: wherever RE2 finds the pattern, the wider one occurs."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.floor import compile_loosened
from bench.loosen import ANYTHING, loosen
from compliance.judge.patterns import Pattern, check_pattern
from compliance.judge.proof import load_pack

OPENERS = [pattern for rule in load_pack("cn").rules for pattern in rule.opening]
DATABASE = compile_loosened(OPENERS)
PIECES = sorted({char for pattern in OPENERS for char in pattern.source if char.isalnum()} | set("，。 \n-"))


def named(database: Any, text: str) -> set[int]:
    hits: set[int] = set()
    database.scan(text.encode("utf-8", "replace"), match_event_handler=lambda number, *_: hits.add(number))
    return hits


def named_by(pattern: Pattern, text: str) -> bool:
    return named(compile_loosened([pattern]), text) == {0}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("去{1,2}(?:你|您)家(?:里)?(?:坐坐|$)", "明天去你家"),
        (".{0,40}(?:核对|确认)", "请确认"),
        ("[^，。]{2,4}路", "长安路"),
        ("不.{0,30}还", "不" + "字" * 30 + "还"),
        (r"\b1[3-9](?:[ -]{0,2}\d){9}\b", "13 800-138 000"),
        ("[一-十]点", "三点"),
        ("(?i)call you", "CALL YOU"),
        ("抓(?:你|)", "抓"),
    ],
)
def test_every_match_is_named(source: str, text: str) -> None:
    pattern = check_pattern(source)
    assert pattern.occurs(text)
    assert named_by(pattern, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_match_of_a_shipped_pattern_is_missed(text: str) -> None:
    found = {number for number, pattern in enumerate(OPENERS) if pattern.occurs(text)}
    assert found <= named(DATABASE, text)


def test_a_phrase_of_the_pattern_alone_is_not_named() -> None:
    assert not named_by(check_pattern("坐.{0,3}牢"), "请坐，谢谢")


def test_what_says_nothing_asks_for_every_text() -> None:
    assert loosen(".{1,8}") == ANYTHING


def test_gaps_at_the_ends_are_left_out() -> None:
    assert loosen(".{0,40}确.{0,40}") == loosen("确")


def test_the_expression_is_ascii() -> None:
    assert all(re.fullmatch(r"[\x20-\x7e]+", loosen(pattern.source)) for pattern in OPENERS)
