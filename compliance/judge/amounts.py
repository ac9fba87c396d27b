"""Amounts of money as people say them: ``3344块1毛3``, ``八千八百六十五块七毛八``, ``一万五``, ``2992.4元``.

Works on folded text. A vague amount (五千多, 大概三千) is no claim and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_NUMERALS = "零一二三四五六七八九"
_DIGITS = {char: value for value, char in enumerate(_NUMERALS)} | {"〇": 0, "两": 2, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = "零〇一二两三四五六七八九十百千万幺"
_SMALL = "[0-9零一二三四五六七八九两]"
_AMOUNT = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]{{1,2}})?|[0-9]{{1,9}}(?:\.[0-9]{{1,2}})?|[{_CHINESE}]{{1,14}})(?P<wan>万)?"
    rf"(?:(?P<yuan>块钱?|元|圆)(?:(?P<jiao>{_SMALL})(?:毛|角)?(?P<fen>{_SMALL})?分?)?)?"
)
_VAGUE_BEFORE = re.compile(r"(?:大概|差不多|大约|将近|接近|快|不到|超过|约)$")
_VAGUE_AFTER = re.compile(r"^(?:多|来块|几|左右|上下|出头|以上|以内|%|个|天|号|期|年|月|岁|点)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum in yuan and where it stands. ``exact`` says whether jiao or fen were named, or a decimal point."""

    value: Decimal
    start: int
    end: int
    exact: bool

    def means(self, figure: Decimal) -> bool:
        """Whether this is how a figure is said: whole yuan may leave out what follows the point."""
        return abs(self.value - figure) < (Decimal("0.005") if self.exact else 1)


def read_amounts(plain: str) -> Iterator[Amount]:
    """Every definite amount of a folded text, in order. Numbers without a unit of money count as yuan."""
    for match in _AMOUNT.finditer(plain):
        whole = _number(match["whole"])
        before, after = plain[max(0, match.start() - 3) : match.start()], plain[match.end() : match.end() + 3]
        if whole is None or _VAGUE_BEFORE.search(before) or _VAGUE_AFTER.match(after):
            continue
        value = whole * (10_000 if match["wan"] else 1)
        value += Decimal(_digit(match["jiao"])) / 10 + Decimal(_digit(match["fen"])) / 100
        yield Amount(value, match.start(), match.end(), match["jiao"] is not None or "." in match["whole"])


def find_day(plain: str, day: date) -> tuple[int, int] | None:
    """Where a folded text names a day by month and day (8月20号, 八月二十): half-open; ``None`` where it does not."""
    month, number = (f"(?:{value}|{_write(value)})" for value in (day.month, day.day))
    found = re.search(rf"(?<![0-9十]){month}月份?{number}(?![0-9一二三四五六七八九十])(?:[号日])?", plain)
    return found and found.span()


def _write(number: int) -> str:
    """1 to 31 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _NUMERALS[tens]) + "十" if tens else ""
    return head + (_NUMERALS[ones] if ones else "")


def _digit(char: str | None) -> int:
    if char is None:
        return 0
    return _DIGITS[char] if char in _DIGITS else int(char)


def _number(words: str) -> Decimal | None:
    """``words`` as a number, or ``None`` where they are none (百千, 千万)."""
    if words[0].isdigit() and words[0] not in _DIGITS:
        return Decimal(words.replace(",", ""))
    total, section, digit, last = 0, 0, None, 0
    for char in words:
        if char in _DIGITS:
            if digit is not None and digit != 0:
                return None  # digits in a row spell a number out: a telephone or card number
            digit = _DIGITS[char]
            continue
        if char == "万":
            total, section, digit, last = (total + section + (digit or 0)) * 10_000, 0, None, 10_000
            continue
        section += (digit if digit else 1) * _UNITS[char]
        digit, last = None, _UNITS[char]
    if digit is not None:  # 一万五 is 15,000, but 一万零五 is 10,005
        section += digit * (last // 10 if last > 10 and "零" not in words[-2:] else 1)
    return Decimal(total + section) if total + section or words == "零" else None
