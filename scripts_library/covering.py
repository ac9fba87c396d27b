"""The table of ``seeds/README.md``: the scripts of each row. ``python -m scripts_library.covering`` writes it."""

from __future__ import annotations

from pathlib import Path

from scripts_library.seeding import FOLDER, SeedScript, load_seeds

ROWS = 129
"""Rows A001 to A129 of the feature table."""
README = FOLDER / "README.md"
MARK = "<!-- table -->"


def covering_table(seeds: list[SeedScript]) -> str:
    """A Markdown table: every row and the scripts that carry it."""
    lines = ["| row | scripts |", "| --- | --- |"]
    for number in range(1, ROWS + 1):
        row = f"A{number:03}"
        keys = [f"`{seed.key}`" for seed in seeds if row in seed.covers]
        lines.append(f"| {row} | {', '.join(keys) or '—'} |")
    return "\n".join(lines) + "\n"


def write_table(readme: Path = README) -> None:
    """Put the present table into the README, after its mark."""
    before, _, _ = readme.read_text(encoding="utf-8").partition(MARK)
    readme.write_text(f"{before}{MARK}\n{covering_table(load_seeds())}", encoding="utf-8")


if __name__ == "__main__":
    write_table()
