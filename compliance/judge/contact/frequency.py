"""How often: the counters belong to the person, over all numbers, accounts, channels, collectors and agencies."""

from __future__ import annotations

from datetime import date

from compliance.judge.contact.case import NONE, Case, Numbers, agreed
from compliance.judge.contact.days import Moment
from compliance.judge.contact.policy import Value

WEEK = 7


def connected_calls(case: Case, day: date, value: Value) -> int:
    """Calls of a local day that were answered, or whose outcome nobody knows yet: those count as the worst case."""
    not_connected = value.params["not_connected"]
    return sum(attempt.outcome not in not_connected for attempt in case.slots_on("call", day))


def unanswered_calls(case: Case, day: date, value: Value) -> int:
    """Calls of a local day to this very number that were not answered, or whose outcome nobody knows yet."""
    answered, number = value.params["answered"], case.facts.contact_point.ref
    return sum(
        attempt.contact_point == number and attempt.outcome not in answered for attempt in case.slots_on("call", day)
    )


def visits(case: Case, day: date, _value: Value) -> int:
    """Visits of a local day."""
    return len(case.slots_on("visit", day))


def messages(case: Case, day: date, value: Value) -> int:
    """Text messages of a local day, all text channels together."""
    return _messages_by_day(case, value.params["channels"]).get(day, 0)


def messages_in_a_week(case: Case, day: date, value: Value) -> int:
    """The most text messages in any seven local days that include ``day``, those already promised included."""
    sent = _messages_by_day(case, value.params["channels"])
    near = [(other - day).days for other, count in sent.items() for _ in range(count) if abs((other - day).days) < WEEK]
    last_days = {0, *(offset for offset in near if offset > 0)}
    return max(sum(last - WEEK < offset <= last for offset in near) for last in last_days)


def _messages_by_day(case: Case, channels: tuple[str, ...]) -> dict[date, int]:
    sent = case.texts.get(channels)
    if sent is None:
        sent = case.texts[channels] = {}
        for channel in channels:
            for day, attempts in case.slots.get(channel, NONE).items():
                sent[day] = sent.get(day, 0) + len(attempts)
    return sent


def contacts(case: Case, day: date) -> int:
    """Attempts of a local day on all channels."""
    return sum(len(case.slots_on(channel, day)) for channel in case.slots if channel != "note")


def check_calls(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """The debtor has been got on the telephone often enough today."""
    used, limit = connected_calls(case, moment.day, value), value.params["per_day"]
    return {"used": used, "limit": limit} if case.channel == "call" and used >= limit else None


def check_attempts(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """This number has been tried in vain often enough today."""
    used, limit = unanswered_calls(case, moment.day, value), value.params["per_day"]
    return {"used": used, "limit": limit} if case.channel == "call" and used >= limit else None


def check_attempts_near(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """A hint that the limit for this number is near: the attempt about to be made is the ``warn_at``-th or later."""
    used, limit = unanswered_calls(case, moment.day, value), value.params["per_day"]
    near = value.params["warn_at"] - 1 <= used < limit
    return {"used": used, "limit": limit, "next": used + 1} if case.channel == "call" and near else None


def check_visits(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """The debtor has been visited today."""
    used, limit = visits(case, moment.day, value), value.params["per_day"]
    return {"used": used, "limit": limit} if case.channel == "visit" and used >= limit else None


def check_messages_day(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Enough text messages today."""
    if case.channel not in value.params["channels"]:
        return None
    used, limit = messages(case, moment.day, value), value.params["per_day"]
    return {"used": used, "limit": limit} if used >= limit else None


def check_messages_week(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Enough text messages within seven days."""
    if case.channel not in value.params["channels"]:
        return None
    used, limit = messages_in_a_week(case, moment.day, value), value.params["per_week"]
    return {"used": used, "limit": limit} if used >= limit else None


def check_agreed_frequency(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """The debtor agreed to fewer contacts a day. It counts every attempt on every channel, and only ever lowers."""
    limit = agreed_per_day(case, moment)
    used = contacts(case, moment.day)
    return {"used": used, "limit": limit} if limit is not None and used >= limit else None


def agreed_per_day(case: Case, moment: Moment) -> int | None:
    """Contacts a day by the debtor's latest wish about how often, ``None`` where there is none."""
    return next((a.max_per_day for a in agreed(case, moment.at) if a.max_per_day is not None), None)


def count_remaining(case: Case, moment: Moment) -> dict[str, int]:
    """Contacts left in the local day and week, never negative; none where the pack has no value in force."""
    rules, day = case.policy.rules, moment.day
    kinds = (
        ("calls_today", "calls", "per_day", connected_calls),
        ("attempts_this_number_today", "attempts", "per_day", unanswered_calls),
        ("messages_today", "messages_day", "per_day", messages),
        ("messages_this_week", "messages_week", "per_week", messages_in_a_week),
        ("visits_today", "visits", "per_day", visits),
    )
    wished = agreed_per_day(case, moment)
    room = None if wished is None else max(0, wished - contacts(case, day))
    left = {}
    for name, rule, period, count in kinds:
        value = rules[rule].at(day)
        free = 0 if value is None else max(0, value.params[period] - count(case, day, value))
        left[name] = free if room is None else min(free, room)
    return left
