"""The coverage page: no row is passed over, nothing unverified is law, and what is claimed is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compliance.judge.coverage import FILE, WAYS, Coverage, cover
from compliance.judge.packs import PACKS, PackError, read_pack

ROOT = PACKS.parents[1]
PAGE = ROOT / "docs" / "rules-cn.md"


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return cover(read_pack(PACKS / "cn"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "cn", tmp_path / "cn"))


def faults_after(folder: Path, old: str, new: str) -> str:
    file = folder / FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        cover(read_pack(folder))
    return str(caught.value)


def test_every_row_of_the_table_is_on_the_page_once(coverage: Coverage) -> None:
    page = coverage.as_markdown()
    assert len(coverage.rows) == 184
    assert [row.cite.rule for row in coverage.rows if page.count(f"\n| {row.cite.rule} |") != 1] == []


def test_every_row_says_how_it_is_met(coverage: Coverage) -> None:
    assert [row.cite.rule for row in coverage.rows if not row.ways] == []


def test_the_page_in_docs_is_the_one_that_is_generated(coverage: Coverage) -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage.as_markdown(), "run: python run.py packs coverage cn --write"


def test_rows_that_are_not_verified_are_never_shown_as_law(coverage: Coverage) -> None:
    lines = {line.split(" | ")[0].strip("| "): line for line in coverage.as_markdown().splitlines()}
    unverified = [row for row in coverage.rows if not row.is_verified]
    assert len(unverified) == 6
    for row in unverified:
        line = lines[row.cite.rule]
        assert "未核实，仅作机构政策" in line
        assert "已核实" not in line.replace("未核实", "")
        assert all(way.house or way.how in ("planned", "na") for way in row.ways)


def test_what_is_not_done_says_why(coverage: Coverage) -> None:
    undone = [(row.cite.rule, way.note) for row in coverage.rows for way in row.ways if way.how in ("planned", "na")]
    assert [name for name, note in undone if not note] == []


def test_files_that_are_named_are_there(coverage: Coverage) -> None:
    named = {way.where for row in coverage.rows for way in row.ways if way.where}
    assert named
    assert [where for where in sorted(named) if not (ROOT / where).is_file()] == []


def test_rules_that_are_named_are_in_the_pack(coverage: Coverage) -> None:
    known = {rule.id for rule in read_pack(PACKS / "cn").rules}
    assert {name for row in coverage.rows for way in row.ways if way.how == "text" for name in way.ids} <= known


def test_every_way_has_a_name_on_the_page(coverage: Coverage) -> None:
    used = {way.how for row in coverage.rows for way in row.ways}
    assert all(WAYS[how] in coverage.as_markdown() for how in used)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[row.CN-ID-02]", "[row.CN-ID-99]", "CN-ID-99: is no row"),
        ("[row.CN-FREQ-09]", "[row.CN-ID-99]", "CN-FREQ-09: nothing covers this row"),
        ('[row.CN-ID-02]\nhow = "field"', '[row.CN-ID-02]\nhow = "soon"', "how: must be one of"),
        ('rules = ["minor"]', 'rules = ["miner"]', "'miner' is no rule of that kind"),
        ('[row.CN-FREQ-09]\nhow = "na"', '[row.CN-FREQ-09]\nhow = "field"\nwhere = "x"', "never law"),
        ('identity = "身份与授权"\n', "", "'identity' has no name"),
        ('example = "你个老赖，废物"\n', "", "example: must be a text"),
        ('example = "你个老赖，废物"', 'example = "您好"', "CN-FORBID-12: example: no rule of threat, insult finds it"),
        ('note = "罚则，用于说明后果。"\n', "", "note: must be"),
    ],
)
def test_a_fault_is_named(folder: Path, old: str, new: str, says: str) -> None:
    assert says in faults_after(folder, old, new)
