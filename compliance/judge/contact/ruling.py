"""From facts to a ruling: every rule is asked now, and the timed ones again until they are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from compliance.judge.contact.case import Case, open_case
from compliance.judge.contact.days import find_zone, moment_at
from compliance.judge.contact.frequency import count_remaining
from compliance.judge.contact.policy import Policy, RequestRule, RequestValue, Rule, Value
from compliance.judge.contact.registry import FIXED, TIMED
from compliance.judge.contact.rights import decide_request
from compliance.judge.contact.waiting import Later, rules_in_force
from compliance.judge.facts import ContactFacts
from compliance.judge.types import CHANNELS, Decision, Finding, InvalidInput, strictest


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
    case = _open(facts, channel, now, policy)
    remaining = count_remaining(case, case.now)
    if channel == "note":
        return ContactRuling((), remaining, case.now.at)
    later = Later(case)
    timed, fixed = _ask(case, TIMED, later), [*_ask(case, FIXED, later), *_ask_requests(case)]
    return ContactRuling((*timed, *fixed), remaining, _next_allowed_at(later, timed, fixed))


def _open(facts: ContactFacts, channel: str, now: datetime, policy: Policy) -> Case:
    if channel not in CHANNELS:
        raise InvalidInput(f"未知的联系渠道：{channel}。", code="unknown_channel", field="channel")
    if now.tzinfo is None:
        raise InvalidInput("时间必须带时区。", code="naive_time", field="now")
    zone = find_zone(facts.timezone) or find_zone(policy.default_zone)
    if zone is None:
        raise ValueError(f"the policy's default zone {policy.default_zone!r} is not known here")
    return open_case(facts, channel, moment_at(now.astimezone(UTC), zone), zone, policy)


def _ask(case: Case, names: tuple[str, ...], later: Later) -> list[Finding]:
    findings = []
    for name, rule, value, check in rules_in_force(case.policy, names, case.now.day):
        if value is None:
            findings.append(_missing(case, rule))
            continue
        numbers = check(case, case.now, value)
        if numbers is not None:
            next_allowed_at = later.first_silent((name,)) if name in TIMED else None
            findings.append(_finding(case, rule, value, rule.why.format(**numbers), next_allowed_at))
    return findings


def _ask_requests(case: Case) -> Iterator[Finding]:
    for request in case.facts.requests:
        rule = case.policy.requests.get(request.type)
        if rule is None:
            continue  # a finding of its own: unknown_request
        value = rule.at(case.now.day)
        if value is None:
            yield _missing(case, rule)
            continue
        due = request.due_at.astimezone(case.zone).date().isoformat() if request.due_at else "尽快"
        why = rule.why.format(day=request.at.astimezone(case.zone).date(), due=due)
        yield replace(_finding(case, rule, value, why, None), decision=decide_request(case, request, value))


def _finding(
    case: Case, rule: Rule | RequestRule, value: Value | RequestValue, why: str, next_allowed_at: datetime | None
) -> Finding:
    return Finding(
        rule=rule.id,
        category=rule.category,
        decision=value.decision if isinstance(value, Value) else value.unnamed,
        why=case.policy.house_prefix + why if value.house else why,
        cites=value.cites,
        source="contact",
        next_allowed_at=next_allowed_at,
    )


def _missing(case: Case, rule: Rule | RequestRule) -> Finding:
    why = case.policy.missing.format(rule=rule.id, day=case.now.day.isoformat())
    return Finding(rule.id, rule.category, Decision.REVIEW, why, source="contact")


def _next_allowed_at(later: Later, timed: list[Finding], fixed: list[Finding]) -> datetime | None:
    if any(finding.decision is Decision.BLOCK for finding in fixed):
        return None
    if any(finding.decision is Decision.BLOCK and finding.next_allowed_at is None for finding in timed):
        return None
    return later.first_silent(TIMED) if timed else later.case.now.at
