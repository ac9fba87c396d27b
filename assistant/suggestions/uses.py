"""Who took a script, how often, and how the calls ended. What follows a script is not caused by it: few cases are
given as counts, and a share only ever with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.calls.models import Call, CallRight, SuggestionUse
from scripts_library.models import ScriptVersion

FEWEST = 20
"""Closed calls below which no share is given."""
_Z = 1.959964
"""Of the 95 % interval."""
_ENDS = {"promise": ("promise", "paid"), "complaint": ("complaint",), "hang_up": ("hung_up",)}


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` calls out of ``of``. ``low`` and ``high`` (0 to 1) are the 95 % Wilson interval."""

    count: int
    of: int

    @property
    def is_enough(self) -> bool:
        """Whether there are calls enough to speak of a share."""
        return self.of >= FEWEST

    @property
    def low(self) -> float:
        return wilson(self.count, self.of)[0]

    @property
    def high(self) -> float:
        return wilson(self.count, self.of)[1]


@dataclass(frozen=True, slots=True)
class Uses:
    """How one version, or all of a script's, was used. Calls count once, however often the script was taken in one."""

    taken: int
    calls: int
    closed: int
    by: tuple[tuple[str, int], ...]
    """Login names and how often each took it, the most first."""
    last_at: datetime | None
    ends: tuple[tuple[str, Share], ...]
    """``promise``, ``complaint`` and ``hang_up`` with their share of the closed calls."""


@dataclass(frozen=True, slots=True)
class _Use:
    number: int
    call: int
    by: str
    at: datetime
    outcome: str | None
    complained: bool
    closed: bool


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, without correction); all there is where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share, square = count / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def uses_of(session: Session, script_id: int) -> tuple[Uses, dict[int, Uses]]:
    """How a script was used: over all versions, and of each version (by its number) that was."""
    complaint = select(CallRight.id).where(CallRight.call_id == Call.id, CallRight.type == "complaint").exists()
    query = (
        select(ScriptVersion.number, Call.id, SuggestionUse.by, SuggestionUse.at, Call.outcome, complaint,
               Call.closed_at.is_not(None))
        .join(SuggestionUse, SuggestionUse.script_version_id == ScriptVersion.id)
        .join(Call, Call.id == SuggestionUse.call_id)
        .where(ScriptVersion.script_id == script_id)
    )  # fmt: skip
    uses = [_Use(*row) for row in session.execute(query)]
    numbers = sorted({use.number for use in uses})
    return _sum(uses), {number: _sum([use for use in uses if use.number == number]) for number in numbers}


def count_uses(session: Session, script_ids: Sequence[int]) -> dict[int, int]:
    """How often each of these scripts was taken; those that never were are left out."""
    query = (
        select(ScriptVersion.script_id, func.count())
        .join(SuggestionUse, SuggestionUse.script_version_id == ScriptVersion.id)
        .where(ScriptVersion.script_id.in_(script_ids))
        .group_by(ScriptVersion.script_id)
    )
    return {row.script_id: row[1] for row in session.execute(query)}


def _sum(uses: Iterable[_Use]) -> Uses:
    uses = list(uses)
    calls = {use.call: use for use in uses}
    closed = [use for use in calls.values() if use.closed]
    people = Counter(use.by for use in uses)
    return Uses(
        taken=len(uses),
        calls=len(calls),
        closed=len(closed),
        by=tuple(sorted(people.items(), key=lambda one: (-one[1], one[0]))),
        last_at=max((use.at for use in uses), default=None),
        ends=tuple((end, Share(sum(_ended(use, end) for use in closed), len(closed))) for end in _ENDS),
    )


def _ended(use: _Use, end: str) -> bool:
    return use.outcome in _ENDS[end] or (end == "complaint" and use.complained)
