"""Until when a request must be answered: calendar days from the pack, in the debtor's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance.judge.contact import Policy, load_policy
from compliance.judge.contact.days import find_zone
from compliance.judge.contact.policy import Clock, Extension
from compliance.judge.packs import PACKS
from compliance.judge.types import Citation, InvalidInput

LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Due:
    """When a request is due, and by what."""

    at: datetime
    """In UTC: the last second of the last day on the debtor's clock."""
    days: int
    house: bool
    """House policy: no statutory period was found."""
    cites: tuple[Citation, ...]


@lru_cache(maxsize=4)
def clocks_of(pack: str = "cn") -> Policy:
    """The policy whose clocks hold, loaded once for each pack.

    Raises:
        PackError: the pack does not load.
    """
    return load_policy(PACKS / pack)


def find_due(
    policy: Policy, request_type: str, received_at: datetime, timezone: str | None, *, review: bool = False
) -> Due:
    """When a request of that type, received at that instant, is due. The day of receipt does not count, the last
    day counts to its end; it is not moved for holidays, which can only make it earlier than the law does.
    ``review``: it asks that an answer to such a request be reviewed.

    Raises:
        InvalidInput: the type is unknown, or the pack has no clock for it on that day.
    """
    zone = _zone(policy, timezone)
    clock = _clock(policy, request_type, received_at.astimezone(zone).date(), review)
    return Due(_end_of_period(received_at, clock.days, zone), clock.days, clock.house, clock.cites)


def find_extension(
    policy: Policy, request_type: str, received_at: datetime, name: str, *, review: bool = False
) -> Extension:
    """The longer period of that name, which counts from receipt too.

    Raises:
        InvalidInput: the type of request has no such extension.
    """
    clock = _clock(policy, request_type, received_at.astimezone(_zone(policy, None)).date(), review)
    for extension in clock.extensions:
        if extension.name == name:
            return extension
    raise InvalidInput("这类请求没有这种延期。", code="unknown_extension", field="extension")


def extended_due_at(policy: Policy, extension: Extension, received_at: datetime, timezone: str | None) -> datetime:
    """The end of a longer period, in UTC."""
    return _end_of_period(received_at, extension.days, _zone(policy, timezone))


def find_review_end(policy: Policy, request_type: str, answered_at: datetime, timezone: str | None) -> datetime | None:
    """Until when the answer to such a request may be asked to be reviewed, in UTC; ``None`` where it may not be."""
    zone = _zone(policy, timezone)
    rule = policy.requests.get(request_type)
    value = rule.at(answered_at.astimezone(zone).date()) if rule else None
    return _end_of_period(answered_at, value.review.days, zone) if value and value.review else None


def _clock(policy: Policy, request_type: str, day: date, review: bool) -> Clock:
    rule = policy.requests.get(request_type)
    if rule is None:
        raise InvalidInput("未知的请求类型。", code="unknown_type", field="type")
    value = rule.at(day)
    if value is None:
        raise InvalidInput("规则包没有当天有效的办理期限。", code="no_clock", field="at")
    return value.review.clock if review and value.review else value.clock


def _zone(policy: Policy, timezone: str | None) -> ZoneInfo:
    return find_zone(timezone) or ZoneInfo(policy.default_zone)


def _end_of_period(received_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    last = received_at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last, LAST_SECOND, zone).astimezone(UTC)
