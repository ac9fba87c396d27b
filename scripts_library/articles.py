"""The rules that a script may cite, from the table that ships with the pack."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).parent.parent / "compliance" / "packs" / "cn" / "rules.csv"


@dataclass(frozen=True, slots=True)
class Article:
    """One rule: where it stands and what it says, in one sentence."""

    rule: str
    instrument: str
    article: str
    summary: str
    confidence: str


@cache
def articles(rules: Path = RULES) -> Mapping[str, Article]:
    """Rules by id. What is not verified is not law, and may not be cited as law: it is left out."""
    with rules.open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: Article(row["id"], row["instrument"], row["article"], row["summary_zh"], row["confidence"])
            for row in csv.DictReader(file)
            if row["confidence"] != "not verified"
        }
