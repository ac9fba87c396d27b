"""A debtor about whom everything is known and nothing stands against contact; tests change what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from compliance.judge.contact import ContactRuling, Policy, judge_contact, load_policy
from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts, ContactPointFacts
from compliance.judge.packs import PACKS
from compliance.judge.types import Decision, Finding

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=SHANGHAI)
DEBTOR = ContactFacts(
    debtor="d1",
    creditor="甲银行",
    contact_point=ContactPointFacts("mobile", "mobile", "self", "contract", True, reserved=True),
    plan_in_force=False,
    plan_breached=False,
    collector_trained_until=date(2027, 6, 30),
    agency_listed=True,
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


def judge(facts: ContactFacts = DEBTOR, channel: str = "call", now: datetime = NOW) -> ContactRuling:
    return judge_contact(facts, channel, now, policy())


def said(ruling: ContactRuling) -> dict[str, Decision]:
    return {finding.rule.removeprefix("cn.contact."): finding.decision for finding in ruling.findings}


def finding(ruling: ContactRuling, rule: str) -> Finding:
    return next(finding for finding in ruling.findings if finding.rule == f"cn.contact.{rule}")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


def agreement(**changes: Any) -> Agreement:
    return replace(Agreement(since=NOW - 9 * DAY, until=None, evidence="录音 R-9"), **changes)


def with_(**changes: Any) -> ContactFacts:
    return replace(DEBTOR, **changes)
