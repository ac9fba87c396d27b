"""The tables of ``seeds/README.md``: the scripts of each row. ``python -m scripts_library.covering`` writes them."""

from __future__ import annotations

from pathlib import Path

from scripts_library.seeding import FOLDER, SeedScript, load_seeds

ROWS = 129
"""Rows A001 to A129 of the feature table."""
README = FOLDER / "README.md"
MARK = "<!-- table -->"


ADVICE = {
    "B01": "证件号、单位一并搜集，不问来源",
    "B02": "把逾期说成会受制裁和处罚",
    "B03": "催收员可以申请执行、查封",
    "B04": "逾期会限制一切经济活动",
    "B05": "委托出去就行，不必告知",
    "B06": "欠款与判刑并提",
    "B07": "逾期二十天就上门",
    "B08": "谁都可以发律师函",
    "B09": "信用记录长期受影响",
    "B10": "结清后继续营销",
    "B11": "先许诺减免促还",
    "B12": "引用已废止的《合同法》",
    "B13": "失联就上门核实",
    "B14": "上门不讲人数、证件、时段",
    "B15": "冲突尽量避免即可",
    "B16": "随意解释逾期后果",
    "B17": "带着身份证明上门",
    "B18": "施加一定心理压力",
    "B19": "主动减免本金，不问权限",
    "B20": "隐私不得随意泄露",
    "B21": "拖延归因于恶意逃债",
    "B22": "多查对方征信",
    "B23": "不分债权人类型一套步骤",
    "B24": "宣告天天打、寄单位家里",
    "B25": "单位、亲属、联系人依次拨打",
    "B26": "挂断就打单位和家里",
    "B27": "家人同事代收信函",
    "B28": "有人代接就留言让联系银行",
    "B29": "切勿主动提分期",
    "B30": "规定日期必须还，当场签承诺书",
    "B31": "一万元、两次催收就报案",
    "B32": "债务人大多是老赖",
    "B33": "及时冻结账户",
    "B34": "以司法威慑催收",
    "B35": "用函件警示法律后果、滞纳金",
    "B36": "承诺期限越催越短",
    "B37": "通话前摊开住址单位",
    "B38": "挂号信寄账单地址",
    "B39": "催收函要素清单（旧，缺三项）",
}
"""What handbooks advise and the law forbids, limits or has changed; each has scripts that carry the lawful way."""


def correcting_table(seeds: list[SeedScript]) -> str:
    """A Markdown table: every piece of bad advice and the scripts that carry the lawful way."""
    lines = ["| row | advice | lawful way |", "| --- | --- | --- |"]
    for row, advice in ADVICE.items():
        keys = [f"`{seed.key}`" for seed in seeds if row in seed.corrects]
        lines.append(f"| {row} | {advice} | {', '.join(keys) or '—'} |")
    return "\n".join(lines) + "\n"


def covering_table(seeds: list[SeedScript]) -> str:
    """A Markdown table: every row and the scripts that carry it."""
    lines = ["| row | scripts |", "| --- | --- |"]
    for number in range(1, ROWS + 1):
        row = f"A{number:03}"
        keys = [f"`{seed.key}`" for seed in seeds if row in seed.covers]
        lines.append(f"| {row} | {', '.join(keys) or '—'} |")
    return "\n".join(lines) + "\n"


def tables(seeds: list[SeedScript]) -> str:
    """Both tables."""
    return f"{covering_table(seeds)}\n{correcting_table(seeds)}"


def write_table(readme: Path = README) -> None:
    """Put the present tables into the README, after its mark."""
    before, _, _ = readme.read_text(encoding="utf-8").partition(MARK)
    readme.write_text(f"{before}{MARK}\n{tables(load_seeds())}", encoding="utf-8")


if __name__ == "__main__":
    write_table()
