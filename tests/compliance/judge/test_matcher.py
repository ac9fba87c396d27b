"""The two matchers name the same candidates, and none misses a pattern that occurs; spans hold what was matched."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.judge import matcher
from compliance.judge.findings import find
from compliance.judge.matcher import AutomatonMatcher, CompiledMatcher, build_matcher, tables_of
from compliance.judge.patterns import Pattern, PatternFault, check_pattern, expand, word_groups
from compliance.judge.proof import load_pack
from compliance.judge.text import Text
from compliance.judge.types import Message

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"
PACK = load_pack("cn")
PATTERNS = [check_pattern(source) for source in PACK.numbers]
SLOWER = AutomatonMatcher(tables_of(PATTERNS))
ROWS = [
    json.loads(line)
    for file in ("outreach-dev-zh.jsonl", "outreach-train-zh-adversarial.jsonl")
    for line in (CORPUS / file).read_text(encoding="utf-8").splitlines()[::3]
]
MESSAGES = [Message(row["text"], channel=row["channel"], audience=row["audience"]) for row in ROWS]


def test_the_two_matchers_give_the_same_findings_on_the_corpora() -> None:
    slower = replace(PACK, matcher=SLOWER)
    for message in MESSAGES:
        text = Text.of(message.text)
        assert find(text, message, PACK) == find(text, message, slower)


def occurring(plain: str) -> set[int]:
    return {number for number, pattern in enumerate(PATTERNS) if pattern.occurs(plain)}


def test_no_pattern_that_occurs_in_the_corpora_is_missed() -> None:
    for message in MESSAGES[::8]:
        plain = Text.of(message.text).views[0].plain
        assert occurring(plain) <= SLOWER.candidates(plain) == PACK.matcher.candidates(plain)


PIECES = sorted({char for pattern in PATTERNS for char in pattern.source if char.isalnum()} | set("，。 \n-😀𠀋"))
HITS = [case.message.text for rule in PACK.rules for case in rule.cases]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(HITS)), max_size=40).map("".join))
def test_no_pattern_that_occurs_in_any_text_is_missed(text: str) -> None:
    assert occurring(text) <= SLOWER.candidates(text) == PACK.matcher.candidates(text)


def test_more_than_the_compiled_code_takes_is_left_to_the_automaton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "_MOST_SETS", 1)
    built = build_matcher(PATTERNS)

    assert isinstance(built, AutomatonMatcher)
    assert built.candidates("再不还就坐牢") == PACK.matcher.candidates("再不还就坐牢")


def test_without_a_compiler_the_automaton_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "compiled", lambda: None)

    assert isinstance(build_matcher(PATTERNS), AutomatonMatcher)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_compiled_code_looks_where_there_is_some() -> None:
    assert isinstance(PACK.matcher, CompiledMatcher)


def test_a_pattern_that_needs_no_word_is_always_asked() -> None:
    patterns = [check_pattern(source) for source in (".{1,8}", "坐牢")]
    tables = tables_of(patterns)

    for one in (CompiledMatcher.over(tables), AutomatonMatcher(tables)):
        assert one is None or one.candidates("您好") == {0}
        assert one is None or one.candidates("去坐牢") == {0, 1}


def test_a_span_cut_from_the_raw_text_is_what_the_rule_matched() -> None:
    rules = {rule.id: rule for rule in PACK.rules}
    for message in MESSAGES:
        for finding in find(Text.of(message.text), message, PACK):
            if finding.span is not None:
                cut = message.text[finding.span.start : finding.span.end]
                views = [view.plain for view in Text.of(cut).views] + [
                    view.plain for view in Text.of(message.text).views
                ]
                assert cut
                assert any(pattern.occurs(plain) for pattern in rules[finding.rule].opening for plain in views)


def test_a_matcher_serves_several_threads() -> None:
    texts = [Text.of(message.text).views[0].plain for message in MESSAGES[:40]]
    expected = [PACK.matcher.candidates(plain) for plain in texts]
    results: list[list[set[int]]] = []
    threads = [
        threading.Thread(target=lambda: results.append([PACK.matcher.candidates(plain) for plain in texts]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_a_pattern_cannot_backtrack() -> None:
    pattern = check_pattern("(?:(?:不还|钱){1,12}){1,4}坐牢")
    assert pattern.spans("不还钱" * 3000) == []


def test_word_groups_may_name_each_other() -> None:
    groups = word_groups({"kin": ["{parent}", "老婆"], "parent": ["爸妈", "爸"]})
    assert Pattern(expand("找{kin}", groups)).spans("找爸妈和找老婆") == [(0, 3), (4, 7)]


def test_an_unknown_word_group_is_named() -> None:
    with pytest.raises(PatternFault, match="no word group"):
        expand("{nobody}", {})
