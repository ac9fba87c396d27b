"""Patterns are checked once, whichever process checks them, and found in bytes at the right characters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.judge import patterns
from compliance.judge.patterns import PatternFault, check_pattern, remember_checked


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(tmp_path))
    patterns._checked.cache_clear()
    yield tmp_path
    patterns._checked.cache_clear()


def test_what_was_checked_is_known_to_the_next_process(empty_cache: Path) -> None:
    check_pattern("坐.{0,3}牢")
    remember_checked()
    patterns._checked.cache_clear()
    assert "坐.{0,3}牢" in patterns._checked().steps


def test_what_is_refused_is_not_remembered(empty_cache: Path) -> None:
    for _ in range(2):
        with pytest.raises(PatternFault, match="upper bound"):
            check_pattern("坐.*牢")


def test_nothing_is_written_where_nothing_is_new(empty_cache: Path) -> None:
    remember_checked()
    assert list(empty_cache.iterdir()) == []


def test_an_empty_pattern_is_refused_though_the_store_is_empty(empty_cache: Path) -> None:
    with pytest.raises(PatternFault, match="empty text"):
        check_pattern("")


@pytest.mark.parametrize("text", ["坐牢，坐a牢", "😀坐牢 é 坐😀牢", "坐牢坐牢坐牢"])
def test_spans_count_characters(text: str) -> None:
    assert [text[start:end][0] + text[start:end][-1] for start, end in check_pattern("坐.?牢").spans(text)] == [
        "坐牢"
    ] * text.count("坐")


@pytest.mark.parametrize(
    "source", ["(?:欠|差)(?:款)?([0-9,.]{1,12}元)", "尾号([0-9]{4})|卡([0-9]{4})", "((?:a|ab)(?:c|bcd){1,2})"]
)
@pytest.mark.parametrize(
    "text", ["共欠款3,200.50元，另差12元", "卡1234，尾号5678", "😀尾号5678", "abcd abcbcd", "", "x\n"]
)
def test_both_engines_put_the_same_in_the_first_group(source: str, text: str) -> None:
    pattern = check_pattern(source)
    by_re2 = pattern.engine.search(text)
    assert pattern.quick is not None
    assert pattern.first_group(text) == (by_re2 and by_re2.group(1))
