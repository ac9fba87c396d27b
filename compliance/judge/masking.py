"""Hiding personal data so that what is left still serves: the form in which a number or address may be written.

An identity number keeps its first six and last four characters, a card its last four, a mobile its first three and
last four, an address what names the district. What a stretch is, its digits say (``checks.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from compliance.judge.checks import digits_of, is_card_shaped, is_cn_mobile, is_id_shaped
from compliance.judge.fold import fold
from compliance.judge.types import Span

_DISTRICT = re.compile(r"^.*(?:(?<!小)(?<!社)区|县|旗|市)")
_LIVES = re.compile(r"^(?:家住|住在|住址|常住|地址)(?:在|是|为|[:：])?")
_CARD_BEFORE = re.compile(r"(?:银行)?(?:卡号|账号|帐号|卡)(?:为|是|[:：])?\s*$")
_NUMBER = re.compile(r"[0-9０-９零〇一二三四五六七八九幺两].*[0-9０-９xXＸｘ零〇一二三四五六七八九幺两]", re.DOTALL)
_PROBABLE = re.compile(r"(?<![\d-])\d[\d \-.·]{9,24}[\dxX](?![\d-])")


def mask(words: str) -> str:
    """The masked form of one number or address; the marks around it are its caller's."""
    digits = digits_of(fold(words).plain)
    if is_id_shaped(digits):
        return f"{digits[:6]}********{digits[-4:].upper()}"
    if is_card_shaped(digits):
        return f"尾号{digits[-4:]}"
    if is_cn_mobile(digits):
        return f"{digits[-11:-8]}****{digits[-4:]}"
    if len(digits) >= 11 and len(digits) >= len(words.strip()) // 2:
        return f"尾号{digits[-4:]}"
    return _mask_address(words)


def _mask_address(words: str) -> str:
    """An address up to its district, or none of it where no district is named."""
    lead = _LIVES.match(words)
    place = words[lead.end() :] if lead else words
    district = _DISTRICT.match(place)
    return (lead.group() if lead else "") + (district.group() if district else "") + "***"


def mask_spans(raw: str, spans: Iterable[Span], start: int, end: int) -> str:
    """``raw[start:end]`` with the parts of it that lie in ``spans`` masked; the offsets are those of ``raw``."""
    parts: list[str] = []
    done = start
    for span in sorted(spans, key=lambda span: span.start):
        first, last = max(span.start, done), min(span.end, end)
        if first < last:
            before = raw[done:first]
            parts += _joined(before, raw[first:last])
            done = last
    return "".join(parts) + raw[done:end]


def _joined(before: str, words: str) -> list[str]:
    """What stands before, and the masked words: 卡号6225…1234 becomes 卡尾号1234, not 卡号尾号1234."""
    number = _NUMBER.search(words)
    if number is not None and _is_number(number.group()):  # a label may stand in the span: 身份证110105…
        before, after, words = before + words[: number.start()], words[number.end() :], number.group()
        hidden = mask(words)
        if hidden.startswith("尾号"):
            before = _CARD_BEFORE.sub("卡", before)
        return [before, hidden, after]
    return [before, mask(words)]


def _is_number(words: str) -> bool:
    digits = digits_of(fold(words).plain)
    return is_id_shaped(digits) or is_card_shaped(digits) or is_cn_mobile(digits)


def find_numbers(raw: str, start: int, end: int) -> list[Span]:
    """Where identity, card and mobile numbers stand in full in ``raw[start:end]``."""
    return [Span(*match.span()) for match in _PROBABLE.finditer(raw, start, end) if _is_number(match.group())]
