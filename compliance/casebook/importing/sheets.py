"""Reading a CSV or XLSX file into cells. The whole file is read, or refused, before any row is used."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from compliance.casebook.importing.encoding import decode
from compliance.judge.types import InvalidInput

MOST_BYTES = 64 * 2**20
"""Of the file, and four times as much of an XLSX file unpacked."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell without a usable value: a key of ``report.WORDS`` and its detail."""

    code: str
    detail: str = ""


Cell = str | int | float | date | datetime | Bad | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` holds each row's number and its cells; the first are the heads. Empty rows are left out."""

    rows: list[tuple[int, list[Cell]]]
    ignored_sheets: tuple[str, ...] = ()


def read_sheet(file: str, raw: bytes) -> Sheet:
    """The cells of a file's content, by the ending of its name.

    Raises:
        InvalidInput: empty, too large, of another kind or encoding, broken, or without a row below the heads.
    """
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        raise InvalidInput(f"{file} 是空文件。", code="empty", field="file")
    if len(raw) > MOST_BYTES:
        raise InvalidInput(f"{file} 超过 {MOST_BYTES >> 20} MB，请拆分。", code="too_large", field="file")
    readers = {".csv": _read_csv, ".xlsx": _read_xlsx}
    reader = readers.get(Path(file).suffix.lower())
    if reader is None:
        raise InvalidInput(f"{file}：只能导入 .csv 或 .xlsx 文件。", code="unknown_format", field="file")
    sheet = reader(file, raw)
    if len(sheet.rows) < 2:
        raise InvalidInput(f"{file}：列名之下没有数据行。", code="no_rows", field="file")
    return sheet


def _read_csv(file: str, raw: bytes) -> Sheet:
    reader = csv.reader(io.StringIO(decode(raw, file), newline=""), strict=True)
    rows: list[tuple[int, list[Cell]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, [_from_csv(cell) for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(
            f"{file}：第 {start} 行起的引号或分隔不对，无法读取（{error}）。", code="csv", field="file"
        ) from error
    return Sheet(rows)


def _from_csv(cell: str) -> Cell:
    return Bad("formula") if cell.lstrip().startswith("=") else cell


def _read_xlsx(file: str, raw: bytes) -> Sheet:
    from openpyxl import load_workbook

    _check_archive(file, raw)
    try:
        workbook = load_workbook(io.BytesIO(raw), read_only=True)
        first, *others = workbook.worksheets
        rows = [
            (number, [_from_xlsx(cell) for cell in cells])
            for number, cells in enumerate(first.iter_rows(), 1)
            if any(cell.value not in (None, "") for cell in cells)
        ]
        workbook.close()
    except workbook_errors() as error:
        raise _broken_workbook(file) from error
    return Sheet(rows, tuple(sheet.title for sheet in others if sheet.sheet_state == "visible"))


def workbook_errors() -> tuple[type[Exception], ...]:
    """What openpyxl, and what it reads with, raise for a file that is no sound workbook."""
    from openpyxl.utils.exceptions import InvalidFileException

    archive = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
    return (InvalidFileException, ParseError, KeyError, ValueError, TypeError, *archive)


def _check_archive(file: str, raw: bytes) -> None:
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInput(f"{file} 有密码或是旧版 .xls；请另存为不加密的 .xlsx。", code="xlsx", field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except workbook_errors() as error:
        raise _broken_workbook(file) from error
    if size > 4 * MOST_BYTES:
        raise InvalidInput(f"{file} 解压后过大，请拆分。", code="too_large", field="file")


def _broken_workbook(file: str) -> InvalidInput:
    return InvalidInput(f"{file} 不是完好的 XLSX 工作簿。", code="xlsx", field="file")


def _from_xlsx(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Bad("formula")
    if cell.data_type == "e":
        return Bad("cell_error", str(value)[:20])
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | datetime | date):
        return value
    text = str(value)
    return Bad("formula") if text.lstrip().startswith("=") else text
