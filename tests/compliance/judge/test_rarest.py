"""What is scanned for is a necessary part of the pattern, the rarest one; common parts alone never stand for it."""

import re

import pytest

from compliance.judge.loosen import loosen
from compliance.judge.matcher import HyperscanMatcher
from compliance.judge.patterns import check_pattern
from compliance.judge.rarest import narrow


@pytest.mark.parametrize(
    ("source", "rarest"),
    [
        ("您.{0,20}坐牢", "坐牢"),
        ("(?:您|你)[^，。]{0,8}(?:坐牢|判刑)", "(?:坐牢|判刑)"),
        ("(?:再)?坐牢(?:吧)?", "坐牢"),
        ("您.{0,20}(?:坐.{0,2}牢|判刑)", "(?:牢|判刑)"),
    ],
)
def test_the_rarest_necessary_part_is_looked_for(source: str, rarest: str) -> None:
    written = re.sub(r"[㐀-鿿]+", lambda word: "".join(rf"\x{byte:02x}" for byte in word[0].encode()), rarest)
    assert re.sub(r"\(\?:([^|()]*)\)", r"\1", narrow(source)) == re.sub(r"\(\?:([^|()]*)\)", r"\1", written)


@pytest.mark.parametrize("source", ["您.{0,20}还款", r"\d.{0,2}\d", "(?i)call you", ".{1,8}"])
def test_a_pattern_of_common_parts_is_looked_for_as_a_whole(source: str) -> None:
    assert narrow(source) == loosen(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(?:a|(?i:坐牢B))", "坐牢b"),
        ("您.{0,4}(?:牢房|(?:不|没).{0,3}门路)", "您没有门路"),
        (r"\bjail\b", "in jail 牢"),
        ("(?:牢饭){1,3}吃", "牢饭牢饭吃"),
        ("(?:牢饭){2}", "牢饭牢饭"),
    ],
)
def test_every_match_is_named(source: str, text: str) -> None:
    assert check_pattern(source).occurs(text)
    assert HyperscanMatcher([check_pattern(source)]).candidates(text) == {0}
