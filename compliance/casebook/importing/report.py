"""What an import did, and what was wrong with which cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compliance.casebook.importing.heads import HEADS

# code: (what is wrong, what to do), in Chinese and in English.
WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "missing": (("是空的", "请填写"), ("is empty", "fill it in")),
    "too_long": (("超过 {detail} 个字符", "请缩短"), ("has more than {detail} characters", "shorten it")),
    "unprintable": (
        ("含有不可见的控制字符或残缺字符", "请重新输入"),
        ("holds control characters or broken characters", "type it again"),
    ),
    "formula": (("是公式", "请粘贴为数值"), ("is a formula", "paste it as a value")),
    "cell_error": (("是错误值 {detail}", "请改为数值或文字"), ("is the error {detail}", "put a value there")),
    "long_number": (
        ("存成了超过 15 位的数字，末尾已失真", "请把该列设为文本格式后重新填写"),
        (
            "is stored as a number of more than 15 digits and has lost its end",
            "format the column as text and refill it",
        ),
    ),
    "extra_cells": (("比列名多出内容", "请检查逗号和引号"), ("has more cells than heads", "check commas and quotes")),
    "id_number": (("不是有效的身份证号（位数或校验位不对）", "请核对"), ("is no valid identity number", "check it")),
    "mobile": (
        ("不是有效的手机号", "请核对；座机请勿填在此列"),
        ("is no valid mobile number", "check it; no landlines here"),
    ),
    "email": (("不是有效的邮箱", "请核对"), ("is no valid e-mail address", "check it")),
    "amount": (
        ("不是金额", "请写成 12345.67 或 12,345.67，单位元"),
        ("is no amount", "write 12345.67 or 12,345.67, in yuan"),
    ),
    "decimals": (("多于两位小数", "请精确到分"), ("has more than two decimals", "give it to the cent")),
    "negative": (("是负数", "请填零或正数"), ("is negative", "give zero or more")),
    "too_large": (("过大", "请核对单位（元）"), ("is too large", "check the unit (yuan)")),
    "date": (("不是日期", "请写成 2026-03-01"), ("is no date", "write 2026-03-01")),
    "instant": (("不是日期或时间", "请写成 2026-03-01 或 2026-03-01 10:30"), ("is no time", "write 2026-03-01 10:30")),
    "future": (
        ("在将来", "只能登记已经作出的告知"),
        ("is in the future", "only a notice already given can be recorded"),
    ),
    "after_due": (("晚于到期日", "请核对两个日期"), ("is after the due date", "check both dates")),
    "duplicate": (
        ("与第 {detail} 行是同一账户", "请只保留一行"),
        ("is the same account as row {detail}", "keep one row"),
    ),
    "other_person": (
        ("已是另一姓名或身份证号的人（{detail}）", "请核对编号；确属更正请先在系统内修改"),
        ("already stands for a person of another name or identity number ({detail})", "check it, or correct it first"),
    ),
    "other_debtor": (("已登记在另一债务人名下", "请核对账户号和债务人编号"), ("belongs to another debtor", "check it")),
    "third_party": (
        ("已登记为第三人的联系方式", "请核对；确属本人请先在系统内修改"),
        ("is recorded as a third party's", "check it, or correct it first"),
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell. It never holds the cell's content, which is personal data."""

    row: int
    """Row of the sheet, or line of the CSV file, from 1; the heads are row 1."""
    field: str | None
    code: str
    """A key of ``WORDS``."""
    detail: str = ""

    def sentence(self, lang: str = "zh") -> str:
        """What is wrong and what to do, in Chinese (``zh``) or English (``en``)."""
        chinese = lang == "zh"
        wrong, remedy = (part.format(detail=self.detail) for part in WORDS[self.code][0 if chinese else 1])
        if chinese:
            return f"第 {self.row} 行{f'“{HEADS[self.field]}”' if self.field else ''}{wrong}；{remedy}。"
        return f"row {self.row}: {self.field or 'the row'} {wrong}; {remedy}."


@dataclass(slots=True)
class ImportReport:
    """Counts are of rows. ``written`` is false after a dry run, and where one bad row stopped the whole file."""

    file: str
    sha256: str
    """Of the file, hexadecimal."""
    dry_run: bool
    written: bool = False
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[Problem] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    ignored_sheets: tuple[str, ...] = ()
    new_creditors: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows were not taken."""
        return len({problem.row for problem in self.errors})

    def lines(self, lang: str = "zh") -> Iterator[str]:
        """The report for a person: each problem, then what was left aside, then the counts."""
        for problem in sorted(self.errors, key=lambda problem: problem.row):
            yield f"{self.file}: {problem.sentence(lang)}"
        zh = lang == "zh"
        if self.unknown_columns:
            yield ("未使用的列：" if zh else "columns not used: ") + "、".join(self.unknown_columns)
        if self.ignored_sheets:
            yield ("未读取的工作表：" if zh else "sheets not read: ") + "、".join(self.ignored_sheets)
        if self.new_creditors:
            yield ("新委托方：" if zh else "new creditors: ") + "、".join(self.new_creditors)
        counts = (self.rows, self.created, self.updated, self.unchanged, self.refused)
        yield ("共 {} 行：新增 {}，更新 {}，无变化 {}，拒绝 {}。" if zh else
               "{} rows: {} new, {} updated, {} unchanged, {} refused.").format(*counts)  # fmt: skip
        yield self._outcome(zh)

    def _outcome(self, zh: bool) -> str:
        if self.dry_run:
            return "试运行：未写入任何内容。" if zh else "Dry run: nothing was written."
        if not self.written:
            return "有错误行，整个文件未写入。" if zh else "A row is wrong: nothing of the file was written."
        if not self.created and not self.updated:
            return "没有任何变化。" if zh else "Nothing has changed."
        return "已写入。" if zh else "Written."
