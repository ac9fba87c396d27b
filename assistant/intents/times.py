"""Times at which debtors ask to be rung back (下午三点以后, 明晚八点半, 过半个小时), as instants. Pure.

A small exact grammar, as that of the days: what it does not know is not read. Works on folded text.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from assistant.intents.days import find_days, read_day, read_number

_NUMBER = r"(?:[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_CLOCK = re.compile(
    rf"(?P<part>凌晨|[半深]夜|夜里|早上|早晨|上午|[今明]早|早|中午|下午|傍晚|晚上|[今明]晚|晚)?(?P<hour>{_NUMBER})"
    rf"(?:[:：](?P<digits>[0-5][0-9])|点钟?(?P<words>半|[一三]刻|{_NUMBER}分?)?)"
    r"(?!儿)"
)
_WAIT = re.compile(
    rf"(?P<ahead>过|等)?(?P<count>半|{_NUMBER})(?P<half>个半)?个?(?P<unit>小时|钟头|分钟)(?P<after>以后|之后|后|再)?"
)
_REFUSED = re.compile(r"[^，,。！？!?；;]{0,6}(?:别|不|勿|莫|覅|凭什么)")
_REFUSING = re.compile(r"(?:别|不要|不许|不准|勿|莫|覅)[^，,。！？!?；;]{0,2}$")
"""After and before a time at which nobody may ring: 九点以后别打, 不要早上六点打."""
_NEAR = 3
"""Characters between a day and a time that belong together."""
_NIGHT = ("凌晨", "半夜", "深夜", "夜里")
"""Nobody asks to be rung then: it is what somebody complains of."""
_EVENING = ("下午", "傍晚", "晚上", "今晚", "明晚", "晚")
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_NOON, _EARLIEST, _LATEST = 12, 8, 9
"""An hour that is said without morning or evening: before 8 it is one of the afternoon; up to 9, where the morning's is
past, one of the evening."""


def find_time(plain: str, at: datetime) -> datetime | None:
    """The instant that is meant by words said ``at`` (aware, in the zone of who says them), always after it.

    The last that is named counts. ``None`` where there is none that is certain.
    """
    clocks = [(match.start(), _read_clock(match, plain, at)) for match in _CLOCK.finditer(plain)]
    waits = [(match.start(), _read_wait(match, plain, at)) for match in _WAIT.finditer(plain)]
    named = [(start, found) for start, found in (*clocks, *waits) if found is not None]
    return max(named)[1] if named else None


def _read_clock(match: re.Match[str], plain: str, at: datetime) -> datetime | None:
    part, hour = match["part"] or "", read_number(match["hour"])
    minute = int(match["digits"]) if match["digits"] else _minute(match["words"] or "")
    a_bit = part in ("", "早", "晚") and match["hour"] == "一"  # 晚一点, 早一点, 等一点
    if a_bit or part in _NIGHT or hour > 23 or minute > 59 or _is_refused(match, plain):
        return None
    days = find_days(plain)
    near = [day for day in days if match.start() - _NEAR <= day.end and day.start < match.end()]
    day = read_day(near[-1].words, at.date()) if near else None
    if day is None and days:  # which day is meant is not certain
        return None
    hour = _hour(part, hour)
    found = datetime.combine(day or at.date(), time(hour, minute), at.tzinfo)
    if found <= at and not part and day is None and hour <= _LATEST:
        found += timedelta(hours=_NOON)
    return found if found > at else None


def _hour(part: str, hour: int) -> int:
    if (part in _EVENING and hour < _NOON) or (not part and hour < _EARLIEST):
        return hour + _NOON
    return hour + _NOON if part == "中午" and hour < 3 else hour


def _minute(words: str) -> int:
    return _QUARTERS[words] if words in _QUARTERS else read_number(words.removesuffix("分")) if words else 0


def _is_refused(match: re.Match[str], plain: str) -> bool:
    return bool(_REFUSED.match(plain, match.end()) or _REFUSING.search(plain, 0, match.start()))


def _read_wait(match: re.Match[str], plain: str, at: datetime) -> datetime | None:
    if not (match["ahead"] or match["after"]) or _is_refused(match, plain):
        return None
    unit = timedelta(minutes=1) if match["unit"] == "分钟" else timedelta(hours=1)
    count = 0.5 if match["count"] == "半" else read_number(match["count"])
    return (at + (count + (0.5 if match["half"] else 0)) * unit).replace(second=0, microsecond=0)
