"""The contact policy of a jurisdiction as it was loaded: rules with dated values. No threshold is in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.judge.types import Citation, Decision


@dataclass(frozen=True, slots=True)
class Value:
    """What a rule says from ``since`` until the day before ``until``, in the debtor's local days."""

    since: date
    until: date | None
    decision: Decision
    cites: tuple[Citation, ...]
    house: bool
    """House policy: stricter than, or beside, what was found in law. Never shown as law."""
    params: Mapping[str, Any]
    """The numbers and lists of this rule, checked at load against what the rule needs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contact policy and all its values, oldest first."""

    id: str
    category: str
    why: str
    """A sentence with named places for the concrete numbers."""
    values: tuple[Value, ...]

    def at(self, day: date) -> Value | None:
        """The value in force on a local day, ``None`` where the pack knows none."""
        for value in reversed(self.values):
            if value.since <= day:
                return value if value.until is None or day < value.until else None
        return None


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when a request must be answered. ``days`` are calendar days; the day of receipt does not count."""

    days: int
    house: bool
    cites: tuple[Citation, ...]
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """A longer period, counted from receipt, and what it needs."""

    name: str
    days: int
    approval: bool
    """Somebody with authority must have approved it, and the person must have been told."""


@dataclass(frozen=True, slots=True)
class Review:
    """That the answer may be asked to be reviewed, for ``days`` calendar days after that of the answer."""

    days: int
    cites: tuple[Citation, ...]
    clock: Clock
    """Until when the review itself must be answered."""


@dataclass(frozen=True, slots=True)
class RequestValue:
    """What an open request of one type does to the gate, and its clock, from ``since``."""

    since: date
    until: date | None
    cites: tuple[Citation, ...]
    house: bool
    unnamed: Decision
    """Where the request names no contact point."""
    named: Decision
    """For the contact point that the request names."""
    elsewhere: Decision
    """For all other contact points where the request names one."""
    clock: Clock
    review: Review | None = None
    """``None``: the pack knows no review of the answer."""


@dataclass(frozen=True, slots=True)
class RequestRule:
    """One type of request and its values, oldest first."""

    id: str
    category: str
    why: str
    label: str
    values: tuple[RequestValue, ...]

    def at(self, day: date) -> RequestValue | None:
        """The value in force on a local day, ``None`` where the pack knows none."""
        for value in reversed(self.values):
            if value.since <= day:
                return value if value.until is None or day < value.until else None
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Everything that ``judge_contact`` and the clocks of requests need from a pack. Compared by identity."""

    pack: str
    version: str
    digest: str
    """SHA-256 of the three files it was loaded from."""
    default_zone: str
    house_prefix: str
    """Put before the reason of house policy, so that it is never read as law."""
    missing: str
    """The reason given where a rule has no value in force; names the rule with ``{rule}`` and ``{day}``."""
    rules: Mapping[str, Rule]
    requests: Mapping[str, RequestRule]
    notices: Mapping[str, str]
    """Types of notices with their names for people."""
    visit: Mapping[str, Rule]
    """What the sheet of a visit is held against (``visiting``)."""
    call: Mapping[str, Rule]
    """What a call that was made is held against (``recording``)."""
    plan: Mapping[str, Rule]
    """What an agreement on instalments is held against (``planning``)."""
    turns: tuple[date, ...] = ()
    """Local days on which a rule changes."""
