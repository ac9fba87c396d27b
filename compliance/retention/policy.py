"""Reading ``retention.toml`` of a pack: all of it, or a list of every fault."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from compliance.judge.contact.days import find_zone
from compliance.judge.contact.load import read_citations
from compliance.judge.contact.reading import Table
from compliance.judge.packs import PACKS, PackError
from compliance.judge.rules import Fault
from compliance.judge.types import Citation

FILE = "retention.toml"
FROM = {"words": "made", "person": "settled"}
"""What is kept, and the day from which its years count: when it was made; when the last account was settled and
nothing has happened since."""
HOLDS = ("open_request", "plan_unsettled", "in_court", "undecided")


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept. ``why`` is one sentence in Chinese."""

    what: str
    years: int
    why: str
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a debtor's records beyond their period. ``house``: the law does not ask for it."""

    when: str
    why: str
    cites: tuple[Citation, ...]
    house: bool


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """A pack's periods and holds, by name."""

    version: str
    zone: ZoneInfo
    periods: Mapping[str, Period]
    holds: Mapping[str, Hold]

    def cutoff(self, what: str, now: datetime) -> datetime:
        """What was made, or settled, before this instant has been kept for its years: the beginning of a local day."""
        today = now.astimezone(self.zone).date()
        return datetime.combine(_years_before(today, self.periods[what].years), time(), self.zone)


@cache
def load_retention(folder: Path = PACKS / "cn") -> RetentionPolicy:
    """The retention policy of the pack in ``folder``; read once.

    Raises:
        PackError: with every fault found: a period, hold, number or citation that is missing, unknown or empty.
    """
    faults: list[Fault] = []
    citations = read_citations(folder / "rules.csv", faults)
    table = Table(_read(folder / FILE, faults), FILE, None, faults)
    version, timezone = table.take("version", "text", ""), table.take("timezone", "text", "")
    zone = find_zone(timezone)
    if zone is None:
        table.fault("timezone", f"{timezone!r} is no time zone")
    keep, hold = (_tables(table, name, known) for name, known in (("keep", tuple(FROM)), ("hold", HOLDS)))
    periods = {name: _period(name, one, citations) for name, one in keep.items()}
    holds = {name: _hold(name, one, citations) for name, one in hold.items()}
    table.finish()
    if faults or zone is None:
        raise PackError(folder.name, faults)
    return RetentionPolicy(version, zone, periods, holds)


def _tables(table: Table, group: str, known: tuple[str, ...]) -> dict[str, Table]:
    raw = table.take(group, "table", {})
    for name in sorted(set(raw) ^ set(known)):
        table.fault(f"{group}.{name}", "is not known here" if name in raw else "is missing: it may not be left out")
    return {name: Table(raw[name], FILE, f"{group}.{name}", table.faults) for name in known if name in raw}


def _period(name: str, table: Table, citations: Mapping[str, Citation]) -> Period:
    years, why = table.take("years", "count", 0), table.take("why", "text", "")
    table.choose("from", (FROM[name],))
    cites = table.cite(citations, False)
    table.finish()
    return Period(name, years, why, cites)


def _hold(name: str, table: Table, citations: Mapping[str, Citation]) -> Hold:
    house, why = table.take_optional("house", "flag", False), table.take("why", "text", "")
    cites = table.cite(citations, house)
    table.finish()
    return Hold(name, why, cites, house)


def _read(file: Path, faults: list[Fault]) -> object:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(Fault(file.name, None, None, f"cannot be read as TOML in UTF-8: {error}"))
        return {}


def _years_before(day: date, years: int) -> date:
    """The same day some years ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
