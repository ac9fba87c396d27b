"""How old the debt is: reminders before it is overdue, and what is said when a court would no longer help."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.judge.types import Decision
from tests.compliance.judge.contact.people import finding, judge, local, said, with_

ALLOW, REVIEW, _ = Decision
DUE = date(2026, 11, 15)
LATE = {"not_overdue": REVIEW}


@pytest.mark.parametrize(
    ("day", "channel", "expected"),
    [(14, "call", LATE), (15, "call", LATE), (18, "call", LATE), (18, "visit", LATE), (19, "call", {}),
     (14, "sms", {}), (18, "email", {}), (18, "letter", {})],
)  # fmt: skip
def test_until_the_days_of_grace_are_over_only_words_remind(
    day: int, channel: str, expected: dict[str, Decision]
) -> None:
    facts = with_(due_date=DUE, visitors=2)
    assert said(judge(facts, channel, local(2026, 11, day, 10))) == expected


def test_from_when_on_a_call_may_be_made() -> None:
    ruling = judge(with_(due_date=DUE), "call", local(2026, 11, 16, 10))
    assert ruling.next_allowed_at == local(2026, 11, 19, 8)


def test_a_day_long_ahead_is_found_too() -> None:
    ruling = judge(with_(due_date=date(2027, 1, 20)), "call", local(2026, 11, 16, 10))
    assert ruling.next_allowed_at == local(2027, 1, 24, 8)


def test_grace_is_house_policy_and_says_so() -> None:
    shown = finding(judge(with_(due_date=DUE), "call", local(2026, 11, 18, 10)), "not_overdue")
    assert shown.why.startswith("【机构策略，非法律规定】应还款日为 2026-11-15，宽限期到 2026-11-18 为止")


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2023, 11, 19), {}),
        (date(2023, 11, 18), {"limitation": ALLOW}),
        (date(2004, 2, 29), {"limitation": ALLOW}),
        (None, {}),
    ],
)
def test_three_years_are_said_and_hold_nothing(due: date | None, expected: dict[str, Decision]) -> None:
    ruling = judge(with_(due_date=due))
    assert said(ruling) == expected
    assert ruling.decision is ALLOW


def test_the_29th_of_february_ends_on_the_1st_of_march() -> None:
    facts = with_(due_date=date(2024, 2, 29))
    assert said(judge(facts, now=local(2027, 2, 28, 10))) == {}
    assert said(judge(facts, now=local(2027, 3, 1, 10))) == {"limitation": ALLOW}
