"""Lost contact (CN-TP-04), computed from the attempts; nobody can tick it.

The debtor is lost when, since the debtor was last reached,
1. every reserved mobile that was tried last answered as an invalid number, or
2. the reserved mobile was dialled in vain three times in a row, from the next day on, or
3. calls failed on three days in a row, from the day after the third on.

A call that was refused or hung up, one that reached somebody else, and one whose outcome is not known, is no
failure but the opposite: the debtor may be there, and the count begins anew. Messages show nothing either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from compliance.judge.contact.days import DAY
from compliance.judge.contact.policy import Value
from compliance.judge.facts import UNCOUNTED_STATES, AttemptFacts, RequestFacts


@dataclass(frozen=True, slots=True)
class Silence:
    """What is known since the debtor was last reached."""

    failed: int
    """Failed calls to reserved mobiles."""
    days: int
    """Local days with failed calls."""
    invalid: bool
    lost_from: date | None
    """First local day on which the debtor counts as lost, ``None`` where nothing shows it yet."""


def find_silence(
    attempts: Iterable[AttemptFacts], requests: Iterable[RequestFacts], at: datetime, zone: ZoneInfo, value: Value
) -> Silence:
    """What the attempts up to ``at`` show. A request counts as having reached the debtor."""
    failing = value.params["failing"]
    reached = [request.at for request in requests if request.at <= at]
    failed: list[AttemptFacts] = []
    for attempt in attempts:
        if attempt.at > at or attempt.relation not in ("self", None) or attempt.state in UNCOUNTED_STATES:
            continue
        if attempt.outcome not in failing and attempt.channel in ("call", "visit"):
            reached.append(attempt.at)
        elif attempt.channel == "call" and attempt.relation == "self":
            failed.append(attempt)
    since = max(reached, default=None)
    run = sorted((a for a in failed if since is None or a.at > since), key=lambda attempt: attempt.at)
    return _judge_run(run, zone, value)


def _judge_run(run: list[AttemptFacts], zone: ZoneInfo, value: Value) -> Silence:
    dials, in_a_row = value.params["dials"], value.params["days"]
    reserved = [attempt for attempt in run if attempt.reserved_mobile]
    last = {attempt.contact_point: attempt for attempt in reserved}
    days = {attempt.at.astimezone(zone).date() for attempt in run}
    invalid = bool(last) and all(attempt.outcome in value.params["invalid"] for attempt in last.values())
    starts = []
    if invalid:
        starts.append(max(attempt.at for attempt in last.values()).astimezone(zone).date())
    if len(reserved) >= dials:
        starts.append(reserved[dials - 1].at.astimezone(zone).date() + DAY)
    starts += [day + in_a_row * DAY for day in days if all(day + offset * DAY in days for offset in range(in_a_row))]
    return Silence(len(reserved), len(days), invalid, min(starts, default=None))
