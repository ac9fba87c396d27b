"""Importing files, on both databases."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from compliance import ledger
from compliance.casebook import ImportReport, import_cases
from compliance.casebook.importing.heads import HEADS
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Base, Database
from compliance.judge.types import InvalidInput
from compliance.rights.models import Notice

ROW = {
    "creditor": "华东银行",
    "agency": "诚信催收公司",
    "product": "信用卡",
    "account_no": "A001",
    "debtor_ref": "D001",
    "name": "张三",
    "id_number": "11010519491231002X",
    "mobile": "13812341234",
    "email": "zhang@example.com",
    "address": "北京市海淀区中关村大街1号",
    "principal": '"12,345.67"',
    "interest": "10.5",
    "fees": "0",
    "due_date": "2026-09-01",
    "contract_date": "2025/1/2",
    "collector": "wang",
    "outsourcing_notice_at": "2026-10-01 09:30",
}


def csv_of(*rows: dict[str, str], heads: Iterable[str] = tuple(HEADS)) -> str:
    lines = [",".join(row.get(field, "") for field in HEADS) for row in rows]
    return "\r\n".join([",".join(heads), *lines, ""])


def load(db: Database, folder: Path, now: datetime, content: str | bytes, **options: bool) -> ImportReport:
    path = folder / "cases.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_cases(db, path, now=now, actor="chen", **options)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.refused


def rows_in(db: Database) -> int:
    """Of all tables but those that begin with a row: the head and the tree of the ledger."""
    with db.read() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in ("ledger_head", "ledger_tree")]
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_row_becomes_an_account(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW))
    with db.read() as session:
        account = session.scalars(select(Account)).one()
    assert counts(report) == (1, 0, 0, 0)
    assert (account.principal, account.total, account.due_date) == (
        Decimal("12345.67"),
        Decimal("12356.17"),
        date(2026, 9, 1),
    )
    assert (account.agency, account.collector, account.contract_date) == ("诚信催收公司", "wang", date(2025, 1, 2))


def test_an_agency_works_for_the_creditor_since_an_import_first_named_it(
    db: Database, tmp_path: Path, now: datetime
) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    load(db, tmp_path, now + timedelta(days=30), csv_of(ROW | {"account_no": "A2", "debtor_ref": "D2"}))
    with db.read() as session:
        assert session.scalars(select(Creditor.agencies_engaged)).one() == "2026-11-18 诚信催收公司"


def test_a_row_becomes_a_person_who_can_be_reached(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    with db.read() as session:
        debtor = session.scalars(select(Debtor)).one()
        points = {point.kind: point for point in session.scalars(select(ContactPoint))}
    assert (debtor.ref, debtor.name, debtor.id_number) == ("D001", "张三", "11010519491231002X")
    assert {kind: point.value for kind, point in points.items()} == {
        "mobile": "13812341234",
        "email": "zhang@example.com",
        "address": "北京市海淀区中关村大街1号",
    }
    assert all((point.relation, point.source) == ("self", "contract") for point in points.values())
    assert [kind for kind, point in points.items() if point.reserved] == ["mobile"]


def test_the_outsourcing_notice_is_recorded(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW))
    with db.read() as session:
        notice = session.scalars(select(Notice)).one()
    assert (notice.type, notice.at) == ("outsourcing", datetime(2026, 10, 1, 1, 30, tzinfo=UTC))
    assert report.sha256 in notice.evidence


def test_chinese_heads_are_read(db: Database, tmp_path: Path, now: datetime) -> None:
    assert counts(load(db, tmp_path, now, csv_of(ROW, heads=HEADS.values()))) == (1, 0, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_usual_encodings_are_read(db: Database, tmp_path: Path, now: datetime, encoding: str) -> None:
    load(db, tmp_path, now, csv_of(ROW, heads=HEADS.values()).encode(encoding))
    with db.read() as session:
        assert session.scalars(select(Creditor)).one().name == "华东银行"


def test_the_same_file_again_changes_nothing(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    before = rows_in(db)
    report = load(db, tmp_path, now, csv_of(ROW))
    assert counts(report) == (0, 0, 1, 0)
    assert "没有任何变化。" in list(report.lines())
    assert rows_in(db) == before + 1  # the ledger entry


def test_an_account_that_is_there_is_updated(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    report = load(db, tmp_path, now, csv_of(ROW | {"principal": "9000", "mobile": "13912341234"}))
    with db.read() as session:
        principal = session.scalars(select(Account)).one().principal
        mobiles = session.scalars(select(ContactPoint.value).where(ContactPoint.kind == "mobile")).all()
    assert counts(report) == (0, 1, 0, 0)
    assert (principal, sorted(mobiles)) == (Decimal("9000.00"), ["13812341234", "13912341234"])


def test_an_empty_cell_erases_nothing(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    bare = ROW | dict.fromkeys(["agency", "id_number", "mobile", "email", "interest", "collector"], "")
    assert counts(load(db, tmp_path, now, csv_of(bare))) == (0, 0, 1, 0)


def test_an_import_keeps_what_is_recorded_about_a_number(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    with db.write() as session:
        session.scalars(select(ContactPoint).where(ContactPoint.kind == "mobile")).one().valid = False
    load(db, tmp_path, now, csv_of(ROW | {"principal": "1"}))
    with db.read() as session:
        assert session.scalars(select(ContactPoint.valid).where(ContactPoint.kind == "mobile")).one() is False


def test_good_rows_are_kept_beside_bad_ones(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW, ROW | {"account_no": "A002", "mobile": "123"}))
    assert counts(report) == (1, 0, 0, 1)
    assert [problem.sentence() for problem in report.errors] == [
        "第 3 行“手机”不是有效的手机号；请核对；座机请勿填在此列。"
    ]


def test_all_or_nothing_writes_nothing_beside_a_bad_row(db: Database, tmp_path: Path, now: datetime) -> None:
    content = csv_of(ROW, ROW | {"account_no": "A002", "mobile": "123"})
    report = load(db, tmp_path, now, content, all_or_nothing=True)
    assert (report.written, report.created, rows_in(db)) == (False, 1, 0)


def test_all_or_nothing_writes_a_good_file(db: Database, tmp_path: Path, now: datetime) -> None:
    assert load(db, tmp_path, now, csv_of(ROW), all_or_nothing=True).written


def test_a_dry_run_tells_and_writes_nothing(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW), dry_run=True)
    assert (counts(report), report.written, rows_in(db)) == ((1, 0, 0, 0), False, 0)


def test_an_import_is_in_the_ledger(db: Database, tmp_path: Path, now: datetime) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    with db.read() as session:
        [entry] = ledger.entries(session)
    digest = hashlib.sha256(csv_of(ROW).encode()).hexdigest()
    assert (entry.kind, entry.actor) == ("cases:imported", "chen")
    assert json.loads(entry.body) == {
        "sha256": digest, "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip


def test_further_columns_are_named_and_not_used(db: Database, tmp_path: Path, now: datetime) -> None:
    lines = csv_of(ROW).splitlines()
    report = load(db, tmp_path, now, f"{lines[0]},单位电话\n{lines[1]},010-62345678\n")
    assert (report.unknown_columns, counts(report)) == (("单位电话",), (1, 0, 0, 0))


def test_empty_lines_are_no_rows_but_count(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW, {}, ROW | {"account_no": "A002", "name": ""}))
    assert (report.rows, [(problem.row, problem.field) for problem in report.errors]) == (2, [(4, "name")])


@pytest.mark.parametrize(
    ("second", "field", "code"),
    [
        ({}, "account_no", "duplicate"),
        ({"account_no": "A002", "name": "李四", "id_number": ""}, "debtor_ref", "other_person"),
        ({"account_no": "A002", "id_number": "440308199901010012"}, "debtor_ref", "other_person"),
    ],
)
def test_rows_that_contradict_each_other(
    db: Database, tmp_path: Path, now: datetime, second: dict[str, str], field: str, code: str
) -> None:
    report = load(db, tmp_path, now, csv_of(ROW, ROW | second))
    assert [(problem.row, problem.field, problem.code) for problem in report.errors] == [(3, field, code)]


@pytest.mark.parametrize(
    ("second", "field", "code"),
    [
        ({"name": "李四"}, "debtor_ref", "other_person"),
        ({"debtor_ref": "D002"}, "account_no", "other_debtor"),
        ({"account_no": "A002", "mobile": "13712341234"}, "mobile", "third_party"),
    ],
)
def test_rows_that_contradict_what_is_recorded(
    db: Database, tmp_path: Path, now: datetime, second: dict[str, str], field: str, code: str
) -> None:
    load(db, tmp_path, now, csv_of(ROW))
    with db.write() as session:
        debtor = session.scalars(select(Debtor)).one()
        session.add(
            ContactPoint(
                ref="cp1", debtor_id=debtor.id, kind="mobile", value="13712341234", relation="other_third_party"
            )
        )
    before = rows_in(db)
    report = load(db, tmp_path, now, csv_of(ROW | second))
    assert [(problem.row, problem.field, problem.code) for problem in report.errors] == [(2, field, code)]
    assert rows_in(db) == before + 1  # the ledger entry


def test_two_people_import_the_same_file_at_once(db: Database, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(csv_of(*(ROW | {"account_no": f"A{n}", "debtor_ref": f"D{n}"} for n in range(50))))
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda actor: import_cases(db, path, now=now, actor=actor), ["chen", "zhao"]))
    assert sorted(counts(report) for report in reports) == [(0, 0, 50, 0), (50, 0, 0, 0)]


def test_one_debtor_may_owe_several_creditors(db: Database, tmp_path: Path, now: datetime) -> None:
    report = load(db, tmp_path, now, csv_of(ROW, ROW | {"creditor": "西部消金"}))
    assert (counts(report), report.new_creditors) == ((2, 0, 0, 0), ["华东银行", "西部消金"])


def test_more_rows_than_are_looked_up_at_once(db: Database, tmp_path: Path, now: datetime) -> None:
    rows = [ROW | {"account_no": f"A{n}", "debtor_ref": f"D{n % 300}", "id_number": ""} for n in range(900)]
    report = load(db, tmp_path, now, csv_of(*rows))
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Debtor)) == 300
    assert counts(report) == (900, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空文件"),
        (b"\r\n \r\n", "空文件"),
        (codecs.BOM_UTF8, "空文件"),
        (csv_of(), "没有数据行"),
        (csv_of(ROW).split("\r\n", 1)[1] * 2, "没有认得的列名"),
        (csv_of(ROW).replace(",mobile", ",手机,mobile"), "列名重复"),
        (csv_of(ROW).replace("due_date", "due"), "缺少列"),
        (csv_of(ROW).encode("utf-16"), "UTF-16"),
        (csv_of(ROW).encode("utf-16-le"), "UTF-16"),
        (csv_of(ROW).encode("utf-32"), "UTF-32"),
        (csv_of(ROW | {"name": "陳國華", "address": "臺北市中正區重慶南路一段"}).encode("big5", "ignore"), "Big5"),
        (csv_of(ROW | {"name": "José Müller", "address": "Zürich"}).encode("latin-1", "ignore"), "Latin-1"),
        (csv_of(ROW).encode().replace("三".encode(), b"\xe4\xb8"), "有损坏的字节"),
        (csv_of(ROW).replace("张三", '"张三'), "引号"),
        (csv_of(ROW).replace("张三", "张" * 200_000), "无法读取"),
    ],
    ids=[
        "empty", "blank", "only a mark", "only heads", "no heads", "head twice", "head missing", "utf-16",
        "utf-16 without mark", "utf-32", "big5", "latin-1", "broken utf-8", "open quote", "endless cell",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_whole(
    db: Database, tmp_path: Path, now: datetime, content: str | bytes, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        load(db, tmp_path, now, content)
    assert rows_in(db) == 0


@pytest.mark.parametrize("name", ["cases.txt", "none.csv"])
def test_a_file_of_another_kind_or_none_is_refused(db: Database, tmp_path: Path, now: datetime, name: str) -> None:
    (tmp_path / "cases.txt").write_text(csv_of(ROW))
    with pytest.raises(InvalidInput):
        import_cases(db, tmp_path / name, now=now, actor="chen")
