"""Amounts as people say them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.judge.amounts import find_day, read_amounts


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("3344块1毛3", "3344.13"),
        ("八千八百六十五块七毛八", "8865.78"),
        ("一万六千零六十八块四毛九", "16068.49"),
        ("七千九百六十二块四", "7962.4"),
        ("2992.4元", "2992.4"),
        ("110088元", "110088"),
        ("12,068.99元", "12068.99"),
        ("一万五", "15000"),
        ("一万零五", "10005"),
        ("两万二", "22000"),
        ("3.5万", "35000"),
        ("一百一十块", "110"),
    ],
)
def test_reads_the_amount_that_is_said(words: str, value: str) -> None:
    assert [amount.value for amount in read_amounts(words)] == [Decimal(value)]


@pytest.mark.parametrize("words", ["五千多块", "大概3000元", "三千左右", "十一月", "15天", "工号零六二一"])
def test_vague_amounts_and_other_numbers_are_no_amounts(words: str) -> None:
    assert list(read_amounts(words)) == []


def test_the_place_is_that_of_the_words() -> None:
    plain = "一共3344块1毛3，谢谢"
    (amount,) = [amount for amount in read_amounts(plain) if amount.exact]
    assert plain[amount.start : amount.end] == "3344块1毛3"


@pytest.mark.parametrize(
    ("plain", "day", "found"),
    [
        ("8月20号该还的没进来", date(2026, 8, 20), "8月20号"),
        ("是八月二十号那期", date(2026, 8, 20), "八月二十号"),
        ("十月三十一日到的期", date(2026, 10, 31), "十月三十一日"),
        ("9月1那期", date(2026, 9, 1), "9月1"),
        ("12月5号", date(2026, 2, 5), None),
        ("十二月五号", date(2026, 2, 5), None),
        ("8月20号", date(2026, 8, 2), None),
        ("二十号", date(2026, 8, 20), None),
    ],
)
def test_a_day_is_found_by_month_and_day(plain: str, day: date, found: str | None) -> None:
    place = find_day(plain, day)
    assert (plain[slice(*place)] if place else None) == found


def test_whole_yuan_may_leave_out_what_follows_the_point() -> None:
    whole, exact = (next(read_amounts(words)) for words in ("13508块", "13508块5"))
    assert whole.means(Decimal("13508.50"))
    assert not whole.means(Decimal("13509.50"))
    assert exact.means(Decimal("13508.50"))
    assert not exact.means(Decimal("13508.00"))
