"""From the cells of one row to typed values. A cell that cannot be used raises :class:`BadCell`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from compliance.casebook.importing.sheets import Bad, Cell

LONGEST = {
    "creditor": 200, "agency": 200, "product": 40, "account_no": 64, "debtor_ref": 64, "name": 100,
    "address": 300, "collector": 64,
}  # fmt: skip
MOST_YUAN = Decimal(10) ** 12
_ANY_CELL = 400
"""No cell of any field is longer."""
_AMOUNT = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}")
_ROUNDED = re.compile(r"\s*\d(?:\.\d+)?E\+\d+\s*")
"""6.22202E+15: what a spreadsheet leaves of a long number when it saves CSV."""
_YEARS = range(1990, 2101)


class BadCell(ValueError):
    """A cell that cannot be used: a key of ``report.WORDS`` and its detail."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def read_text(cell: Cell, longest: int = _ANY_CELL) -> str:
    """The cell as text without blanks around it.

    Digits are never made up: a number of more than 15 digits, which a workbook rounds, is refused.
    """
    if isinstance(cell, Bad):
        raise BadCell(cell.code, cell.detail)
    if (isinstance(cell, int | float) and abs(cell) >= 10**15) or (isinstance(cell, str) and _ROUNDED.fullmatch(cell)):
        raise BadCell("long_number")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "" if cell is None else str(cell).strip()
    if len(text) > longest:
        raise BadCell("too_long", str(longest))
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn") or character == "\ufffd" for character in text):
        raise BadCell("unprintable")
    return text


def read_id_number(cell: Cell) -> str:
    """An 18-digit identity number whose check digit, date and place fit, with a capital X."""
    try:
        number: str = ric.validate(_narrow(read_text(cell)))
    except ValidationError as error:
        raise BadCell("id_number") from error
    return number


def read_mobile(cell: Cell) -> str:
    """11 digits for the mainland, E.164 for elsewhere."""
    try:
        number = phonenumbers.parse(_narrow(read_text(cell)), "CN")
    except phonenumbers.NumberParseException as error:
        raise BadCell("mobile") from error
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in kinds:
        raise BadCell("mobile")
    if number.country_code == 86:
        return phonenumbers.national_significant_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_email(cell: Cell) -> str:
    """An address that could receive mail."""
    text = _narrow(read_text(cell))
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise BadCell("email")
    return text


def read_amount(cell: Cell) -> Decimal:
    """Yuan with two decimals, not negative; thousands separators and ¥ are read."""
    # A workbook computes with 17 digits and shows 15: the last two are no part of the amount.
    text = _narrow(f"{cell:.15g}" if isinstance(cell, float) else read_text(cell))
    text = text.removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise BadCell("amount")
    if len((found.group(1) or "").rstrip("0")) > 2:
        raise BadCell("decimals")
    amount = Decimal(text.replace(",", "")).quantize(Decimal("0.01")) if len(text) < 24 else MOST_YUAN
    if amount < 0:
        raise BadCell("negative")
    if amount >= MOST_YUAN:
        raise BadCell("too_large")
    return amount


def read_date(cell: Cell) -> date:
    """A day: 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301, or a date of the workbook."""
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise BadCell("date")
        cell = cell.date()
    day = cell if isinstance(cell, date) else _day(_narrow(read_text(cell)))
    if day is None or day.year not in _YEARS:
        raise BadCell("date")
    return day


def read_instant(cell: Cell, zone: ZoneInfo) -> datetime:
    """A day (its first instant) or a day and time; local to ``zone`` where no offset is given. In UTC."""
    at = cell if isinstance(cell, datetime) else None
    if at is None and isinstance(cell, date):
        at = datetime.combine(cell, time())
    if at is None:
        text = _narrow(read_text(cell))
        day = _day(text)
        at = datetime.combine(day, time()) if day else _moment(text)
    if at is None or at.year not in _YEARS:
        raise BadCell("instant")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def reader_of(field: str, zone: ZoneInfo) -> Callable[[Cell], object]:
    """The function that reads a cell of this field."""
    readers: dict[str, Callable[[Cell], object]] = {
        "id_number": read_id_number,
        "mobile": read_mobile,
        "email": read_email,
        "principal": read_amount,
        "interest": read_amount,
        "fees": read_amount,
        "due_date": read_date,
        "contract_date": read_date,
        "outsourcing_notice_at": lambda cell: read_instant(cell, zone),
    }
    return readers.get(field) or (lambda cell: read_text(cell, LONGEST[field]))


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(group) for group in found.groups() if group)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    day, _, clock = text.replace("T", " ", 1).partition(" ")
    found = _day(day)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found.isoformat()}T{clock.strip()}")
    except ValueError:
        return None


def _narrow(text: str) -> str:
    """Full-width letters and digits as ASCII."""
    return unicodedata.normalize("NFKC", text)
