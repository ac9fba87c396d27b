"""Days as people say them, seen from Wednesday 18 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.calls.days import read_day

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天", date(2026, 11, 18)),
        ("明早", date(2026, 11, 19)),
        ("后天", date(2026, 11, 20)),
        ("大后天", date(2026, 11, 21)),
        ("周五", date(2026, 11, 20)),
        ("周一", date(2026, 11, 23)),
        ("下周三", date(2026, 11, 25)),
        ("下礼拜天", date(2026, 11, 29)),
        ("月底", date(2026, 11, 30)),
        ("下个月底", date(2026, 12, 31)),
        ("20号", date(2026, 11, 20)),
        ("十五号", date(2026, 12, 15)),
        ("下个月15号", date(2026, 12, 15)),
        ("二十五日", date(2026, 11, 25)),
        ("12月3号", date(2026, 12, 3)),
        ("一月五号", date(2027, 1, 5)),
    ],
)
def test_a_day(said: str, day: date) -> None:
    assert read_day(said, TODAY) == day


@pytest.mark.parametrize("said", ["月初", "年底", "31号那天", "2月30号", "13月1号", ""])
def test_what_names_no_certain_day(said: str) -> None:
    assert read_day(said, TODAY) is None


def test_the_thirty_first_is_looked_for_in_this_month_and_the_next() -> None:
    assert read_day("31号", TODAY) == date(2026, 12, 31)
    assert read_day("31号", date(2026, 4, 2)) == date(2026, 5, 31)


def test_next_month_of_december_is_january() -> None:
    assert read_day("下个月10号", date(2026, 12, 20)) == date(2027, 1, 10)
