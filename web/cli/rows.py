"""Reading rows to be screened: JSONL, CSV, XLSX or Parquet by the ending, ``-`` is JSONL on standard input.

Each row comes with its line (or row) number. A line that cannot be read is yielded as an error in its place,
so that the rest is still done.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from compliance.judge.types import InvalidInput

Row = dict[str, Any] | InvalidInput
RawRow = Row | bytes
"""A row, or a line of JSON that nobody has looked at yet: whoever judges it may be another process."""
ENCODINGS = ("utf-8-sig", "gb18030")
LONGEST_CELL = 16 * 2**20
"""Characters in a cell of a CSV file."""


def read_rows(source: str) -> Iterator[tuple[int, Row]]:
    """Rows of ``source`` with their numbers, from 1. Raises ``InvalidInput`` as ``read_raw_rows`` does."""
    return parse_rows(read_raw_rows(source))


def parse_rows(rows: Iterable[tuple[int, RawRow]]) -> Iterator[tuple[int, Row]]:
    """Rows as they are, lines of JSON read, empty ones left out; an ``InvalidInput`` says what is wrong with a line."""
    for number, row in rows:
        if not isinstance(row, bytes):
            yield number, row
        elif row.strip():
            yield number, _json_row(row)


def read_raw_rows(source: str) -> Iterator[tuple[int, RawRow]]:
    """The same, with lines of JSON as they stand in the file.

    Raises:
        InvalidInput: the file is missing, of an unknown kind, or in an unknown encoding.
    """
    if source == "-":
        return enumerate(sys.stdin.buffer, 1)
    path = Path(source)
    if not path.is_file():
        raise InvalidInput(f"no file at {source}", code="no_file", field="INPUT")
    readers: dict[str, Callable[[Path], Iterator[tuple[int, RawRow]]]]
    readers = {".jsonl": _jsonl_file, ".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput(
            f"{path.name}: the ending must be one of {', '.join(readers)}", code="unknown_format", field="INPUT"
        )
    return reader(path)


def _jsonl_file(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(file, 1)


def _json_row(line: bytes) -> Row:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError:
        return InvalidInput("the line is not UTF-8", code="encoding")
    except (ValueError, RecursionError) as error:
        return InvalidInput(f"the line is not JSON: {error}", code="json")
    if not isinstance(row, dict):
        return InvalidInput("the line is not a JSON object", code="json")
    return row


def _csv(path: Path) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(LONGEST_CELL)  # one longer than any message is refused by whoever judges it, the rest is done
    reader = csv.reader(io.StringIO(_decode(path), newline=""), strict=True)
    heads: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problem = f"quotes or separators are wrong up to line {reader.line_num}: {error}"
            if not heads:  # else the first row of texts would be taken for them
                raise InvalidInput(f"{path.name}: {problem}", code="csv", field="INPUT") from error
            yield line, InvalidInput(problem, code="csv")
            continue
        if cells is None:
            return
        if not heads:
            heads = _distinct(cells, path)
        elif any(cells):
            yield line, _csv_row(heads, cells)


def _distinct(heads: Sequence[str], path: Path) -> list[str]:
    """The heads of columns. Raises ``InvalidInput`` where nobody could say which of two is meant."""
    names = [head.strip() for head in heads]
    for name in names:
        if name and names.count(name) > 1:
            raise InvalidInput(f"{path.name}: two columns are headed {name!r}", code="columns", field="INPUT")
    return names


def _csv_row(heads: Sequence[str], cells: Sequence[str]) -> Row:
    if any(cells[len(heads) :]):  # else only the part of a text before its comma would be judged
        return InvalidInput("more cells than columns: a comma within a text needs quotes around the text", code="cells")
    return {head: cell for head, cell in zip(heads, cells, strict=False) if head and cell}


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(f"{path.name}: neither UTF-8 nor GB18030; save it as UTF-8", code="encoding", field="INPUT")


def _xlsx(path: Path) -> Iterator[tuple[int, Row]]:
    from compliance.casebook.importing.sheets import workbook_errors  # brings the database with it

    return _while_sound(_xlsx_rows(path), workbook_errors(), f"{path.name} is not an XLSX workbook", "xlsx")


def _xlsx_rows(path: Path) -> Iterator[tuple[int, Row]]:
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True, data_only=True).active
    if sheet is None:
        raise InvalidInput(f"{path.name} holds no sheet", code="xlsx", field="INPUT")
    rows = sheet.iter_rows(values_only=True)
    heads = _distinct([str(cell) if cell is not None else "" for cell in next(rows, ())], path)
    for number, cells in enumerate(rows, 2):
        row = {head: str(cell) for head, cell in zip(heads, cells, strict=False) if head and cell is not None}
        if row:
            yield number, row


def _parquet(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        from pyarrow.lib import ArrowException
    except ImportError as error:
        raise InvalidInput("Parquet needs the package pyarrow", code="missing_package", field="INPUT") from error
    return _while_sound(_parquet_rows(path), (ArrowException, OSError), f"{path.name} is not a Parquet file", "parquet")


def _parquet_rows(path: Path) -> Iterator[tuple[int, Row]]:
    from pyarrow import parquet

    number = 0
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=10_000):
        for row in batch.to_pylist():
            number += 1
            yield number, {key: value for key, value in row.items() if value is not None}


def _while_sound(
    rows: Iterator[tuple[int, Row]], broken: tuple[type[Exception], ...], not_one: str, code: str
) -> Iterator[tuple[int, Row]]:
    """The rows up to where the file is damaged, and there an error in their place.

    Raises:
        InvalidInput: ``not_one``, where not even the first can be read.
    """
    number = 0
    try:
        for number, row in rows:
            yield number, row
    except InvalidInput:
        raise
    except broken as error:
        if not number:
            raise InvalidInput(f"{not_one}: {error}", code=code, field="INPUT") from error
        yield number + 1, InvalidInput(f"the file is damaged, nothing from here on was read: {error}", code=code)
