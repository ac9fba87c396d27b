"""A debtor's story, step by step: calls and messages as the policy lets them, outcomes, agreements made and withdrawn,
requests, days that pass. At every step the policy says what the slow model says, and no limit was ever exceeded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from compliance.judge.contact import judge_contact
from compliance.judge.contact.registry import TIMED
from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts, RequestFacts
from compliance.judge.types import Decision
from tests.compliance.judge.contact.people import DEBTOR, FRIEND, point, policy
from tests.compliance.judge.contact.slow_model import broken, may_be_connected, utc

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo")
# Before midnight of an ordinary day, a leap day, the turn of a year, and the clock changes of those zones.
STARTS = (utc(2026, 11, 18, 13), utc(2028, 2, 28, 14), utc(2028, 2, 29, 12), utc(2026, 12, 31, 13), utc(2026, 3, 8, 4),
          utc(2026, 11, 1, 3), utc(2026, 3, 28, 21), utc(2026, 10, 24, 22), utc(2026, 4, 4, 13), utc(2026, 10, 3, 12),
          utc(2026, 4, 23, 20), utc(2026, 10, 29, 19))  # fmt: skip
OUTCOMES = ("no_answer", "no_answer", "busy", "connected", "hung_up", "invalid_number", "third_party", None)
PAUSES = (timedelta(minutes=1), timedelta(minutes=50), timedelta(hours=3), timedelta(hours=9), timedelta(days=1),
          timedelta(days=2))  # fmt: skip
MOBILE, SECOND = DEBTOR, point(ref="second", reserved=False)
PEOPLE = {"mobile": MOBILE, "second": SECOND, "friend": FRIEND}


class Story(RuleBasedStateMachine):
    """What happened so far to one debtor, with ``now`` as the clock of the story."""

    now: datetime
    zone: str
    attempts: list[AttemptFacts]
    agreements: list[Agreement]
    requests: list[RequestFacts]

    @initialize(start=st.sampled_from(STARTS), zone=st.sampled_from(ZONES))
    def begin(self, start: datetime, zone: str) -> None:
        self.now, self.zone = start, zone
        self.attempts, self.agreements, self.requests = [], [], []

    def facts(self, who: str) -> ContactFacts:
        return replace(
            PEOPLE[who], timezone=self.zone, attempts=tuple(self.attempts), agreements=tuple(self.agreements),
            requests=tuple(self.requests),
        )  # fmt: skip

    @rule(pause=st.sampled_from(PAUSES))
    def wait(self, pause: timedelta) -> None:
        self.now += pause

    @rule(who=st.sampled_from(list(PEOPLE)), outcome=st.sampled_from(OUTCOMES), times=st.integers(1, 4))
    def call(self, who: str, outcome: str | None, times: int) -> None:
        for _ in range(times):
            self.contact(who, "call", outcome)
            self.now += timedelta(minutes=2)

    @rule(who=st.sampled_from(["mobile", "second"]), channel=st.sampled_from(["sms", "im", "email", "visit"]))
    def reach(self, who: str, channel: str) -> None:
        self.contact(who, channel, "visited" if channel == "visit" else "delivered")

    @rule(hours=st.integers(1, 70))
    def plan_a_message(self, hours: int) -> None:
        """A message for later takes its slot now, if it would be allowed then."""
        at = self.now + timedelta(hours=hours)
        if judge_contact(self.facts("mobile"), "sms", at, policy()).decision is Decision.ALLOW:
            self.attempts.append(AttemptFacts(at, "sms", "mobile", "self", "permitted"))

    @rule(start=st.integers(0, 23), length=st.integers(1, 23), most=st.sampled_from([None, 1, 2]), proof=st.booleans())
    def agree(self, start: int, length: int, most: int | None, proof: bool) -> None:
        window = time(start), time((start + length) % 24)
        self.now += timedelta(seconds=1)  # two wishes of one instant contradict each other
        self.agreements.append(Agreement(self.now, None, "录音 R-1" if proof else "", (), *window, most))

    @rule()
    def withdraw(self) -> None:
        """The agreement ends; what was asked for by night is over at once."""
        self.now += timedelta(seconds=1)
        self.agreements = [replace(one, until=one.until or self.now) for one in self.agreements]
        # A message that was planned is judged again at its minute; here it goes with what it was planned on.
        self.attempts = [one for one in self.attempts if one.at <= self.now]

    @rule()
    def ask_for_peace_at_night(self) -> None:
        self.requests.append(RequestFacts("rq", "consent_withdrawn", self.now, None))

    @rule()
    def close_requests(self) -> None:
        self.requests = []

    def contact(self, who: str, channel: str, outcome: str | None) -> None:
        facts = self.facts(who)
        ruling = judge_contact(facts, channel, self.now, policy())
        said = {finding.rule.removeprefix("cn.contact.") for finding in ruling.findings}
        assert said & set(TIMED) == broken(facts, channel, self.now)
        blocked = ruling.decision is Decision.BLOCK
        assert blocked or ruling.next_allowed_at is not None
        if blocked:
            return
        one = facts.contact_point
        self.attempts.append(
            AttemptFacts(self.now, channel, one.ref, one.relation, "sent", outcome, reserved_mobile=one.reserved)
        )

    @invariant()
    def no_limit_was_exceeded(self) -> None:
        """Counted once more from the whole story: three connected calls, six vain ones a number, one visit a day."""
        zone = ZoneInfo(getattr(self, "zone", "UTC"))
        attempts = getattr(self, "attempts", [])
        days = [(one, one.at.astimezone(zone).date()) for one in attempts]
        connected = Counter(day for one, day in days if may_be_connected(one))
        vain = Counter((one.contact_point, day) for one, day in days if one.channel == "call" and _in_vain(one))
        visits = Counter(day for one, day in days if one.channel == "visit")
        assert max(connected.values(), default=0) <= 3
        assert max(vain.values(), default=0) <= 6
        assert max(visits.values(), default=0) <= 1

    @invariant()
    def nobody_was_called_at_night_without_having_agreed(self) -> None:
        zone = ZoneInfo(getattr(self, "zone", "UTC"))
        for one in getattr(self, "attempts", []):
            wall = one.at.astimezone(zone)
            agreed = any(a.evidence and a.since <= one.at and (a.until is None or one.at < a.until)
                         for a in self.agreements)  # fmt: skip
            assert 8 <= wall.hour < 22 or agreed


def _in_vain(attempt: AttemptFacts) -> bool:
    return attempt.outcome not in ("connected", "third_party", "wrong_number")


TestStory = Story.TestCase
TestStory.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
