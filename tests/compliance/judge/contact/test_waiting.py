"""When waiting helps: the exact instant, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from compliance.judge.facts import ContactFacts
from tests.compliance.judge.contact.people import DAY, agreement, call, judge, local, with_

NEW_YORK, CAIRO, LORD_HOWE = "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"


def window(zone: str, start: time, end: time) -> ContactFacts:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return with_(timezone=zone, agreements=(agreement(since=since, window_start=start, window_end=end),))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


FULL = (call("connected", at=utc(2026, 4, 23, 9)),) * 3
CHANGES = [
    ("a start that the clocks skip", window(NEW_YORK, time(2, 30), time(4)), utc(2026, 3, 8, 6), utc(2026, 3, 8, 7)),
    ("an hour that comes twice", window(NEW_YORK, time(0, 30), time(1, 30)), utc(2026, 11, 1, 5, 45),
     utc(2026, 11, 1, 6)),
    ("the first of two", window(NEW_YORK, time(1, 15), time(1, 30)), utc(2026, 11, 1, 5), utc(2026, 11, 1, 5, 15)),
    ("the second of two", window(NEW_YORK, time(1, 15), time(1, 30)), utc(2026, 11, 1, 5, 40), utc(2026, 11, 1, 6, 15)),
    ("half an hour skipped", window(LORD_HOWE, time(2, 10), time(3)), utc(2026, 10, 3, 15), utc(2026, 10, 3, 15, 30)),
    ("a day without a midnight", window(CAIRO, time(0), time(3)), utc(2026, 4, 23, 19), utc(2026, 4, 23, 22)),
    ("a counter on a day without a midnight",
     with_(timezone=CAIRO, attempts=FULL, agreements=window(CAIRO, time(20), time(3)).agreements),
     utc(2026, 4, 23, 19), utc(2026, 4, 23, 22)),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "now", "expected"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_the_first_instant_when_clocks_change(facts: ContactFacts, now: datetime, expected: datetime) -> None:
    assert judge(facts, now=now).next_allowed_at == expected


def test_a_leap_day_is_a_day_of_its_own() -> None:
    facts = with_(collector_trained_until=None, attempts=(call("connected", at=local(2028, 2, 28, 12)),) * 3)
    assert judge(facts, now=local(2028, 2, 28, 13)).next_allowed_at == local(2028, 2, 29, 8)


def test_an_agreement_that_ends_gives_the_default_back() -> None:
    until = local(2026, 11, 20, 9, 30)
    facts = with_(agreements=(agreement(channels=("sms",), until=until),))
    assert judge(facts).next_allowed_at == until


def test_a_wish_without_an_end_is_not_waited_out() -> None:
    assert judge(with_(agreements=(agreement(channels=("sms",)),))).next_allowed_at is None


def test_a_pause_is_waited_out() -> None:
    begun = local(2026, 11, 10, 15)
    facts = with_(vulnerable=("illness",), vulnerable_since=(("illness", begun),))
    assert judge(facts).next_allowed_at == local(2026, 12, 10, 8)


def test_training_that_runs_out_meanwhile_is_not_waited_for() -> None:
    facts = with_(collector_trained_until=local(2026, 11, 18).date(), attempts=(call("connected"),) * 3)
    assert judge(facts).next_allowed_at is None


def test_seconds_are_kept() -> None:
    now = local(2026, 11, 18, 12, 0, 1) + DAY / 86_400_000_000
    assert judge(now=now).next_allowed_at == now
