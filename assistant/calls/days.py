"""Days as people say them (明天, 下周三, 15号, 月底), as calendar days seen from the day of the call. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WEEK = "一二三四五六日"
_RELATIVE = (("大后天", 3), ("后天", 2), ("明后天", 2), ("明", 1), ("今", 0))


def read_day(said: str, today: date) -> date | None:
    """The day that is meant, never before ``today``; ``None`` where the words name no certain day."""
    for pattern, find in _KINDS:
        match = pattern.fullmatch(said)
        if match is not None:
            return find(match, today)
    return None


def _relative(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=next(days for word, days in _RELATIVE if match[0].startswith(word)))


def _weekday(match: re.Match[str], today: date) -> date:
    """周三 is the next one that is not past; 下周三 is that of the week after this one."""
    wanted = _WEEK.index("日" if match["day"] == "天" else match["day"])
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=wanted, weeks=1 if match["which"] == "下" else 0)
    return day if day >= today else day + timedelta(weeks=1)


def _month_part(match: re.Match[str], today: date) -> date | None:
    """月底 is the last day of a month; 月初 and 月中 are no certain days."""
    if match["part"] != "底":
        return None
    year, month = _month_after(today, 1 if match["which"] == "下" else 0)
    return date(year, month, monthrange(year, month)[1])


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    day = _number(match["day"])
    if match["which"] == "下":
        return _valid(*_month_after(today, 1), day)
    this = _valid(today.year, today.month, day)
    if this is not None and this >= today:
        return this
    return _valid(*_month_after(today, 1), day)


def _date(match: re.Match[str], today: date) -> date | None:
    month, day = _number(match["month"]), _number(match["day"])
    this = _valid(today.year, month, day)
    return this if this is None or this >= today else _valid(today.year + 1, month, day)


def _month_after(today: date, months: int) -> tuple[int, int]:
    return (today.year + 1, 1) if today.month + months > 12 else (today.year, today.month + months)


def _valid(year: int, month: int, day: int) -> date | None:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def _number(words: str) -> int:
    """Up to 99: 15, 十五, 二十, 三十一."""
    if words.isascii():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


_NUMBER = r"[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九]"
_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (re.compile(r"大?后天|明后天|今(?:天|晚|儿)|明(?:天|早|晚|儿)"), _relative),
    (re.compile(r"(?P<which>[下这本])?(?:个)?(?:周|礼拜|星期)(?P<day>[一二三四五六日天])"), _weekday),
    (re.compile(r"(?P<which>[下这本])?(?:个)?月(?P<part>[底初中])"), _month_part),
    (re.compile(rf"(?:(?P<which>[下这本])(?:个)?月)?(?P<day>{_NUMBER})(?:号|日)"), _day_of_month),
    (re.compile(rf"(?P<month>{_NUMBER})月(?:份)?(?P<day>{_NUMBER})(?:号|日)"), _date),
)
