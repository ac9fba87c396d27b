"""One question to the contact policy: the facts, the channel, and the history sorted by the debtor's local days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from compliance.judge.contact.days import Moment
from compliance.judge.contact.lost import Silence
from compliance.judge.contact.policy import Policy, Value
from compliance.judge.facts import UNCOUNTED_STATES, Agreement, AttemptFacts, ContactFacts

NONE: Mapping[date, list[AttemptFacts]] = {}
Numbers = Mapping[str, object]
"""The concrete numbers of a breach, for the sentence that explains it."""


@dataclass(frozen=True, slots=True)
class Case:
    """What every check is given besides the moment and the rule's value."""

    facts: ContactFacts
    channel: str
    now: Moment
    zone: ZoneInfo
    policy: Policy
    slots: Mapping[str, Mapping[date, list[AttemptFacts]]]
    """Attempts that hold a slot, earlier or still to come, by channel and local day."""
    latest: date
    """The local day of the last of them, or of now."""
    planned: tuple[datetime, ...]
    """When the attempts that are still to come will be made, in order."""
    silences: dict[int, Silence] = field(default_factory=dict)
    """What was found about lost contact, by how many planned attempts have begun: searching asks again and again."""
    texts: dict[tuple[str, ...], dict[date, int]] = field(default_factory=dict)
    """Counts of messages by local day, by the channels that count together: for the same reason."""

    @property
    def relation(self) -> str | None:
        return self.facts.contact_point.relation

    def slots_on(self, channel: str, day: date) -> Sequence[AttemptFacts]:
        """Attempts on a channel that hold a slot of a local day."""
        return self.slots.get(channel, NONE).get(day, ())

    @property
    def is_third_party(self) -> bool:
        return self.relation == "other_third_party"


Check = Callable[[Case, Moment, Value], Numbers | None]
"""The numbers of the breach at a moment, ``None`` where the rule is kept."""


def open_case(facts: ContactFacts, channel: str, now: Moment, zone: ZoneInfo, policy: Policy) -> Case:
    """The case with its history sorted."""
    slots: dict[str, dict[date, list[AttemptFacts]]] = {}
    latest = now.day
    for attempt in facts.attempts:
        if attempt.state not in UNCOUNTED_STATES:
            day = attempt.at.astimezone(zone).date()
            slots.setdefault(attempt.channel, {}).setdefault(day, []).append(attempt)
            latest = max(latest, day)
    planned = sorted([attempt.at.astimezone(UTC) for attempt in facts.attempts if attempt.at > now.at])
    return Case(facts, channel, now, zone, policy, slots, latest, tuple(planned))


def is_proven(agreement: Agreement) -> bool:
    """Whether an agreement has evidence (CN-HOURS-03) and, where it names hours, names both and not the same."""
    if not agreement.evidence.strip():
        return False
    start, end = agreement.window_start, agreement.window_end
    return (start is None and end is None) or (start is not None and end is not None and start != end)


def in_force(agreement: Agreement, at: datetime) -> bool:
    """Whether an agreement has begun and has not been withdrawn."""
    return agreement.since <= at and (agreement.until is None or at < agreement.until)


def agreed(case: Case, at: datetime) -> list[Agreement]:
    """The debtor's proven agreements in force, the latest first. They bind contact with the debtor alone:
    what the debtor consents to gives nobody the right to disturb somebody else at night.
    """
    if not case.facts.agreements or case.relation not in ("self", None):
        return []
    found = [agreement for agreement in case.facts.agreements if in_force(agreement, at) and is_proven(agreement)]
    return sorted(found, key=lambda agreement: agreement.since, reverse=True)
