"""What a pattern cannot do without: words in every way in which it matches, and never one that a match can lack."""

import pytest

from compliance.judge.matcher import AutomatonMatcher, tables_of
from compliance.judge.needed import Way, units_of, ways_of
from compliance.judge.patterns import check_pattern


def sets_of(source: str) -> list[list[set[str]]]:
    return [[set(words) for words in way.sets] for way in ways_of(source)]


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("打断.{0,4}腿", [[{"打断"}, {"腿"}]]),
        ("坐牢|判刑", [[{"坐牢", "判刑"}]]),
        ("(?:再)?不还", [[{"不还"}]]),
        ("[你您]家", [[{"你家", "您家"}]]),
        ("坐.{0,2}牢|判刑", [[{"牢"}, {"坐"}], [{"判刑"}]]),
        ("抓(?:你|您){1,2}", [[{"抓你", "抓您"}]]),
        ("(?:坐牢.{0,2}){1,3}吧", [[{"坐牢"}, {"吧"}]]),
        ("(?i)call 法院", [[{" 法院"}]]),
        (".{1,8}", [[]]),
    ],
)
def test_the_words_that_a_pattern_cannot_do_without(source: str, needed: list[list[set[str]]]) -> None:
    assert sorted(sets_of(source), key=str) == sorted(needed, key=str)


def test_a_long_number_needs_its_numerals() -> None:
    assert ways_of(r"\b1[3-9](?:[ \-.·]{0,2}\d){9}\b")[0].numerals == 9
    assert all(way.numerals == 0 for way in ways_of(r"\d{2,4}元"))


def test_of_a_long_word_a_part_is_looked_for_that_fits() -> None:
    assert all(
        units_of(word) <= 4 for way in ways_of("诉讼保全申请书|𠀋𠀋𠀋𠀋") for words in way.sets for word in words
    )


def test_what_is_in_nearly_every_message_is_not_looked_for_beside_what_is_rare() -> None:
    assert sets_of("(?:您|你).{0,20}坐牢") == [[{"坐牢"}]]


def test_where_one_of_several_ways_needs_nothing_none_does() -> None:
    assert ways_of("坐牢|.{2,3}") == (Way(),)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("(?:a|(?i:坐牢B))", "坐牢b"),
        ("您.{0,4}(?:牢房|(?:不|没).{0,3}门路)", "您没有门路"),
        (r"\bjail\b", "in jail 牢"),
        ("(?:牢饭){1,3}吃", "牢饭牢饭吃"),
        ("(?:牢饭){2}", "牢饭牢饭"),
        ("去{1,2}(?:你|您)家(?:里)?(?:坐坐|$)", "明天去你家"),
        ("(?:^|[，。])我行(?:$|[^程])", "我行"),
        ("[^，。]{2,4}路", "长安路"),
        (r"(?:.{0,2}\d){6}", "1😀😀2😀😀3😀😀4😀😀5😀😀6"),
        (r"1(?:[ \-]{0,2}[\d零一]){5}", "1 -零 一-23- 4"),
        (r"(?i)(?:[\dx]){6}", "1X2X34"),
        ("[一-十]点", "三点"),
        ("𠀋{2}𠀋", "𠀋𠀋𠀋"),
    ],
)
def test_every_match_is_named(source: str, text: str) -> None:
    pattern = check_pattern(source)
    assert pattern.occurs(text)
    assert AutomatonMatcher(tables_of([pattern])).candidates(text) == {0}
