"""From facts to a ruling: every rule is asked now, and the timed ones again until they are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from compliance.judge.contact.case import Case, Numbers, by_local_day
from compliance.judge.contact.days import DAY, find_zone, moment_at, ticks
from compliance.judge.contact.frequency import WEEK, count_remaining
from compliance.judge.contact.policy import Policy, Rule, Value
from compliance.judge.contact.registry import FIXED, SPECS, TIMED
from compliance.judge.contact.rights import decide_request
from compliance.judge.facts import ContactFacts, RequestFacts
from compliance.judge.types import CHANNELS, Decision, Finding, InvalidInput, strictest

NOON = time(12)


@dataclass(frozen=True, slots=True)
class ContactRuling:
    """What the contact policy says of one contact at one moment."""

    findings: tuple[Finding, ...]
    """Those of decision ``allow`` only inform."""
    remaining: dict[str, int]
    """Contacts left in the debtor's local day and week: ``calls_today`` ``attempts_this_number_today``
    ``messages_today`` ``messages_this_week`` ``visits_today``."""
    next_allowed_at: datetime | None
    """The earliest instant from now on, in UTC, at which nothing that waiting heals stands in the way. It is now
    where nothing does. ``None`` where something blocks that waiting does not heal."""

    @property
    def decision(self) -> Decision:
        """The strictest of the findings."""
        return strictest([finding.decision for finding in self.findings])


def judge_contact(facts: ContactFacts, channel: str, now: datetime, policy: Policy) -> ContactRuling:
    """What stands against contacting this person on this channel at ``now``.

    A ``note`` contacts nobody: it has no findings.

    Raises:
        InvalidInput: the channel is unknown, or ``now`` has no time zone.
    """
    case = _open_case(facts, channel, now, policy)
    remaining = count_remaining(case, case.now)
    if channel == "note":
        return ContactRuling((), remaining, case.now.at)
    fixed = [*_ask(case, FIXED), *_ask_requests(case)]
    timed = _ask(case, TIMED)
    next_allowed_at: datetime | None = case.now.at
    if any(finding.decision is Decision.BLOCK for finding in fixed):
        next_allowed_at = None
    elif timed:
        next_allowed_at = _first_allowed(case, TIMED)
    return ContactRuling((*timed, *fixed), remaining, next_allowed_at)


def _open_case(facts: ContactFacts, channel: str, now: datetime, policy: Policy) -> Case:
    if channel not in CHANNELS:
        raise InvalidInput(f"未知的联系渠道：{channel}。", code="unknown_channel", field="channel")
    if now.tzinfo is None:
        raise InvalidInput("时间必须带时区。", code="naive_time", field="now")
    zone = find_zone(facts.timezone) or find_zone(policy.default_zone)
    if zone is None:
        raise ValueError(f"the policy's default zone {policy.default_zone!r} is not known here")
    moment = moment_at(now.astimezone(UTC), zone)
    return Case(facts, channel, moment, zone, policy, by_local_day(facts.attempts, zone))


def _ask(case: Case, names: tuple[str, ...]) -> list[Finding]:
    findings = []
    for name in names:
        rule = case.policy.rules[name]
        value = rule.at(case.now.day)
        if value is None:
            findings.append(_missing(case, rule))
            continue
        numbers = SPECS[name].check(case, case.now, value)
        if numbers is not None:
            findings.append(_finding(case, name, rule, value, numbers))
    return findings


def _finding(case: Case, name: str, rule: Rule, value: Value, numbers: Numbers) -> Finding:
    why = rule.why.format(**numbers)
    return Finding(
        rule=rule.id,
        category=rule.category,
        decision=value.decision,
        why=case.policy.house_prefix + why if value.house else why,
        cites=value.cites,
        source="contact",
        next_allowed_at=_first_allowed(case, (name,)) if SPECS[name].timed else None,
    )


def _missing(case: Case, rule: Rule) -> Finding:
    why = case.policy.missing.format(rule=rule.id, day=case.now.day.isoformat())
    return Finding(rule.id, rule.category, Decision.REVIEW, why, source="contact")


def _ask_requests(case: Case) -> Iterator[Finding]:
    for request in case.facts.requests:
        rule = case.policy.requests.get(request.type)
        if rule is None:
            continue  # a finding of its own: unknown_request
        value = rule.at(case.now.day)
        if value is None:
            why = case.policy.missing.format(rule=rule.id, day=case.now.day.isoformat())
            yield Finding(rule.id, rule.category, Decision.REVIEW, why, source="contact")
            continue
        why = rule.why.format(day=_local_day(case, request.at), due=_due(case, request))
        yield Finding(
            rule=rule.id,
            category=rule.category,
            decision=decide_request(case, request, value),
            why=case.policy.house_prefix + why if value.house else why,
            cites=value.cites,
            source="contact",
        )


def _local_day(case: Case, at: datetime) -> date:
    return at.astimezone(case.zone).date()


def _due(case: Case, request: RequestFacts) -> str:
    return _local_day(case, request.due_at).isoformat() if request.due_at else "尽快"


def _first_allowed(case: Case, names: tuple[str, ...]) -> datetime | None:
    """The first instant from now on at which none of these rules is broken."""
    rules = [(case.policy.rules[name], SPECS[name].check) for name in names]
    for at in _later(case):
        moment = moment_at(at, case.zone)
        for rule, check in rules:
            value = rule.at(moment.day)
            if value is not None and check(case, moment, value) is not None:
                break
        else:
            return at
    return None


def _later(case: Case) -> Iterator[datetime]:
    """Now and all later instants at which a timed rule may fall silent."""
    agreements, rules, day = case.facts.agreements, case.policy.rules, case.now.day
    opens = {value.params["open"] for value in rules["hours"].values}
    opens |= {agreement.window_start for agreement in agreements if agreement.window_start is not None}
    turns = {agreement.since for agreement in agreements}
    turns |= {agreement.until for agreement in agreements if agreement.until is not None}
    # A change at a local midnight is reached from the noon before: the midnight itself is a tick of that stretch.
    changes = {turn for turn in case.policy.turns if turn > day}
    for value in rules["hardship_pause"].values:
        changes |= {_local_day(case, since) + value.params["days"] * DAY for _, since in case.facts.vulnerable_since}
    turns |= {datetime.combine(change - DAY, NOON, case.zone) for change in changes if change - DAY > day}
    latest = max(case.by_day, default=day)
    stretch = max(0, (latest - day).days) + WEEK + 2
    yield case.now.at
    yield from ticks(case.now.at, case.zone, opens, {turn.astimezone(UTC) for turn in turns}, stretch)
