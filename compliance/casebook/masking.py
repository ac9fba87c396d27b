"""Personal data as it may stand on screens, in logs and in the ledger. Masking never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"[A-Za-z0-9.+_%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_NUMBERS = re.compile(
    r"(?<!\d)(?:"
    r"\d{17}[Xx]"  # identity number with the check letter
    r"|1[3-9]\d(?:[- ]?\d{4}){2}"  # mobile
    r"|0\d{2,3}[- ]?\d{7,8}"  # landline
    r"|\d{4}(?:[- ]\d{4}){2,3}(?:[- ]\d{1,4})?"  # bank card in groups
    r"|\d{9,}"  # whatever else is as long: identity, card and account numbers
    r")(?!\d)"
)
_TOWN = re.compile(r"^.{0,40}?(?:[区县旗]|市(?!.{0,10}[区县]))")


def mask_name(name: str) -> str:
    """张三 → 张*, 欧阳修 → 欧**, John Smith → J***."""
    if name.isascii():
        return name[:1] + "***" if name else ""
    return name[:1] + "*" * (len(name) - 1)


def mask_mobile(number: str) -> str:
    """13812341234 → 138****1234; also for landlines, cards and account numbers."""
    return _keep(number, 3, 4) if len(number) >= 11 else _keep(number, 0, 2)


def mask_id(number: str) -> str:
    """110101199003071234 → 110***********1234: no date of birth."""
    return _keep(number, 3, 4) if len(number) >= 15 else _keep(number, 0, 2)


def mask_email(address: str) -> str:
    """zhangsan@example.com → z***@example.com."""
    local, at, host = address.rpartition("@")
    return f"{local[:1]}***@{host}" if at else _keep(address, 1, 0)


def mask_address(address: str) -> str:
    """Down to the district: 北京市海淀区中关村大街1号 → 北京市海淀区****."""
    town = _TOWN.match(address)
    return (town.group() if town else address[:3]) + "****"


def mask_account_no(number: str) -> str:
    """The last four characters."""
    return _keep(number, 0, min(4, len(number) // 2))


def mask_contact(kind: str, value: str) -> str:
    """A contact point's value, by its kind."""
    if kind == "email":
        return mask_email(value)
    if kind == "address":
        return mask_address(value)
    return mask_mobile(value)


def mask_text(text: str, names: Iterable[str | None] = ()) -> str:
    """Free text with every number long enough to be somebody's, every e-mail address and the given names masked.

    Dates, times and amounts below 9 digits stay. A name that is not given, or was erased, cannot be known and stays.
    """
    for name in sorted({name for name in names if name and len(name) > 1}, key=len, reverse=True):
        text = text.replace(name, mask_name(name))
    text = _EMAIL.sub(lambda found: mask_email(found.group()), text)
    return _NUMBERS.sub(lambda found: mask_mobile(found.group()), text)


def _keep(value: str, start: int, end: int) -> str:
    hidden = max(len(value) - start - end, 0)
    return value[:start] + "*" * hidden + value[len(value) - end :] if hidden else "*" * len(value)
