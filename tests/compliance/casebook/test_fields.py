"""What one cell may hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from compliance.casebook.importing.fields import BadCell, reader_of
from compliance.casebook.importing.heads import HEADS
from compliance.casebook.importing.report import WORDS, Problem
from compliance.casebook.importing.sheets import Bad, Cell

SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(field: str, cell: Cell) -> object:
    return reader_of(field, SHANGHAI)(cell)


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("name", " 张三 ", "张三"),
        ("account_no", 123456789012345, "123456789012345"),
        ("account_no", 12345.0, "12345"),
        ("id_number", "11010519491231002x", "11010519491231002X"),
        ("id_number", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("mobile", "138 1234 1234", "13812341234"),
        ("mobile", "+86-138-1234-1234", "13812341234"),
        ("mobile", 13812341234, "13812341234"),
        ("mobile", "+852 9123 4567", "+85291234567"),
        ("email", "a.b+c@mail.example.com", "a.b+c@mail.example.com"),
    ],
)
def test_text_cells(field: str, cell: Cell, value: str) -> None:
    assert read(field, cell) == value


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("12345.67", "12345.67"),
        ("12,345.67", "12345.67"),
        ("1,234,567", "1234567.00"),
        ("￥100", "100.00"),
        ("100 元", "100.00"),
        ("１００．５", "100.50"),
        ("100.", "100.00"),
        ("0.10000", "0.10"),
        (0, "0.00"),
        (3.3000000000000003, "3.30"),
        (999999999999.99, "999999999999.99"),
    ],
)
def test_amounts(cell: Cell, amount: str) -> None:
    assert str(read("principal", cell)) == amount


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "20260301", date(2026, 3, 1), datetime(2026, 3, 1)],  # noqa: DTZ001
)
def test_dates(cell: Cell) -> None:
    assert read("due_date", cell) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026-03-01 10:30", datetime(2026, 3, 1, 2, 30, tzinfo=UTC)),
        ("2026/3/1 10:30:15", datetime(2026, 3, 1, 2, 30, 15, tzinfo=UTC)),
        ("2026-03-01T10:30:00+00:00", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        (date(2026, 3, 1), datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10, 30), datetime(2026, 3, 1, 2, 30, tzinfo=UTC)),  # noqa: DTZ001 - a workbook has no zones
    ],
)
def test_instants(cell: Cell, at: datetime) -> None:
    assert read("outsourcing_notice_at", cell) == at


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("name", "张\0三", "unprintable"),
        ("name", "张\ud800", "unprintable"),
        ("name", "张\u200b三", "unprintable"),
        ("name", "张\ufffd", "unprintable"),
        ("name", "张" * 101, "too_long"),
        ("address", "长" * 100_000, "too_long"),
        ("id_number", "1" * 100_000, "too_long"),
        ("principal", "1" * 100_000, "too_long"),
        ("due_date", "1" * 100_000, "too_long"),
        ("account_no", Bad("formula"), "formula"),
        ("principal", Bad("cell_error", "#REF!"), "cell_error"),
        ("account_no", 6222020012345678, "long_number"),
        ("account_no", 6.2220200123456e15, "long_number"),
        ("account_no", "6.22202E+15", "long_number"),
        ("id_number", "110105194912310021", "id_number"),
        ("id_number", "11010519491331002X", "id_number"),
        ("id_number", "110105491231002", "id_number"),
        ("mobile", "12812341234", "mobile"),
        ("mobile", "010-62345678", "mobile"),
        ("mobile", "1381234123", "mobile"),
        ("mobile", "13812341234,13912341234", "mobile"),
        ("mobile", "没有", "mobile"),
        ("email", "zhang", "email"),
        ("email", "zhang@x", "email"),
        ("principal", "一万", "amount"),
        ("principal", "1,23.45", "amount"),
        ("principal", "1e5", "amount"),
        ("principal", "NaN", "amount"),
        ("principal", float("nan"), "amount"),
        ("principal", True, "amount"),
        ("principal", "1.234", "decimals"),
        ("principal", "-1", "negative"),
        ("principal", "1000000000000", "too_large"),
        ("principal", "9" * 300, "too_large"),
        ("due_date", "2026-02-29", "date"),
        ("due_date", "1.3.2026", "date"),
        ("due_date", "2026-03/01", "date"),
        ("due_date", "1026-03-01", "date"),
        ("due_date", datetime(2026, 3, 1, 10), "date"),  # noqa: DTZ001
        ("due_date", 46082, "date"),
        ("outsourcing_notice_at", "昨天", "instant"),
        ("outsourcing_notice_at", "2026-03-01 25:00", "instant"),
    ],
)
def test_cells_that_cannot_be_used(field: str, cell: Cell, code: str) -> None:
    with pytest.raises(BadCell) as bad:
        read(field, cell)
    assert bad.value.code == code


@pytest.mark.parametrize("code", WORDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_problem_has_a_sentence(code: str, lang: str) -> None:
    sentence = Problem(7, "mobile", code, "X9").sentence(lang)
    assert "{" not in sentence
    assert ("第 7 行“手机”" if lang == "zh" else "row 7: mobile") in sentence


def test_every_field_can_be_read() -> None:
    assert all(callable(reader_of(field, SHANGHAI)) for field in HEADS)
