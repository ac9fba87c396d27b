"""Periods and holds are read whole or refused whole."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.judge.packs import PACKS, PackError
from compliance.retention import load_retention
from compliance.retention.policy import FILE


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The shipped file with one place changed."""
    text = (PACKS / "cn" / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    shutil.copyfile(PACKS / "cn" / "rules.csv", tmp_path / "rules.csv")
    return tmp_path


def test_words_are_kept_two_years_at_least() -> None:
    assert load_retention().periods["words"].years >= 2


def test_every_period_and_hold_stands_on_rows_of_the_law() -> None:
    policy = load_retention()
    assert [one for one in (*policy.periods.values(), *policy.holds.values()) if not one.cites] == []


@pytest.mark.parametrize(
    ("now", "cutoff"),
    [
        ("2026-11-22T03:00:00", "2024-11-22T00:00:00+08:00"),
        ("2026-11-22T16:30:00", "2024-11-23T00:00:00+08:00"),  # after midnight in Shanghai
        ("2028-02-29T03:00:00", "2026-02-28T00:00:00+08:00"),
    ],
)
def test_years_are_those_of_the_calendar(now: str, cutoff: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert load_retention().cutoff("words", at).isoformat() == cutoff


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("years = 2", "years = 0", "at least 1"),
        ("years = 2", 'years = "2"', "at least 1"),
        ('from = "made"', 'from = "never"', "must be one of made"),
        ('"CN-REC-01"', '"CN-REC-99"', "no row of rules.csv"),
        ("[hold.in_court]", "[hold.in_cuort]", "is missing"),
        ("[keep.person]", "[keep.everything]", "is missing"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Mars"', "no time zone"),
        ("version = ", "misspelt = 1\nversion = ", "not a field"),
        ("years = 2", "years = ", "TOML"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(PackError, match=says):
        load_retention(changed(tmp_path, old, new))
