"""From when on does waiting help: the first later instant at which a set of timed rules is silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import lru_cache

from compliance.judge.contact.case import Case, Check
from compliance.judge.contact.days import DAY, Moment, moment_at, ticks
from compliance.judge.contact.frequency import WEEK
from compliance.judge.contact.policy import Policy, Rule, Value
from compliance.judge.contact.registry import SPECS

NOON = time(12)


@lru_cache(maxsize=256)
def rules_in_force(
    policy: Policy, names: tuple[str, ...], day: date
) -> tuple[tuple[str, Rule, Value | None, Check], ...]:
    """The rules of those names that the policy has, each with its value on a local day and its check."""
    rules = policy.rules
    return tuple((name, rules[name], rules[name].at(day), SPECS[name].check) for name in names if name in rules)


class Later:
    """Now and all later moments of a case at which a timed rule may fall silent; found once, walked often."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.moments: list[Moment] = []
        self.source = _instants(case)

    def first_silent(self, names: tuple[str, ...]) -> datetime | None:
        """The first instant from now on at which none of these rules is broken, ``None`` where there is none.

        Where the pack has no value for a rule, waiting neither helps nor harms.
        """
        case = self.case
        for moment in self._walk():
            for _, _, value, check in rules_in_force(case.policy, names, moment.day):
                if value is not None and check(case, moment, value) is not None:
                    break
            else:
                return moment.at
        return None

    def _walk(self) -> Iterator[Moment]:
        yield from self.moments
        for at in self.source:
            moment = moment_at(at, self.case.zone)
            self.moments.append(moment)
            yield moment


def _instants(case: Case) -> Iterator[datetime]:
    facts, policy, now = case.facts, case.policy, case.now
    opens = {value.params["open"] for value in policy.rules["hours"].values}
    opens |= {agreement.window_start for agreement in facts.agreements if agreement.window_start is not None}
    turns = {agreement.since.astimezone(UTC) for agreement in facts.agreements}
    turns |= {agreement.until.astimezone(UTC) for agreement in facts.agreements if agreement.until is not None}
    changes = {turn for turn in policy.turns if turn > now.day}
    for value in policy.rules["hardship_pause"].values:
        changes |= {
            since.astimezone(case.zone).date() + value.params["days"] * DAY for _, since in facts.vulnerable_since
        }
    if facts.due_date is not None:
        values = policy.rules["not_overdue"].values
        changes |= {facts.due_date + (value.params["days"] + 1) * DAY for value in values}
    # A change at a local midnight is reached from the noon before: the midnight itself is a tick of that stretch.
    turns |= {datetime.combine(day - DAY, NOON, case.zone).astimezone(UTC) for day in changes if day > now.day}
    yield now.at
    # No counter looks back further than a week, and a lost debtor is lost three days after the last call.
    yield from ticks(now.at, case.zone, opens, turns, (case.latest - now.day).days + WEEK + 2)
