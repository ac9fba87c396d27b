"""The timed rules of the policy once more, slowly and otherwise: no counters, no days laid out in advance, no search
but trying one minute after the other. Thresholds are written out, so that a wrong number in the pack shows too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts

MINUTE = timedelta(minutes=1)
TEXTS = {"sms", "im", "email"}
FAILED = {"no_answer", "busy", "voicemail", "powered_off", "invalid_number"}
GIVEN_BACK = {"blocked", "refused", "expired", "returned", "recorded"}


def broken(facts: ContactFacts, channel: str, at: datetime) -> set[str]:
    """The timed rules that are broken at an instant."""
    zone = ZoneInfo(facts.timezone or "")
    wall = at.astimezone(zone)
    return {rule for rule, is_broken in {
        "hours": channel != "letter" and not night_is_agreed(facts, at) and not 8 <= wall.hour < 22,
        "agreed_hours": channel != "letter" and outside_agreed(facts, at, wall.time()),
        "agreed_channel": channel not in (latest(facts, at, "channels") or [channel]),
        "calls": channel == "call" and len(today(facts, wall.date(), may_be_connected)) >= 3,
        "attempts": channel == "call" and len(today(facts, wall.date(), may_be_in_vain(facts))) >= 6,
        "visits": channel == "visit" and len(today(facts, wall.date(), lambda a: a.channel == "visit")) >= 1,
        "messages_day": channel in TEXTS and len(today(facts, wall.date(), is_text)) >= 1,
        "messages_week": channel in TEXTS and most_in_a_week(facts, wall.date()) >= 3,
        "agreed_frequency": too_often(facts, at, wall.date()),
        "third_party": facts.contact_point.relation == "other_third_party" and not is_lost(facts, at),
        "visit_unrecorded": channel == "visit" and any(is_owed(one, at) for one in facts.attempts),
        "not_overdue": channel in {"call", "visit"} and facts.due_date is not None
        and (wall.date() - facts.due_date).days <= 3,
        "hardship_pause": still_paused(facts, wall.date()),
        "agency_evaluation": bool(facts.agency and facts.agency_evaluated)
        and wall.date() > facts.agency_evaluated.replace(year=facts.agency_evaluated.year + 1),  # type: ignore[union-attr]
        "agency_never_evaluated": any(
            wall.date() > day.replace(year=day.year + 1) for day in facts.never_evaluated if day
        ),
        "training": facts.collector_trained_until is not None and wall.date() > facts.collector_trained_until,
    }.items() if is_broken}  # fmt: skip


def first_allowed(facts: ContactFacts, channel: str, now: datetime, horizon: timedelta) -> datetime | None:
    """The first whole minute from ``now`` on at which no timed rule is broken."""
    at = now
    while at <= now + horizon:
        if not broken(facts, channel, at):
            return at
        at += MINUTE
    return None


def slots(facts: ContactFacts) -> list[AttemptFacts]:
    return [attempt for attempt in facts.attempts if attempt.state not in GIVEN_BACK and attempt.channel != "note"]


def today(facts: ContactFacts, day: date, wanted: object) -> list[AttemptFacts]:
    zone = ZoneInfo(facts.timezone or "")
    return [a for a in slots(facts) if wanted(a) and a.at.astimezone(zone).date() == day]  # type: ignore[operator]


def is_owed(attempt: AttemptFacts, at: datetime) -> bool:
    """Leave to visit that came to an end, and of which nothing was told."""
    told = attempt.outcome is not None or attempt.state in {
        "blocked",
        "refused",
        "returned",
        "recorded",
        "held",
        "failed",
    }
    return attempt.channel == "visit" and attempt.at < at and not told


def may_be_connected(attempt: AttemptFacts) -> bool:
    in_vain = {"no_answer", "busy", "refused", "voicemail", "invalid_number", "powered_off"}
    return attempt.channel == "call" and attempt.outcome not in in_vain


def may_be_in_vain(facts: ContactFacts) -> object:
    return lambda a: (
        a.channel == "call"
        and a.contact_point == facts.contact_point.ref
        and a.outcome not in {"connected", "third_party", "wrong_number"}
    )


def is_text(attempt: AttemptFacts) -> bool:
    return attempt.channel in TEXTS


def most_in_a_week(facts: ContactFacts, day: date) -> int:
    weeks = [[day + timedelta(days=shift - back) for back in range(7)] for shift in range(7)]
    return max(sum(len(today(facts, one, is_text)) for one in week) for week in weeks)


def latest(facts: ContactFacts, at: datetime, what: str) -> object:
    """The newest proven wish in force about one thing, of the debtor alone."""
    if facts.contact_point.relation not in ("self", None):
        return None
    known = [a for a in facts.agreements if a.since <= at and not (a.until and a.until <= at) and is_usable(a)]
    speaking = [a for a in known if getattr(a, what) not in ((), None)]
    newest = max(speaking, key=lambda agreement: agreement.since, default=None)
    return newest if what == "window_start" else getattr(newest, what, None)


def is_usable(agreement: Agreement) -> bool:
    named = [agreement.window_start is not None, agreement.window_end is not None]
    return (
        bool(agreement.evidence.strip())
        and len(set(named)) == 1
        and (not named[0] or agreement.window_start != agreement.window_end)
    )


def night_is_agreed(facts: ContactFacts, at: datetime) -> bool:
    window = latest(facts, at, "window_start")
    withdrawn = [r for r in facts.requests if r.type == "consent_withdrawn"]
    return (
        isinstance(window, Agreement)
        and facts.contact_point.relation == "self"
        and not any(request.at >= window.since for request in withdrawn)
    )


def outside_agreed(facts: ContactFacts, at: datetime, wall: time) -> bool:
    window = latest(facts, at, "window_start")
    if not isinstance(window, Agreement) or window.window_start is None or window.window_end is None:
        return False

    def of_day(clock: time) -> float:
        return clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6

    since_start = (of_day(wall) - of_day(window.window_start)) % 86400
    length = (of_day(window.window_end) - of_day(window.window_start)) % 86400
    return since_start >= length


def too_often(facts: ContactFacts, at: datetime, day: date) -> bool:
    limit = latest(facts, at, "max_per_day")
    return isinstance(limit, int) and len(today(facts, day, lambda a: True)) >= limit


def still_paused(facts: ContactFacts, day: date) -> bool:
    zone = ZoneInfo(facts.timezone or "")
    grave = {"illness", "bereavement", "disaster", "job_loss"} & set(facts.vulnerable)
    return any(
        (day - since.astimezone(zone).date()).days < 30 for flag, since in facts.vulnerable_since if flag in grave
    )


def is_lost(facts: ContactFacts, at: datetime) -> bool:
    """Read the story from its beginning, keeping what is known at each step."""
    if {"deceased", "incapacity"} & set(facts.vulnerable):
        return True
    zone = ZoneInfo(facts.timezone or "")
    events: list[tuple[datetime, int, AttemptFacts | None]] = [(r.at, 1, None) for r in facts.requests]
    for attempt in slots(facts):
        if attempt.relation not in ("self", None) or attempt.channel not in ("call", "visit"):
            continue
        if attempt.outcome not in FAILED:
            events.append((attempt.at, 1, None))  # reached, or may have been; at one instant this comes last
        elif attempt.channel == "call" and attempt.relation == "self":
            events.append((attempt.at, 0, attempt))
    dials: list[AttemptFacts] = []
    for when, _, failed in sorted(events, key=lambda event: event[:2]):
        if when > at:
            break
        dials = [] if failed is None else [*dials, failed]
    reserved = [dial for dial in dials if dial.reserved_mobile]
    today_ = at.astimezone(zone).date()
    last_by_number = {dial.contact_point: dial.outcome for dial in reserved}
    if last_by_number and set(last_by_number.values()) == {"invalid_number"}:
        return True
    if len(reserved) >= 3 and today_ > reserved[2].at.astimezone(zone).date():
        return True
    days = {dial.at.astimezone(zone).date() for dial in dials}
    return any({day, day + timedelta(1), day + timedelta(2)} <= days and today_ >= day + timedelta(3) for day in days)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
