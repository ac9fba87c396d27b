"""Scripts as rows of text: the columns of a workbook and the sections of a Markdown file, in both directions."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from compliance.casebook.importing.encoding import decode
from compliance.casebook.importing.sheets import Bad, Cell, read_sheet
from compliance.judge.types import InvalidInput
from scripts_library.models import Script, ScriptVersion

HEADS = {
    "key": "编号", "stage": "阶段", "scene": "场景", "title": "标题", "audience": "对象", "channels": "渠道",
    "products": "产品", "intent": "意图", "only": "专用", "say": "说什么", "must_say": "必说", "why": "为什么",
    "avoid": "不要说", "article": "条款", "branches": "接着说", "valid_from": "生效日", "valid_until": "失效日",
}  # fmt: skip
"""Columns by field. A file may be headed by either."""
TOLD = {"version": "版本", "state": "状态"}
"""Columns that an export adds and an import leaves alone."""
SECTIONS = ("say", "must_say", "why", "avoid", "branches")
"""Fields that are sections of a Markdown file; the others are its list."""
ENDINGS = (".xlsx", ".md")
_FIELDS = {name: name for name in HEADS} | {head: name for name, head in HEADS.items()}
_SKIPPED = {*TOLD, *TOLD.values()}


@dataclass
class TextRow:
    """One script of a file: the row or line where it begins, its fields as text, and cells that hold no text."""

    row: int
    values: dict[str, str] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)


def read_table(file: str, raw: bytes) -> list[TextRow]:
    """The scripts of a file, by the ending of its name.

    Raises:
        InvalidInput: of another kind or encoding, broken, without a script, or without the columns that are needed.
    """
    ending = Path(file).suffix.lower()
    if ending not in ENDINGS:
        raise InvalidInput(
            f"{file}：只能导入 .xlsx 或 .md 文件。 / only .xlsx or .md", code="unknown_format", field="file"
        )
    rows = _read_xlsx(file, raw) if ending == ".xlsx" else list(_read_markdown(decode(raw, file)))
    if not rows:
        raise InvalidInput(f"{file}：没有话术。 / no scripts", code="no_rows", field="file")
    return rows


def write_xlsx(rows: Iterable[tuple[Script, ScriptVersion]]) -> bytes:
    """A workbook of one sheet, a script a row. A text that begins like a formula is text."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = "话术"
    sheet.append([*HEADS.values(), *TOLD.values()])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for number, (script, version) in enumerate(rows, 2):
        values = text_fields(script, version) | {"version": str(version.number), "state": version.state}
        for column, name in enumerate((*HEADS, *TOLD), 1):
            cell = sheet.cell(number, column, values[name])
            cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
    for column, name in enumerate((*HEADS, *TOLD), 1):
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = 48 if name in SECTIONS else 14
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def write_markdown(rows: Iterable[tuple[Script, ScriptVersion]]) -> str:
    """A heading of the second level for each script, its fields as a list, its texts as sections."""
    parts = ["# 话术库\n"]
    for script, version in rows:
        values = text_fields(script, version)
        parts.append(f"## {values['key']}\n")
        told = {"version": str(version.number), "state": version.state}
        plain = {name: head for name, head in HEADS.items() if name not in SECTIONS and name != "key"}
        parts.append("".join(f"- {head}：{(values | told)[name]}\n" for name, head in (plain | TOLD).items()))
        parts += [f"### {HEADS[name]}\n\n{_escape(values[name])}\n" for name in SECTIONS if values[name]]
    return "\n".join(parts)


def text_fields(script: Script, version: ScriptVersion) -> dict[str, str]:
    """The fields of a script as text: lists of codes separated by blanks, lists of sentences by lines."""
    return {
        "key": script.key, "stage": script.stage, "scene": script.scene, "title": script.title,
        "audience": script.audience, "channels": script.channels, "products": script.products,
        "intent": script.intent or "", "only": script.only, "say": version.say, "must_say": version.must_say,
        "why": version.why, "avoid": version.avoid, "article": version.article,
        "branches": "\n".join(f"{answer} {key}" for answer, key in version.branches),
        "valid_from": version.valid_from.isoformat() if version.valid_from else "",
        "valid_until": version.valid_until.isoformat() if version.valid_until else "",
    }  # fmt: skip


def _read_xlsx(file: str, raw: bytes) -> list[TextRow]:
    sheet = read_sheet(file, raw)
    (_, heads), *rows = sheet.rows
    names = [_FIELDS.get(str(head or "").strip()) for head in heads]
    unknown = [str(head) for head, name in zip(heads, names, strict=True)
               if head and name is None and str(head).strip() not in _SKIPPED]  # fmt: skip
    if unknown:
        raise InvalidInput(
            f"{file}：不认识的列 {unknown[0]}，请删去或改名。 / unknown column", code="columns", field="file"
        )
    absent = [HEADS[name] for name in ("key", "stage", "scene", "title", "say") if name not in names]
    if absent:
        raise InvalidInput(f"{file}：缺少列 {'、'.join(absent)}。 / columns are missing", code="columns", field="file")
    return [_xlsx_row(number, dict(zip(names, cells, strict=False))) for number, cells in rows]


def _xlsx_row(number: int, cells: Mapping[str | None, Cell]) -> TextRow:
    row = TextRow(number)
    for name, cell in cells.items():
        if name is None:
            continue
        if isinstance(cell, Bad):
            row.bad[name] = "是公式或错误值，请粘贴为文字 / is a formula or an error: paste it as text"
        elif isinstance(cell, datetime | date):
            row.values[name] = cell.strftime("%Y-%m-%d")
        else:
            row.values[name] = "" if cell is None else str(cell).replace("\r\n", "\n").strip()
    return row


def _read_markdown(text: str) -> Iterator[TextRow]:
    row: TextRow | None = None
    section: str | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.startswith("## "):
            if row is not None:
                yield _trimmed(row)
            row, section = TextRow(number, {"key": line[3:].strip()}), None
        elif row is None:
            continue
        elif line.startswith("### "):
            head = line[4:].strip()
            section = _FIELDS.get(head)
            if section not in SECTIONS:
                row.bad["say"], section = f"下有不认识的小节“{head}” / has an unknown section {head}", None
        elif section is not None:
            row.values[section] = f"{row.values.get(section, '')}{_unescape(line)}\n"
        elif found := re.fullmatch(r"[-*]\s*([^：:]+)[：:](.*)", line):
            _take(row, found[1].strip(), found[2].strip())
        elif line.strip():
            row.bad["key"] = f"下有看不懂的一行（第 {number} 行） / is followed by a line that cannot be read"
    if row is not None:
        yield _trimmed(row)


def _take(row: TextRow, head: str, value: str) -> None:
    name = _FIELDS.get(head)
    if name is not None:
        row.values[name] = value
    elif head not in _SKIPPED:
        row.bad["key"] = f"下有不认识的字段“{head}” / has an unknown field {head}"


def _trimmed(row: TextRow) -> TextRow:
    row.values = {name: value.strip() for name, value in row.values.items()}
    return row


def _escape(text: str) -> str:
    """A line that would be read as a heading is kept from it, and so is the mark itself."""
    return re.sub(r"^(\\*#)", r"\\\1", text, flags=re.MULTILINE)


def _unescape(line: str) -> str:
    return line[1:] if re.match(r"\\+#", line) else line
