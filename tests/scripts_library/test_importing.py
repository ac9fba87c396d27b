from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.migrations import upgrade
from scripts_library.editing import approve, draft, retire, submit_for_approval, wording_of
from scripts_library.importing import ImportReport, export_rows, import_scripts
from scripts_library.models import ScriptVersion
from scripts_library.seeding import load_seeds
from scripts_library.tables import HEADS, write_markdown, write_xlsx
from scripts_library.wording import Branch, ScriptHead, Wording

HEAD = ScriptHead("middle.plan.a", "middle", "协商分期", "一", channels=("call", "sms"), products=("credit_card",),
                  only=("looked_up",), intent="request_plan")  # fmt: skip
WORDS = Wording(
    say="# 不是标题\n\\# 也不是\n=1+1\n您可以申请分{plan_months}期。", why="给出路", avoid="不要说没有分期",
    must_say=("说明 {plan_months}", "以审批为准"), article=("CN-PLAN-01", "CN-PLAN-05"),
    branches=(Branch("hardship", "middle.plan.b"), Branch("refuse", "middle.plan.c")),
    valid_from=date(2026, 11, 1), valid_until=date(2027, 1, 31),
)  # fmt: skip
ROW = {"key": "late.a.b", "stage": "late", "scene": "诉前告知", "title": "二", "say": "可能依法起诉。"}
Take = Callable[..., ImportReport]


@pytest.fixture
def take(db: Database, word_judge: Any, now: datetime) -> Take:
    return lambda file, raw, **asked: import_scripts(db, word_judge, file, raw, author="lin", now=now, **asked)


def book(*rows: dict[str, Any]) -> bytes:
    """A workbook headed by the fields of the first row."""
    made = Workbook()
    made.active.append(list(rows[0]))
    for row in rows:
        made.active.append([row.get(name) for name in rows[0]])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def versions(db: Database) -> list[tuple[int, str, str]]:
    with db.read() as session:
        return [(one.number, one.state, one.say) for one in session.scalars(select(ScriptVersion).order_by("id"))]


def export(db: Database, ending: str) -> bytes:
    with db.read() as session:
        rows = export_rows(session)
    return write_xlsx(rows) if ending == ".xlsx" else write_markdown(rows).encode()


@pytest.mark.parametrize("ending", [".xlsx", ".md"])
def test_what_was_exported_comes_back_the_same(
    db: Database, tmp_path: Path, word_judge: Any, now: datetime, take: Take, ending: str
) -> None:
    db.run(lambda session: draft(session, word_judge, HEAD, WORDS, "lin", now))
    raw = export(db, ending)
    assert [one.what for one in take(f"a{ending}", raw).taken] == ["unchanged"]
    path = tmp_path / "other.db"
    upgrade(f"sqlite:///{path}")
    other = Database(f"sqlite:///{path}")
    assert import_scripts(other, word_judge, f"a{ending}", raw, author="wu", now=now).problems == ()
    with other.read() as session:
        [(script, version)] = export_rows(session)
        assert (wording_of(version), script.products, script.intent) == (WORDS, "credit_card", "request_plan")
    other.dispose()


@pytest.mark.parametrize("ending", [".xlsx", ".md"])
def test_all_shipped_scripts_come_back_the_same(
    db: Database, word_judge: Any, now: datetime, take: Take, ending: str
) -> None:
    with db.write() as session:
        for seed in load_seeds():
            draft(session, word_judge, seed.head, seed.wording, "lin", now)
    report = take(f"a{ending}", export(db, ending), dry_run=True)
    assert (set(report.counts), report.problems) == ({"unchanged"}, ())


def test_a_cell_that_looks_like_a_formula_is_exported_as_text(db: Database, word_judge: Any, now: datetime) -> None:
    db.run(lambda session: draft(session, word_judge, HEAD, Wording("=HYPERLINK(1)"), "lin", now))
    sheet = load_workbook(io.BytesIO(export(db, ".xlsx"))).active
    assert sheet is not None
    assert [cell.data_type for cell in sheet[2] if cell.value == "=HYPERLINK(1)"] == ["s"]


def test_a_new_row_becomes_a_draft(db: Database, take: Take) -> None:
    [taken] = take("a.xlsx", book(ROW)).taken
    assert (taken.row, taken.what, taken.decision) == (2, "new", "allow")
    assert versions(db) == [(1, "draft", "可能依法起诉。")]


def test_columns_may_be_headed_in_chinese(db: Database, take: Take) -> None:
    assert take("a.xlsx", book({HEADS[name]: value for name, value in ROW.items()})).counts == {"new": 1}


def test_a_dry_run_says_the_same_and_changes_nothing(db: Database, take: Take) -> None:
    bad = ROW | {"key": "late.a.c", "say": "不还就坐牢"}
    dry = take("a.xlsx", book(ROW, bad), dry_run=True)
    assert versions(db) == []
    assert dry.taken == take("a.xlsx", book(ROW, bad)).taken
    assert [one.decision for one in dry.taken] == ["allow", "block"]


def test_every_bad_row_is_named_and_the_rest_kept(db: Database, take: Take) -> None:
    report = take("话术.xlsx", book(
        ROW | {"intent": "", "valid_from": "", "article": ""},
        ROW | {"key": "late.a.c", "stage": "early", "article": "CN-XX-1"},
        ROW | {"key": "late.a.d", "intent": "dance"},
        ROW | {"key": "late.a.e", "valid_from": "明天"},
        ROW | {"key": "late.a.f", "say": "=A1"},
        ROW,
        ROW | {"key": "late.a.g"},
    ))  # fmt: skip
    assert {(one.row, one.field) for one in report.problems} >= {
        (3, "stage"), (3, "article"), (4, "intent"), (5, "valid_from"), (6, "say"), (7, "key"),
    }  # fmt: skip
    assert [one.key for one in report.taken] == ["late.a.b", "late.a.g"]
    [line] = [line for line in report.lines() if "第 4 行" in line]
    assert line.startswith("话术.xlsx 第 4 行“意图”")
    assert "请留空" in line
    assert "退回 5 行" in report.lines()[-1]


def test_changed_words_become_a_version_and_a_draft_is_revised(
    db: Database, take: Take, word_judge: Any, now: datetime
) -> None:
    take("a.xlsx", book(ROW))
    assert take("a.xlsx", book(ROW | {"say": "可以协商。"})).counts == {"revised": 1}
    db.run(lambda session: retire(session, 1, "wu", "不用了", now))
    assert take("a.xlsx", book(ROW)).counts == {"version": 1}
    assert [number for number, _, _ in versions(db)] == [1, 2]


def test_what_waits_for_approval_is_left_alone(db: Database, take: Take, word_judge: Any, now: datetime) -> None:
    take("a.xlsx", book(ROW))
    db.run(lambda session: submit_for_approval(session, word_judge, 1, "lin", now))
    [problem] = take("a.xlsx", book(ROW | {"say": "可以协商。"})).problems
    assert "待审" in problem.wrong


def test_what_is_in_use_stays_in_use(db: Database, take: Take, word_judge: Any, now: datetime) -> None:
    take("a.xlsx", book(ROW))
    db.run(lambda session: submit_for_approval(session, word_judge, 1, "lin", now))
    db.run(lambda session: approve(session, word_judge, 1, "wu", now))
    take("a.xlsx", book(ROW | {"say": "可以协商。"}))
    assert [state for _, state, _ in versions(db)] == ["approved", "draft"]


def test_an_import_does_not_move_a_script(db: Database, take: Take) -> None:
    take("a.xlsx", book(ROW))
    [problem] = take("a.xlsx", book(ROW | {"stage": "final"})).problems
    assert (problem.row, problem.field) == (2, "stage")


@pytest.mark.parametrize(
    ("file", "raw", "said"),
    [
        ("a.csv", b"x", "只能导入"),
        ("a.xlsx", b"x", "XLSX"),
        ("a.md", b"# nothing", "没有话术"),
        ("a.xlsx", book({"key": "a.b"}), "缺少列"),
        ("a.xlsx", book(ROW | {"颜色": "红"}), "颜色"),
    ],
    ids=["kind", "broken", "empty", "columns", "column"],
)
def test_a_file_that_cannot_be_read_is_refused(take: Take, file: str, raw: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        take(file, raw)


@pytest.mark.parametrize("wrong", ["### 心情\n好", "- 颜色：红", "多余的一行"])
def test_what_a_markdown_file_holds_besides_is_named_with_its_line(take: Take, wrong: str) -> None:
    text = f"# 话术库\n\n## late.a.b\n- 阶段：late\n- 场景：诉前告知\n- 标题：二\n{wrong}\n### 说什么\n您好\n"
    report = take("a.md", text.encode())
    assert {problem.row for problem in report.problems} == {3}
    assert report.taken == ()
