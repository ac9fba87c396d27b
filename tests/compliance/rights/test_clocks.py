"""Clocks count calendar days of the debtor, the day of receipt left out."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from compliance.judge.types import InvalidInput
from compliance.rights.clocks import clocks_of, extended_due_at, find_due, find_extension
from compliance.rights.models import NOTICE_TYPES, REQUEST_TYPES

SHANGHAI = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 11, 18, 10, 30, tzinfo=SHANGHAI)
STATUTORY = {"complaint": 15, "credit_dispute": 20}


def test_every_type_of_request_has_a_clock_and_an_effect() -> None:
    assert clocks_of().requests.keys() == set(REQUEST_TYPES)


def test_every_type_of_notice_has_a_name() -> None:
    assert clocks_of().notices.keys() == set(NOTICE_TYPES)


@pytest.mark.parametrize(
    ("kind", "day"),
    [("complaint", (2026, 12, 3)), ("credit_dispute", (2026, 12, 8)), ("plan", (2026, 11, 25))],
    ids=["complaint 15 days", "credit dispute 20 days", "plan 7 days"],
)
def test_the_last_day_counts_to_its_end(kind: str, day: tuple[int, int, int]) -> None:
    due = find_due(clocks_of(), kind, RECEIVED, "Asia/Shanghai")
    assert due.at == datetime(*day, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.mark.parametrize("kind", REQUEST_TYPES)
def test_a_period_without_a_statute_is_house_policy(kind: str) -> None:
    due = find_due(clocks_of(), kind, RECEIVED, None)
    assert due.house is (kind not in STATUTORY)


@pytest.mark.parametrize("kind", REQUEST_TYPES)
def test_what_is_not_verified_is_never_a_statutory_period(kind: str) -> None:
    due = find_due(clocks_of(), kind, RECEIVED, None)
    assert due.house or all(cite.confidence != "not verified" for cite in due.cites)


def test_the_day_of_receipt_is_the_debtors() -> None:
    received = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)  # still the 17th in New York
    due = find_due(clocks_of(), "complaint", received, "America/New_York")
    assert due.at == datetime(2026, 12, 2, 23, 59, 59, tzinfo=ZoneInfo("America/New_York"))


def test_a_leap_day_is_a_day() -> None:
    due = find_due(clocks_of(), "complaint", datetime(2028, 2, 20, 9, tzinfo=SHANGHAI), None)
    assert due.at == datetime(2028, 3, 6, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("name", "day", "approval"),
    [("complex", (2026, 12, 18), False), ("special", (2027, 1, 17), True)],
)
def test_a_longer_period_counts_from_receipt(name: str, day: tuple[int, int, int], approval: bool) -> None:
    extension = find_extension(clocks_of(), "complaint", RECEIVED, name)
    assert extended_due_at(clocks_of(), extension, RECEIVED, None) == datetime(*day, 23, 59, 59, tzinfo=SHANGHAI)
    assert extension.approval is approval


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(InvalidInput) as raised:
        find_due(clocks_of(), "refund", RECEIVED, None)
    assert raised.value.field == "type"
