"""The policy against the slow model: random histories, zones, agreements, and the days on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.judge.contact import judge_contact
from compliance.judge.contact.registry import TIMED
from compliance.judge.facts import OUTCOMES, Agreement, AttemptFacts, ContactFacts, RequestFacts
from compliance.judge.types import Decision, Finding
from tests.compliance.judge.contact.people import DEBTOR, FRIEND, call, point, policy
from tests.compliance.judge.contact.slow_model import broken, first_allowed, slots, utc

ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata",
         "America/Havana", "Asia/Beirut"]  # fmt: skip
# Ordinary days; the spring and autumn change of each zone above; a leap day; the turn of a year.
ANCHORS = [utc(2026, 11, 18, 4), utc(2026, 3, 8, 6), utc(2026, 11, 1, 5), utc(2026, 3, 29, 0), utc(2026, 10, 25, 0),
           utc(2026, 4, 4, 15), utc(2026, 10, 3, 15), utc(2026, 4, 23, 22), utc(2026, 10, 29, 21), utc(2026, 3, 28, 22),
           utc(2028, 2, 29, 3), utc(2026, 12, 31, 16)]  # fmt: skip
CHANNELS = ["call", "sms", "im", "email", "visit", "letter"]
EASY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FREE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HORIZON = timedelta(hours=30)

minutes = st.integers(-60 * 30, 60 * 30).map(lambda count: timedelta(minutes=count))
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    return draw(st.sampled_from(ANCHORS)) + draw(minutes)


@st.composite
def attempts(draw: st.DrawFn, now: datetime) -> AttemptFacts:
    back = st.integers(-60 * 24 * 8, 60 * 24 * 2).map(lambda count: timedelta(minutes=count))
    near = st.integers(-600, 60).map(lambda count: timedelta(minutes=count))
    return AttemptFacts(
        at=now + draw(st.one_of(near, back)),
        channel=draw(st.sampled_from(["call", "call", "call", "sms", "im", "visit", "letter"])),
        contact_point=draw(st.sampled_from(["mobile", "mobile", "second", "friend"])),
        relation=draw(st.sampled_from(["self", "self", "self", None, "other_third_party"])),
        state=draw(st.sampled_from(["sent", "sent", "sent", "permitted", "held", "expired", "blocked"])),
        outcome=draw(st.sampled_from([*OUTCOMES, "no_answer", "no_answer", "busy", None, "未知"])),
        reserved_mobile=draw(st.booleans()),
    )


@st.composite
def agreements(draw: st.DrawFn, now: datetime) -> Agreement:
    spoken = draw(st.booleans())
    since = now + draw(minutes) - timedelta(hours=draw(st.sampled_from([0, 24])))
    return Agreement(
        since=since,
        until=draw(st.sampled_from([None, None, since + timedelta(hours=9), since + timedelta(hours=40)])),
        evidence=draw(st.sampled_from(["录音", "录音", "录音", " "])),
        channels=draw(st.sampled_from([(), (), ("sms", "call")])),
        window_start=draw(clocks) if spoken else None,
        window_end=draw(clocks) if spoken else None,
        max_per_day=draw(st.sampled_from([None, None, 1, 4])),
    )


@st.composite
def cases(draw: st.DrawFn, most: int = 14) -> tuple[ContactFacts, str, datetime]:
    now = draw(moments())
    someone = draw(st.sampled_from([DEBTOR, DEBTOR, FRIEND, point(relation=None)]))
    withdrawn = RequestFacts("rq", "consent_withdrawn", now - timedelta(hours=3), None)
    paused = now - timedelta(days=draw(st.sampled_from([1, 28, 29])), minutes=draw(st.integers(0, 1439)))
    facts = replace(
        someone,
        timezone=draw(st.sampled_from(ZONES)),
        attempts=tuple(draw(st.lists(attempts(now), max_size=most))),
        agreements=_apart(draw(st.lists(agreements(now), max_size=2))),
        requests=draw(st.sampled_from([(), (), (), (withdrawn,)])),
        vulnerable=draw(st.sampled_from([(), (), (), ("illness",)])),
        vulnerable_since=(("illness", paused),),
        due_date=draw(
            st.sampled_from([None, None, None, *((now - timedelta(days=ago)).date() for ago in (-1, 2, 3, 4))])
        ),
        collector_trained_until=draw(st.sampled_from([None, (now + timedelta(days=1)).date()])),
    )
    return facts, draw(st.sampled_from(CHANNELS)), now


def _apart(found: list[Agreement]) -> tuple[Agreement, ...]:
    """Two wishes of the same instant contradict each other: which one is newer is not the policy's to say."""
    return tuple({agreement.since: agreement for agreement in found}.values())


def timed_rules(facts: ContactFacts, channel: str, now: datetime) -> set[str]:
    return {rule_of(f) for f in judge_contact(facts, channel, now, policy()).findings if is_timed(f)}


def rule_of(finding: Finding) -> str:
    return finding.rule.removeprefix("cn.contact.")


def is_timed(finding: Finding) -> bool:
    return rule_of(finding) in TIMED


@FREE
@given(cases())
@example((replace(DEBTOR, attempts=(call("hung_up"),) * 3), "call", datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC)))
def test_the_same_rules_are_broken_as_in_the_slow_model(case: tuple[ContactFacts, str, datetime]) -> None:
    assert timed_rules(*case) == broken(*case)


@EASY
@given(cases(most=8))
def test_the_next_time_is_the_first_minute_of_the_slow_model(case: tuple[ContactFacts, str, datetime]) -> None:
    facts, channel, now = case
    ruling = judge_contact(facts, channel, now, policy())
    at = ruling.next_allowed_at
    if any(f.decision is Decision.BLOCK and not is_timed(f) for f in ruling.findings):
        assert at is None
    elif at is None or at <= now + HORIZON:
        assert at == first_allowed(facts, channel, now, HORIZON)
    else:
        assert first_allowed(facts, channel, now, HORIZON) is None
        assert first_allowed(facts, channel, at - HORIZON, HORIZON) == at


@FREE
@given(cases())
def test_at_the_next_time_no_timed_rule_is_broken(case: tuple[ContactFacts, str, datetime]) -> None:
    facts, channel, now = case
    at = judge_contact(facts, channel, now, policy()).next_allowed_at
    assert at is None or (at >= now and broken(facts, channel, at) == set())


@FREE
@given(cases())
def test_what_is_left_is_never_negative_and_none_is_left_of_what_is_used_up(
    case: tuple[ContactFacts, str, datetime],
) -> None:
    ruling = judge_contact(*case, policy())
    assert all(left >= 0 for left in ruling.remaining.values())
    used_up = {rule_of(f) for f in ruling.findings}
    names = {"calls": "calls_today", "attempts": "attempts_this_number_today", "messages_day": "messages_today",
             "messages_week": "messages_this_week", "visits": "visits_today"}  # fmt: skip
    assert all(ruling.remaining[names[rule]] == 0 for rule in used_up & names.keys())


@FREE
@given(cases(), st.data())
def test_one_attempt_more_never_allows_more(case: tuple[ContactFacts, str, datetime], data: st.DataObject) -> None:
    """Only that a debtor cannot be reached opens a door, to third parties; any other attempt can but close one."""
    facts, channel, now = case
    extra: AttemptFacts = data.draw(attempts(now))
    more = replace(facts, attempts=(*facts.attempts, extra))
    before, after = (judge_contact(one, channel, now, policy()) for one in (facts, more))
    assert all(after.remaining[name] <= left for name, left in before.remaining.items())
    if facts.contact_point.relation != "other_third_party" or not _is_in_vain(extra):
        assert after.decision.rank >= before.decision.rank
        assert _latest(before.next_allowed_at) <= _latest(after.next_allowed_at)


def _is_in_vain(attempt: AttemptFacts) -> bool:
    in_vain = {"no_answer", "busy", "voicemail", "powered_off", "invalid_number"}
    return attempt.channel == "call" and attempt.relation == "self" and attempt.outcome in in_vain


def _latest(at: datetime | None) -> datetime:
    return at or datetime.max.replace(tzinfo=UTC)


@EASY
@given(cases(), st.permutations(range(14)))
def test_the_order_of_the_history_does_not_matter(case: tuple[ContactFacts, str, datetime], order: Any) -> None:
    facts, channel, now = case
    shuffled = tuple(facts.attempts[index] for index in order if index < len(facts.attempts))
    assert judge_contact(replace(facts, attempts=shuffled), channel, now, policy()) == judge_contact(*case, policy())


@EASY
@given(cases())
def test_slots_that_were_given_back_do_not_count(case: tuple[ContactFacts, str, datetime]) -> None:
    facts, channel, now = case
    held = replace(facts, attempts=tuple(slots(facts)))
    assert judge_contact(held, channel, now, policy()) == judge_contact(facts, channel, now, policy())
