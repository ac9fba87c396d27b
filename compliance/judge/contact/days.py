"""Local days and the instants at which an answer may change, exact across daylight saving.

Every instant is kept in UTC: two instants of one zone would be compared by their wall clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MIDNIGHT = time(0)


@lru_cache(maxsize=512)
def find_zone(name: str | None) -> ZoneInfo | None:
    """The zone of that name, ``None`` where there is no such zone."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # a name that is unknown, a folder, or no name at all
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, in UTC and on the debtor's clock."""

    at: datetime
    clock: time
    day: date


def moment_at(at: datetime, zone: ZoneInfo) -> Moment:
    """``at`` as the debtor's clock shows it."""
    local = at.astimezone(zone)
    return Moment(at, local.time(), local.date())


def is_within(clock: time, start: time, end: time) -> bool:
    """Whether a wall clock is in ``[start, end)``; a window with ``end`` before ``start`` crosses midnight."""
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end


def ticks(
    now: datetime, zone: ZoneInfo, clocks: Iterable[time], turns: Iterable[datetime], stretch: int
) -> Iterator[datetime]:
    """Instants after ``now`` at which an answer may change, in order: local midnights, the given wall clocks,
    changes of the zone's offset, and the ``turns`` (an agreement begins or ends).

    Between two turns answers repeat daily once the last counted attempt has left the counters, so ``stretch``
    days after each turn are enough to find the first instant that is allowed, or to know that there is none.
    """
    clocks = sorted({MIDNIGHT, *clocks})
    starts = [now, *sorted({turn for turn in turns if turn > now})]
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else None
        if index:
            yield start
        yield from _stretch(start, end, zone, clocks, stretch)


def _stretch(
    start: datetime, end: datetime | None, zone: ZoneInfo, clocks: list[time], days: int
) -> Iterator[datetime]:
    """Ticks strictly between ``start`` and ``end``, for at most ``days`` local days."""
    first = start.astimezone(zone).date()
    for offset in range(days):
        for tick in _day_ticks(first + offset * DAY, zone, clocks):
            if end is not None and tick >= end:
                return
            if tick > start:
                yield tick


def _day_ticks(day: date, zone: ZoneInfo, clocks: list[time]) -> list[datetime]:
    walls = [datetime.combine(day, clock, zone) for clock in clocks]
    begins = walls[0].astimezone(UTC)
    ends = datetime.combine(day + DAY, MIDNIGHT, zone).astimezone(UTC)
    if ends - begins == DAY:
        return [wall.astimezone(UTC) for wall in walls]
    # A day of another length: wall clocks that come twice or never, and the change itself.
    found = {wall.replace(fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1)}
    return sorted(found | {_offset_change(begins, ends, zone)})


def _offset_change(begins: datetime, ends: datetime, zone: ZoneInfo) -> datetime:
    """The instant between the two at which the zone's offset changes, to the second."""
    # Two hours either side: at a change around midnight, the day's own bounds lie on the far side of it.
    low = int((begins - timedelta(hours=2)).timestamp())
    high = int((ends + timedelta(hours=2)).timestamp())
    before = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def years_after(day: date, years: int) -> date:
    """The same day some years later; of 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
