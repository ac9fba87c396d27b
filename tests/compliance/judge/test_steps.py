"""A pattern is read by a backtracking engine only where its cost is bounded, and then it finds what RE2 finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.judge.patterns import MANY_STEPS, SHORT, Pattern, check_pattern
from compliance.judge.proof import load_pack
from compliance.judge.steps import count_steps

PATTERNS = sorted({pattern.source for rule in load_pack("cn").rules for pattern in rule.patterns})
QUICK = [pattern for pattern in map(Pattern, PATTERNS) if pattern.quick is not None]
PIECES = sorted({char for source in PATTERNS for char in source} | set("，。 \n\t\r\f\u3000é-😀a１"))


def slowly(pattern: Pattern, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.engine.finditer(text)]


@pytest.mark.parametrize(
    ("source", "most"),
    [("坐牢", 3), ("你.{0,20}账", 90), ("(?:坐|抓|打){1,3}", 40), ("(?:你|您).{0,8}(?:家|单位).{0,8}闹", 400)],
)
def test_a_plain_pattern_costs_few_steps(source: str, most: int) -> None:
    steps = count_steps(source)
    assert steps is not None
    assert steps <= most


@pytest.mark.parametrize("source", ["(?:(?:不还|钱){1,12}){1,4}坐牢", "(?:a{1,9}){1,9}b", "(?:.{0,9}a){1,9}b"])
def test_what_could_backtrack_for_long_is_left_to_the_linear_engine(source: str) -> None:
    steps = count_steps(source)
    assert steps is not None
    assert steps > MANY_STEPS
    assert check_pattern(source).quick is None


@pytest.mark.parametrize("source", ["(?i)call you", "(?:a|(?i:b))c", "(?:a{0,2}){1,3}b"])
def test_what_the_engines_might_read_differently_has_no_number(source: str) -> None:
    assert count_steps(source) is None


def test_more_gaps_never_cost_less() -> None:
    counts = [count_steps("你" + ".{0,6}他" * gaps) or 0 for gaps in range(5)]
    assert counts == sorted(counts)


def test_most_shipped_patterns_are_read_quickly() -> None:
    assert len(QUICK) > 0.9 * len(PATTERNS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join), st.sampled_from(QUICK))
def test_both_engines_find_the_same_spans_in_any_text(text: str, pattern: Pattern) -> None:
    assert pattern.spans(text) == slowly(pattern, text)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_both_engines_find_the_same_spans_in_the_rules_own_words(data: st.DataObject) -> None:
    cases = [case.message.text for rule in load_pack("cn").rules for case in rule.cases]
    text = data.draw(st.sampled_from(cases)).lower() + data.draw(st.sampled_from(["", "\n", "。\n", "，"]))
    assert all(pattern.spans(text) == slowly(pattern, text) for pattern in QUICK)


def test_what_costs_many_steps_is_left_to_the_linear_engine_in_a_long_text() -> None:
    pattern = check_pattern("还.{0,40}钱.{0,40}坐.{0,8}牢")
    text = "还钱" * SHORT + "坐牢"
    assert pattern.spans(text[-SHORT:]) == slowly(pattern, text[-SHORT:])
    assert pattern.spans(text) == slowly(pattern, text)
