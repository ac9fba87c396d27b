"""What a cited rule says, in a sentence, and how sure that is: from the pack's table of rules."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from compliance.judge.packs import PACKS
from compliance.judge.types import Citation

VERIFIED, SECONDARY = "verified", "secondary source"


@dataclass(frozen=True, slots=True)
class RuleText:
    """``standing`` is ``law``, ``secondary`` (read about, not read) or ``unverified``, which is never shown as law."""

    rule: str
    source: str
    article: str
    summary: str
    standing: str


def rule_text(pack: str, cite: Citation) -> RuleText:
    """The row that ``cite`` stands for."""
    standing = {VERIFIED: "law", SECONDARY: "secondary"}.get(cite.confidence, "unverified")
    return RuleText(cite.rule, cite.source, cite.article, _summaries(pack).get(cite.rule, ""), standing)


@cache
def _summaries(pack: str) -> dict[str, str]:
    with (PACKS / pack / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["summary_zh"] for row in csv.DictReader(file)}
