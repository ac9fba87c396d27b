"""Rows to be screened: what is wrong with a file is told where it is wrong, and the rest is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from compliance.judge.types import InvalidInput
from web.cli.rows import LONGEST_CELL, read_rows

Read = Callable[[str], list[tuple[int, object]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a CSV file of this content; an error stands as its code."""

    def read_content(content: str) -> list[tuple[int, object]]:
        file = tmp_path / "rows.csv"
        file.write_text(content, encoding="utf-8")
        return told(file)

    return read_content


def told(file: Path) -> list[tuple[int, object]]:
    return [(number, row.code if isinstance(row, InvalidInput) else row) for number, row in read_rows(str(file))]


def workbook(folder: Path, rows: int, change: Callable[[bytes], bytes]) -> Path:
    """A workbook of so many texts, the XML of its sheet changed."""
    book, sound, file = Workbook(), folder / "sound.xlsx", folder / "rows.xlsx"
    assert book.active is not None
    for row in (("id", "text"), *((number, f"您好{number}") for number in range(rows))):
        book.active.append(row)
    book.save(sound)
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if "sheet1" in name else old.read(name))
    return file


def test_a_text_is_not_cut_at_its_comma(read: Read) -> None:
    rows = read("id,text\n1,您好,再不还钱就打断你的腿\n2,您好\n3,您好,,\n")

    assert rows == [(2, "cells"), (3, {"id": "2", "text": "您好"}), (4, {"id": "3", "text": "您好"})]


def test_a_quote_that_is_never_closed_is_told(read: Read) -> None:
    assert read('id,text\n1,您好\n2,"您好\n3,您好\n') == [(2, {"id": "1", "text": "您好"}), (3, "csv")]


def test_the_first_text_is_not_taken_for_heads_that_cannot_be_read(read: Read) -> None:
    with pytest.raises(InvalidInput, match="up to line 1"):
        read('"id"x,text\n1,再不还钱就打断你的腿\n')


def test_after_a_line_that_cannot_be_read_comes_the_next(read: Read) -> None:
    assert read('id,text\n1,"您好"吗\n2,您好\n') == [(2, "csv"), (3, {"id": "2", "text": "您好"})]


def test_a_text_of_several_lines_is_numbered_by_its_first(read: Read) -> None:
    assert [number for number, _ in read('id,text\n1,"您\n好"\n\n2,您好\n')] == [2, 5]


def test_a_cell_longer_than_any_message_does_not_end_the_reading(read: Read) -> None:
    rows = read(f'id,text\n1,"{"好" * 200_000}"\n2,"{"a" * (LONGEST_CELL + 1)}"\n3,您好\n')

    assert [row if row == "csv" else "read" for _, row in rows] == ["read", "csv", "read"]


def test_two_columns_of_one_name_are_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="two columns are headed 'text'"):
        read("id,text, text\n1,您好,再不还钱就打断你的腿\n")
    with pytest.raises(InvalidInput, match="two columns are headed 'text'"):
        told(workbook(tmp_path, 1, lambda xml: xml.replace(b">id<", b">text<")))


def test_a_damaged_workbook_is_read_as_far_as_it_is_sound(tmp_path: Path) -> None:
    rows = told(workbook(tmp_path, 300, lambda xml: xml[: len(xml) // 2]))

    *sound, last = rows
    assert len(sound) > 100
    assert all(row["text"].startswith("您好") for _, row in sound if isinstance(row, dict))
    assert last == (sound[-1][0] + 1, "xlsx")


@pytest.mark.parametrize("content", [b"hello", b"PK\x03\x04junk", b""])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.xlsx").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"rows\.xlsx is not an XLSX workbook"):
        told(tmp_path / "rows.xlsx")


def test_a_workbook_without_the_xml_of_its_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"rows\.xlsx is not an XLSX workbook"):
        told(workbook(tmp_path, 3, lambda xml: b""))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table({"text": [f"您好，请还款{number}" for number in range(5_000)]}), file)
    sound = bytearray(file.read_bytes())
    for place in range(100, len(sound) - 2_000, 997):
        sound[place] ^= 0xFF
    file.write_bytes(sound)

    with pytest.raises(InvalidInput, match=r"rows\.parquet is not a Parquet file"):
        told(file)
