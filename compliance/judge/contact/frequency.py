"""How often: the counters belong to the person, over all numbers, accounts, channels, collectors and agencies."""

from __future__ import annotations

from datetime import date

from compliance.judge.contact.case import Case, Numbers, agreed
from compliance.judge.contact.days import DAY, Moment
from compliance.judge.contact.policy import Value

WEEK = 7


def connected_calls(case: Case, day: date, value: Value) -> int:
    """Calls of a local day that were answered, or whose outcome nobody knows yet: those count as the worst case."""
    not_connected = value.params["not_connected"]
    return sum(a.channel == "call" and a.outcome not in not_connected for a in case.by_day.get(day, ()))


def unanswered_calls(case: Case, day: date, value: Value) -> int:
    """Calls of a local day to this very number that were not answered, or whose outcome nobody knows yet."""
    answered, number = value.params["answered"], case.facts.contact_point.ref
    return sum(
        a.channel == "call" and a.contact_point == number and a.outcome not in answered
        for a in case.by_day.get(day, ())
    )


def visits(case: Case, day: date) -> int:
    """Visits of a local day."""
    return sum(a.channel == "visit" for a in case.by_day.get(day, ()))


def messages(case: Case, day: date, value: Value) -> int:
    """Text messages of a local day, all text channels together."""
    channels = value.params["channels"]
    return sum(a.channel in channels for a in case.by_day.get(day, ()))


def messages_in_a_week(case: Case, day: date, value: Value) -> int:
    """The most text messages in any seven local days that include ``day``, those already promised included."""
    latest = max(case.by_day, default=day)
    ends = range(min(max((latest - day).days, 0), WEEK - 1) + 1)
    return max(sum(messages(case, day + (end - back) * DAY, value) for back in range(WEEK)) for end in ends)


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
    used, limit = visits(case, moment.day), value.params["per_day"]
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
    used = len(case.by_day.get(moment.day, ()))
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
        ("visits_today", "visits", "per_day", lambda case, day, _value: visits(case, day)),
    )
    wished = agreed_per_day(case, moment)
    room = None if wished is None else max(0, wished - len(case.by_day.get(day, ())))
    left = {}
    for name, rule, period, count in kinds:
        value = rules[rule].at(day)
        free = 0 if value is None else max(0, value.params[period] - count(case, day, value))
        left[name] = free if room is None else min(free, room)
    return left
