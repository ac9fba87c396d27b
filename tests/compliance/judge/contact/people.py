"""A debtor about whom everything is known and nothing stands against contact; tests change what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from compliance.judge.contact import Policy, load_policy
from compliance.judge.facts import AttemptFacts, ContactFacts, ContactPointFacts
from compliance.judge.packs import PACKS

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=SHANGHAI)
DEBTOR = ContactFacts(
    debtor="d1",
    creditor="甲银行",
    contact_point=ContactPointFacts("mobile", "mobile", "self", "contract", True, reserved=True),
    plan_in_force=False,
    plan_breached=False,
    collector_trained_until=date(2027, 6, 30),
)
FRIEND = replace(
    DEBTOR,
    contact_point=ContactPointFacts("friend", "mobile", "other_third_party", "contract", True, agreed_contact=True),
)


@cache
def policy() -> Policy:
    return load_policy(PACKS / "cn")


def point(facts: ContactFacts = DEBTOR, **changes: Any) -> ContactFacts:
    return replace(facts, contact_point=replace(facts.contact_point, **changes))


def call(
    outcome: str | None = "no_answer", *, at: datetime = NOW, ago: timedelta = timedelta(), **changes: Any
) -> AttemptFacts:
    attempt = AttemptFacts(at - ago, "call", "mobile", "self", "sent", outcome, reserved_mobile=True)
    return replace(attempt, **changes)


def sent(channel: str = "sms", *, at: datetime = NOW, **changes: Any) -> AttemptFacts:
    return replace(AttemptFacts(at, channel, "mobile", "self", "sent", "delivered"), **changes)
