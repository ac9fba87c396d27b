"""Days as they are said."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.intents.days import find_days, read_day

TODAY = date(2026, 11, 18)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天", date(2026, 11, 18)),
        ("今晚", date(2026, 11, 18)),
        ("明天", date(2026, 11, 19)),
        ("后天", date(2026, 11, 20)),
        ("大后天", date(2026, 11, 21)),
        ("周五", date(2026, 11, 20)),
        ("周一", date(2026, 11, 23)),
        ("礼拜三", date(2026, 11, 18)),
        ("这周六", date(2026, 11, 21)),
        ("下礼拜三", date(2026, 11, 25)),
        ("下个星期天", date(2026, 11, 29)),
        ("下下周一", date(2026, 11, 30)),
        ("十五号", date(2026, 12, 15)),
        ("20号", date(2026, 11, 20)),
        ("廿五号", date(2026, 11, 25)),
        ("三十一号", date(2026, 12, 31)),
        ("下个月5号", date(2026, 12, 5)),
        ("本月28号", date(2026, 11, 28)),
        ("十二月三号", date(2026, 12, 3)),
        ("1月8号", date(2027, 1, 8)),
        ("2月30号", None),
        ("月底", date(2026, 11, 30)),
        ("下个月底", date(2026, 12, 31)),
        ("三天内", date(2026, 11, 21)),
        ("过两天", date(2026, 11, 20)),
        ("一周之内", date(2026, 11, 25)),
        ("两个礼拜后", date(2026, 12, 2)),
        ("半个月内", date(2026, 12, 3)),
        ("一个月后", date(2026, 12, 18)),
        ("发工资那天", None),
        ("下周", None),
        ("年底", None),
        ("五块", None),
    ],
)
def test_the_day_that_is_meant(said: str, day: date | None) -> None:
    assert read_day(said, TODAY) == day


def test_the_last_day_of_a_short_month_is_kept() -> None:
    assert read_day("三个月后", date(2026, 11, 30)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我下礼拜三先还一半,月底还清", ["下礼拜三", "月底"]),
        ("十五号发工资我就还", ["十五号"]),
        ("发工资那天还", ["发工资那天"]),
        ("下个月5号行不行", ["下个月5号"]),
        ("三天内给你", ["三天内"]),
        ("我欠了三千五", []),
        ("一天打三个电话", []),
    ],
)
def test_days_are_found_where_they_stand(text: str, words: list[str]) -> None:
    found = find_days(text)
    assert [day.words for day in found] == words
    assert all(text[day.start : day.end] == day.words for day in found)
