"""Days as debtors say them (明天, 下礼拜三, 十五号, 月底, 三天内), as calendar days seen from a given day. Pure.

A small exact grammar: what it does not know is not read, and a day whose date hangs on something else (发工资那天) is
named without a date. Works on folded text.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WEEK = {char: day for day, char in enumerate("一二三四五六日")} | {"天": 6, "末": 6}
_NUMBER = r"(?:[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二两三四五六七八九])"


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was named, and where its words stand, half-open."""

    words: str
    start: int
    end: int


def find_days(plain: str) -> list[Day]:
    """The days that a folded utterance names, in order; the longest reading at each place."""
    return [Day(match[0], match.start(), match.end()) for match in _ANY.finditer(plain)]


def read_day(said: str, today: date) -> date | None:
    """The day that is meant, never before ``today``; ``None`` where the words name no certain day.

    A span of time (三天内, 一周之内) is its last day; 下周 and 年底 alone are no certain days.
    """
    for pattern, find in _KINDS:
        match = pattern.fullmatch(said)
        if match is not None:
            return find(match, today)
    return None


def _relative(match: re.Match[str], today: date) -> date:
    ahead = {"大后": 3, "明后": 2, "后": 2, "明": 1, "听": 1, "今": 0}
    return today + timedelta(days=next(days for word, days in ahead.items() if match[0].startswith(word)))


def _weekday(match: re.Match[str], today: date) -> date:
    """周三 is the next one that is not past; 下周三 that of the week after this one, 下下周三 of the one after that."""
    monday = today - timedelta(days=today.weekday())
    weeks = (match["which"] or "").count("下")
    day = monday + timedelta(days=_WEEK[match["day"]], weeks=weeks)
    return day if day >= today else day + timedelta(weeks=1)


def _month_end(match: re.Match[str], today: date) -> date:
    year, month = _month_after(today, 1 if "下" in (match["which"] or "") else 0)
    return date(year, month, monthrange(year, month)[1])


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    """十五号 is the next one that is not past."""
    day = read_number(match["day"])
    if "下" in (match["which"] or ""):
        return _valid(*_month_after(today, 1), day)
    this = _valid(today.year, today.month, day)
    return this if this is not None and this >= today else _valid(*_month_after(today, 1), day)


def _date(match: re.Match[str], today: date) -> date | None:
    month, day = read_number(match["month"]), read_number(match["day"])
    this = _valid(today.year, month, day)
    return this if this is None or this >= today else _valid(today.year + 1, month, day)


def _ahead(match: re.Match[str], today: date) -> date:
    """三天内, 过两天, 一周后, 半个月之内: so many days from today."""
    count = match["count"]
    unit = match["unit"]
    if count == "半":
        return today + timedelta(days=15)
    number = read_number(count)
    if "月" in unit:
        year, month = _month_after(today, number)
        return date(year, month, min(today.day, monthrange(year, month)[1]))
    return today + timedelta(days=number * (1 if unit in "天日" else 7))


def _undated(match: re.Match[str], today: date) -> None:
    """A day that hangs on something else."""


def read_number(words: str) -> int:
    """Up to 99: 15, 十五, 二十, 三十一, 廿五."""
    if words.isascii():
        return int(words)
    tens, ten, ones = words.replace("廿", "二十").rpartition("十")
    if not ten:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _month_after(today: date, months: int) -> tuple[int, int]:
    ahead = today.month - 1 + months
    return today.year + ahead // 12, ahead % 12 + 1


def _valid(year: int, month: int, day: int) -> date | None:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day)


_WHICH = r"(?P<which>[下这本]{0,2}(?:个)?)"
_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (re.compile(rf"(?P<month>{_NUMBER})月(?:份)?(?P<day>{_NUMBER})(?:号|日)?"), _date),
    (re.compile(rf"(?:{_WHICH}月)?(?P<day>{_NUMBER})(?:号|日)"), _day_of_month),
    (re.compile(r"大后[天日]|明后天|后[天日]|今(?:天|晚|儿|日|早|夜)|明(?:天|早|晚|儿|日)|听日"), _relative),
    (re.compile(rf"{_WHICH}(?:周|礼拜|星期)(?P<day>[一二三四五六日天末])"), _weekday),
    (re.compile(rf"{_WHICH}月(?:底|末)"), _month_end),
    (re.compile(
        rf"(?:再)?(?:过|等|给我|宽限)?(?P<count>{_NUMBER}|半)(?P<unit>天|日|个?礼拜|个?星期|周|个月)(?:以内|之内|内|以后|之后|后)"
    ), _ahead),
    (re.compile(rf"(?:再)?过(?P<count>{_NUMBER}|半)(?P<unit>天|个?礼拜|个?星期|周|个月)"), _ahead),
    (re.compile(
        r"(?:发(?:了)?(?:工资|薪)|开(?:工资|支)|出粮)(?:那天|当天|那日|的时候|以后|之后|后)|下(?:个)?(?:周|月|礼拜|星期)|月[初中]|年[底前后]|过年"
    ), _undated),
)  # fmt: skip
_ANY = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", pattern.pattern) for pattern, _ in _KINDS))
