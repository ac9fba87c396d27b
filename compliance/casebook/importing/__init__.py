"""Importing accounts from CSV and XLSX: read the whole file, check every row, write in one transaction.

1. The file is read whole or refused whole: encoding, kind, heads.
2. Every row is checked on its own and against the others of the file; what is wrong is reported cell by cell.
3. Good rows are compared with the casebook and written, with one ledger entry, in one transaction. A dry run does
   the same and rolls back; ``all_or_nothing`` rolls back where any row is wrong.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.importing.heads import read_heads
from compliance.casebook.importing.report import ImportReport, Problem
from compliance.casebook.importing.rows import CaseRow, read_rows
from compliance.casebook.importing.sheets import MOST_BYTES, Bad, Cell, read_sheet
from compliance.casebook.importing.storing import store
from compliance.casebook.stages import load_stages
from compliance.database import Database
from compliance.judge.types import InvalidInput

__all__ = ["ImportReport", "Problem", "import_cases"]


class _RolledBack(Exception):
    """Nothing is to be written; carries the report out of the transaction."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


def import_cases(
    db: Database, path: Path, *, dry_run: bool = False, all_or_nothing: bool = False, now: datetime, actor: str
) -> ImportReport:
    """Import the accounts of a CSV or XLSX file, one a row.

    Days and times without an offset are those of the creditor's calendar (``packs/cn/stages.toml``). The same file
    again changes nothing. An empty cell never erases what is recorded.

    Raises:
        InvalidInput: the file as a whole cannot be read; nothing was written.
    """
    raw = _read_file(path)
    sheet = read_sheet(path.name, raw)
    columns, unknown = read_heads([_head(cell) for cell in sheet.rows[0][1]])
    rows, problems = read_rows(columns, sheet.rows[1:], now, load_stages().zone)
    checked = ImportReport(
        file=path.name,
        sha256=hashlib.sha256(raw).hexdigest(),
        dry_run=dry_run,
        rows=len(sheet.rows) - 1,
        errors=problems,
        unknown_columns=unknown,
        ignored_sheets=sheet.ignored_sheets,
    )

    def work(session: Session) -> ImportReport:
        report = replace(checked, errors=list(problems), new_creditors=[])
        return _write(session, rows, report, all_or_nothing, now, actor)

    try:
        try:
            return db.run(work)
        except IntegrityError:
            return db.run(work)  # somebody else wrote the same account or person first: now it is there to be compared
    except _RolledBack as rolled_back:
        return rolled_back.report


def _write(
    session: Session, rows: list[CaseRow], report: ImportReport, all_or_nothing: bool, now: datetime, actor: str
) -> ImportReport:
    store(session, rows, report, now, actor)
    report.errors.sort(key=lambda problem: problem.row)
    if report.dry_run or (all_or_nothing and report.errors):
        raise _RolledBack(report)
    report.written = True
    body = {name: getattr(report, name) for name in ("sha256", "rows", "created", "updated", "unchanged", "refused")}
    ledger.append(session, at=now, actor=actor, kind="cases:imported", subject=f"file:{report.sha256[:16]}", body=body)
    return report


def _head(cell: Cell) -> str:
    if isinstance(cell, Bad):
        return "=…"
    return "" if cell is None else str(cell)


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"无法读取文件 {path.name}：{error.strerror}。", code="no_file", field="file") from error
