"""Rows of the file as typed values, with every problem of every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from compliance.casebook.importing.fields import BadCell, reader_of
from compliance.casebook.importing.heads import REQUIRED
from compliance.casebook.importing.report import Problem
from compliance.casebook.importing.sheets import Cell


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One account. ``None`` is an empty cell, which changes nothing of an account that is there already."""

    number: int
    creditor: str
    product: str
    account_no: str
    debtor_ref: str
    name: str
    principal: Decimal
    due_date: date
    agency: str | None = None
    id_number: str | None = None
    mobile: str | None = None
    email: str | None = None
    address: str | None = None
    interest: Decimal | None = None
    fees: Decimal | None = None
    contract_date: date | None = None
    collector: str | None = None
    outsourcing_notice_at: datetime | None = None


_FIELDS = [field.name for field in fields(CaseRow)][1:]


def read_rows(
    columns: Sequence[str | None], rows: Sequence[tuple[int, list[Cell]]], now: datetime, zone: ZoneInfo
) -> tuple[list[CaseRow], list[Problem]]:
    """The good rows in order, and what is wrong with the others."""
    good: list[CaseRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    people: dict[str, CaseRow] = {}
    for number, cells in rows:
        row, wrong = _read_row(columns, number, cells, now, zone)
        if row is not None:
            wrong = _against_others(row, seen, people)
        problems.extend(wrong)
        if row is not None and not wrong:
            good.append(row)
    return good, problems


def _read_row(
    columns: Sequence[str | None], number: int, cells: list[Cell], now: datetime, zone: ZoneInfo
) -> tuple[CaseRow | None, list[Problem]]:
    problems: list[Problem] = []
    if any(cell not in (None, "") for cell in cells[len(columns) :]):
        problems.append(Problem(number, None, "extra_cells"))
    found = dict(zip(columns, cells, strict=False))
    values: dict[str, Any] = {}
    for field in _FIELDS:
        try:
            values[field] = _value(field, found.get(field), zone)
        except BadCell as bad:
            problems.append(Problem(number, field, bad.code, bad.detail))
    problems += _against_each_other(number, values, now)
    return (None if problems else CaseRow(number, **values)), problems


def _value(field: str, cell: Cell, zone: ZoneInfo) -> object:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        if field in REQUIRED:
            raise BadCell("missing")
        return None
    return reader_of(field, zone)(cell)


def _against_each_other(number: int, values: dict[str, Any], now: datetime) -> list[Problem]:
    """What only shows when two cells, or a cell and the clock, are seen together."""
    problems = []
    contract, due = values.get("contract_date"), values.get("due_date")
    if contract and due and contract > due:
        problems.append(Problem(number, "contract_date", "after_due"))
    notice = values.get("outsourcing_notice_at")
    if notice and notice > now:
        problems.append(Problem(number, "outsourcing_notice_at", "future"))
    return problems


def _against_others(row: CaseRow, seen: dict[tuple[str, str], int], people: dict[str, CaseRow]) -> list[Problem]:
    """An account comes once in a file, and a debtor's number stands for one person."""
    first = seen.setdefault((row.creditor, row.account_no), row.number)
    if first != row.number:
        return [Problem(row.number, "account_no", "duplicate", str(first))]
    other = people.setdefault(row.debtor_ref, row)
    if not same_person(row, other.name, other.id_number):
        return [Problem(row.number, "debtor_ref", "other_person", f"第 {other.number} 行 / row {other.number}")]
    return []


def same_person(row: CaseRow, name: str, id_number: str | None) -> bool:
    """Whether the row can be about this person: the same name, and no other identity number."""
    return row.name == name and (row.id_number is None or id_number is None or row.id_number == id_number)
