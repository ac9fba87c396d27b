"""Named checks that a rule may ask for: the pattern proposes, the check disposes.

A check gets the matched words, as they were folded, and the sentence and message they stand in; it answers whether the
match counts. Numbers may be separated or written with Chinese digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from compliance.judge.amounts import read_amounts
from compliance.judge.types import Message


@dataclass(frozen=True, slots=True)
class Matched:
    """What a check looks at."""

    words: str
    sentence: str
    text: str
    message: Message


_CHINESE_DIGITS = str.maketrans("零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两洞拐", "0001234567891123456789207")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10x98765432"
_CASE_NUMBER = re.compile(r"[(（\[〔]\s{0,2}20\d\d\s{0,2}[)）\]〕][^。，,;；]{2,20}?\d{1,7}号")
_COMPANY = re.compile(r"(?:股份)?有限(?:责任)?公司$")
_CHARGED = re.compile(r"委托|受托|受[^，,。]{2,20}(?:之托|指派)|代表")
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?")

_PARTS = (re.compile("本金"), re.compile("息"), re.compile("费|违约金"))
"""How principal, interest and fees are called, in the order of ``Message.owed``."""


def digits_of(words: str) -> str:
    """Only the digits (and a final ``x``), Chinese digits read as figures."""
    return re.sub(r"[^0-9x]", "", words.translate(_CHINESE_DIGITS))


def is_luhn(words: str) -> bool:
    """A card number: 13 to 19 digits, a known first digit, the right check digit."""
    digits = digits_of(words)
    if not 13 <= len(digits) <= 19 or not digits.isdigit() or digits[0] not in "3456":
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_card_shaped(words: str) -> bool:
    """A number with the length and prefix of a bank card (UnionPay 62, Visa 4, Mastercard 5), valid or mistyped."""
    digits = digits_of(words)
    return digits.isdigit() and digits[0] in "3456" and 15 <= len(digits) <= 19


def is_id_shaped(words: str) -> bool:
    """A resident identity number by province, birth date and length; the check digit may be mistyped."""
    digits = digits_of(words)
    if len(digits) != 18 or not digits[:17].isdigit() or not 11 <= int(digits[:2]) <= 82:
        return False
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2035


def is_cn_id(words: str) -> bool:
    """A resident identity number whose check digit is right (GB 11643)."""
    digits = digits_of(words)
    if not is_id_shaped(words):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return _ID_CHECK[total % 11] == digits[17]


def is_cn_mobile(words: str) -> bool:
    """A mainland mobile number: eleven digits from 13 to 19."""
    digits = digits_of(words)
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


def is_unmasked(words: str) -> bool:
    """No star, ✕ or ellipsis stands for hidden characters."""
    return not re.search(r"[*＊×✕●•]|xx|\.\.\.|…", words)


def _amount_unknown(matched: Matched) -> bool:
    """An amount that is none of the account's own figures. Without figures nothing is known to be wrong."""
    if matched.message.amounts is None:
        return False
    return any(amount not in matched.message.amounts for amount in _amounts(matched.words))


def _amounts(words: str) -> list[Decimal]:
    read = []
    for found in _AMOUNT.findall(words):
        try:
            read.append(Decimal(found.replace(",", "")))
        except InvalidOperation:
            continue
    return read


def _part_unknown(matched: Matched) -> bool:
    """A sum is named as principal, interest or fees, or as several of them together, that these are not (CN-LTR-09).

    Where only the account's figures are known and not which is which, a sum that is none of them.
    """
    message = matched.message
    parts = [place for place, name in enumerate(_PARTS) if name.search(matched.words)]
    named = [amount.value for amount in read_amounts(matched.words)]
    if message.owed is not None:
        return any(value != sum(message.owed[place] for place in parts) for value in named)
    return message.amounts is not None and len(parts) == 1 and any(value not in message.amounts for value in named)


def _parts_known(matched: Matched) -> bool:
    """It is known what the account's principal, interest and fees are, so that they can be named."""
    return matched.message.owed is not None


def _has_no_case_number(matched: Matched) -> bool:
    """The message carries no registered case number: neither in its words nor from the account."""
    return matched.message.case_no is None and not _CASE_NUMBER.search(matched.text)


def _case_number_unknown(matched: Matched) -> bool:
    """A case number is named that is not the account's own, or none is on record."""
    number = matched.message.case_no
    return number is None or number.lower() not in matched.text


def _speaks_for_another(matched: Matched) -> bool:
    """An outside agency speaks. Where nobody knows of one, nothing is claimed."""
    return matched.message.agency is not None


def _is_no_agent(matched: Matched) -> bool:
    """An outside agency speaks, and the words do not name it, or not that somebody charged it (CN-ID-02)."""
    agency = matched.message.agency
    if agency is None:
        return False
    name = _COMPANY.sub("", unicodedata.normalize("NFKC", agency).lower()).strip()
    return name not in matched.text or not _CHARGED.search(matched.text)


CHECKS: dict[str, Callable[[Matched], bool]] = {
    "luhn": lambda matched: is_luhn(matched.words),
    "card_shaped": lambda matched: is_card_shaped(matched.words),
    "cn_id": lambda matched: is_cn_id(matched.words),
    "id_shaped": lambda matched: is_id_shaped(matched.words),
    "cn_mobile": lambda matched: is_cn_mobile(matched.words),
    "unmasked": lambda matched: is_unmasked(matched.words),
    "amount_unknown": _amount_unknown,
    "part_unknown": _part_unknown,
    "parts_known": _parts_known,
    "no_case_no": _has_no_case_number,
    "case_no_unknown": _case_number_unknown,
    "agency": _speaks_for_another,
    "no_agent": _is_no_agent,
}
"""Name in the rule language → whether the match counts."""
