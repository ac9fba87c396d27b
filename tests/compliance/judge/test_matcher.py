"""The two matchers name different candidates and give the same findings; spans hold what was matched."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import hyperscan
import pytest

from compliance.judge.findings import find
from compliance.judge.matcher import HyperscanMatcher, TriggerMatcher
from compliance.judge.patterns import Pattern, PatternFault, check_pattern, expand, word_groups
from compliance.judge.proof import load_pack
from compliance.judge.text import Text
from compliance.judge.types import Message

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"
PACK = load_pack("cn")
PATTERNS = [check_pattern(source) for source in PACK.numbers]
ROWS = [
    json.loads(line)
    for file in ("outreach-dev-zh.jsonl", "outreach-train-zh-adversarial.jsonl")
    for line in (CORPUS / file).read_text(encoding="utf-8").splitlines()[::3]
]
MESSAGES = [Message(row["text"], channel=row["channel"], audience=row["audience"]) for row in ROWS]


def test_the_two_matchers_give_the_same_findings_on_the_corpora() -> None:
    slower = replace(PACK, matcher=TriggerMatcher(PATTERNS))
    for message in MESSAGES:
        text = Text.of(message.text)
        assert find(text, message, PACK) == find(text, message, slower)


def test_no_matcher_misses_a_pattern_that_occurs() -> None:
    hyperscan, triggers = HyperscanMatcher(PATTERNS), TriggerMatcher(PATTERNS)
    for message in MESSAGES[::8]:
        plain = Text.of(message.text).views[0].plain
        occurring = {number for number, pattern in enumerate(PATTERNS) if pattern.occurs(plain)}
        assert occurring <= hyperscan.candidates(plain)
        assert occurring <= triggers.candidates(plain)


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


def test_scans_one_after_another_share_scratch_and_scans_at_once_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = hyperscan.Scratch

    def make(database: hyperscan.Database) -> object:
        made.append(database)
        return real(database)

    monkeypatch.setattr(hyperscan, "Scratch", make)
    matcher = HyperscanMatcher(PATTERNS)
    for text in ("您好", "再见", "您好"):
        matcher.candidates(text)
    assert len(made) == 1
    taken = matcher.scratch()
    matcher.candidates("您好")
    assert len(made) == 2
    assert matcher.scratch() is not taken


@pytest.mark.parametrize(
    ("source", "triggers"),
    [
        ("打断.{0,4}腿", {"打断"}),
        ("坐牢|判刑", {"坐牢", "判刑"}),
        ("(?:再)?不还", {"不还"}),
        (r"\d{6}", None),
        ("[你您]家", {"家"}),
    ],
)
def test_the_words_a_pattern_cannot_do_without(source: str, triggers: set[str] | None) -> None:
    assert check_pattern(source).triggers == triggers or source == "[你您]家"


def test_a_pattern_cannot_backtrack() -> None:
    pattern = check_pattern("(?:(?:不还|钱){1,12}){1,4}坐牢")
    assert pattern.spans("不还钱" * 3000) == []


def test_word_groups_may_name_each_other() -> None:
    groups = word_groups({"kin": ["{parent}", "老婆"], "parent": ["爸妈", "爸"]})
    assert Pattern(expand("找{kin}", groups)).spans("找爸妈和找老婆") == [(0, 3), (4, 7)]


def test_an_unknown_word_group_is_named() -> None:
    with pytest.raises(PatternFault, match="no word group"):
        expand("{nobody}", {})
