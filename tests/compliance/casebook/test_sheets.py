"""Cells of XLSX workbooks; CSV is tested through the import."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select

from compliance.casebook import import_cases
from compliance.casebook.importing import sheets
from compliance.casebook.importing.heads import HEADS
from compliance.casebook.importing.sheets import Bad, Cell, read_sheet
from compliance.casebook.models import Account, ContactPoint
from compliance.database import Database
from compliance.judge.types import InvalidInput

ROW = {
    "委托方": "华东银行", "产品": "信用卡", "账户号": 123456789012345, "债务人编号": "D001", "姓名": "张三",
    "手机": 13812341234, "本金": 12345.67, "到期日": date(2026, 9, 1), "委外告知日": datetime(2026, 10, 1, 9, 30),  # noqa: DTZ001
}  # fmt: skip


def workbook(*rows: list[object], further: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    for title in further:
        book.create_sheet(title)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def first_cell(value: object) -> Cell:
    return read_sheet("cases.xlsx", workbook(["head"], [value])).rows[1][1][0]


def test_a_workbook_is_imported(db: Database, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(workbook(list(ROW), list(ROW.values())))
    report = import_cases(db, path, now=now, actor="chen")
    with db.read() as session:
        account = session.scalars(select(Account)).one()
        mobile = session.scalars(select(ContactPoint.value)).one()
    assert (report.created, report.errors) == (1, [])
    assert (account.account_no, account.principal, account.due_date, mobile) == (
        "123456789012345", Decimal("12345.67"), date(2026, 9, 1), "13812341234",
    )  # fmt: skip


def test_a_formula_is_named_with_its_row(db: Database, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(workbook(list(ROW), list((ROW | {"本金": "=A1+1"}).values())))
    report = import_cases(db, path, now=now, actor="chen")
    assert [(problem.row, problem.field, problem.code) for problem in report.errors] == [(2, "principal", "formula")]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=SUM(A1)", Bad("formula")),
        ("#REF!", Bad("cell_error", "#REF!")),
        (True, "True"),
        (12.5, 12.5),
        (datetime(2026, 3, 1), datetime(2026, 3, 1)),  # noqa: DTZ001 - a workbook has no zones
        ("长" * 30_000, "长" * 30_000),
    ],
    ids=["formula", "error", "truth", "number", "date", "long"],
)
def test_cells_of_a_workbook(value: object, cell: Cell) -> None:
    assert first_cell(value) == cell


def test_further_sheets_are_named() -> None:
    assert read_sheet("cases.xlsx", workbook(["head"], ["x"], further=("旧数据",))).ignored_sheets == ("旧数据",)


def test_empty_rows_are_left_out_and_numbers_kept() -> None:
    sheet = read_sheet("cases.xlsx", workbook(["head"], [None], ["x"]))
    assert [number for number, _ in sheet.rows] == [1, 3]


def without_sheet(content: bytes) -> bytes:
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(broken, "w") as new:
        for entry in old.infolist():
            text = old.read(entry)
            new.writestr(entry.filename, b"<worksheet><she" if "sheet1" in entry.filename else text)
    return broken.getvalue()


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 100_000)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 no archive", "xlsx"),
        (b"a,b\n1,2\n", "xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx"),
        (without_sheet(workbook(["head"], ["x"])), "xlsx"),
        (workbook(["head"], ["x"])[:-200], "xlsx"),
        (workbook(), "no_rows"),
        (workbook(list(HEADS)), "no_rows"),
    ],
    ids=["cut archive", "text", "old or locked", "broken sheet", "cut", "empty", "only heads"],
)
def test_a_workbook_that_cannot_be_read_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_sheet("cases.xlsx", content)
    assert refused.value.code == code


SOUND = workbook(["head"], *(["x" * (number % 40)] for number in range(200)))


@given(st.integers(0, len(SOUND) - 1), st.integers(1, 255))
def test_a_workbook_with_a_byte_that_was_changed_is_read_or_refused(place: int, change: int) -> None:
    damaged = bytearray(SOUND)
    damaged[place] ^= change
    with contextlib.suppress(InvalidInput):
        read_sheet("cases.xlsx", bytes(damaged))


@pytest.mark.parametrize("place", [6, 8])
def test_a_kind_of_archive_that_nobody_reads_is_refused(place: int) -> None:
    damaged = bytearray(SOUND)
    entry = SOUND.rindex(b"PK\x01\x02")
    damaged[entry + place] = 0xFF
    with pytest.raises(InvalidInput) as refused:
        read_sheet("cases.xlsx", bytes(damaged))
    assert refused.value.code == "xlsx"


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_BYTES", 10_000)
    with pytest.raises(InvalidInput, match="解压"):
        read_sheet("cases.xlsx", bomb())
