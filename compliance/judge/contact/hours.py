"""When: quiet hours in the debtor's own zone, and the hours and channels that the debtor agreed to."""

from __future__ import annotations

from datetime import datetime

from compliance.judge.contact.case import Case, Numbers, agreed, in_force, is_proven
from compliance.judge.contact.days import Moment, find_zone, is_within
from compliance.judge.contact.policy import Value
from compliance.judge.facts import Agreement


def check_hours(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Outside the default hours, and no agreement of the debtor that speaks of hours and still stands."""
    if case.channel not in value.params["channels"]:
        return None
    opens, closes = value.params["open"], value.params["close"]
    if is_within(moment.clock, opens, closes):
        return None
    window = agreed_window(case, moment.at)
    # An agreement with somebody whose relation is unknown, or one since withdrawn, opens no night.
    if window is not None and case.relation == "self" and not is_withdrawn(case, window):
        return None
    return {"clock": f"{moment.clock:%H:%M}", "open": f"{opens:%H:%M}", "close": f"{closes:%H:%M}"}


def check_agreed_hours(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Outside the hours that the debtor agreed to: an agreement goes before the default."""
    if case.channel not in value.params["channels"]:
        return None
    window = agreed_window(case, moment.at)
    if window is None or window.window_start is None or window.window_end is None:
        return None
    if is_within(moment.clock, window.window_start, window.window_end):
        return None
    return {
        "clock": f"{moment.clock:%H:%M}",
        "open": f"{window.window_start:%H:%M}",
        "close": f"{window.window_end:%H:%M}",
    }


def check_agreed_channel(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """A channel that the debtor's latest wish about channels does not name."""
    wishes = [agreement.channels for agreement in agreed(case, moment.at) if agreement.channels]
    if not wishes or case.channel in wishes[0]:
        return None
    return {"channel": case.channel, "channels": "、".join(wishes[0])}


def check_agreement(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """An agreement is on file that cannot be relied on: without evidence, or with half a window."""
    doubtful = [a for a in case.facts.agreements if in_force(a, moment.at) and not is_proven(a)]
    return {"count": len(doubtful)} if doubtful else None


def check_timezone(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """The debtor's zone is unknown; the rest is judged in the policy's default zone."""
    if find_zone(case.facts.timezone) is not None:
        return None
    return {"timezone": case.facts.timezone or "未登记", "default": case.policy.default_zone}


def agreed_window(case: Case, at: datetime) -> Agreement | None:
    """The latest proven agreement in force that names hours."""
    return next((agreement for agreement in agreed(case, at) if agreement.window_start is not None), None)


def is_withdrawn(case: Case, agreement: Agreement) -> bool:
    """Whether the debtor has withdrawn consent since (CN-RIGHT-10), whoever has yet to file it."""
    return any(request.type == "consent_withdrawn" and request.at >= agreement.since for request in case.facts.requests)
