"""What a cited rule says, in a sentence, and how sure that is: from the pack's table of rules."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from compliance.judge.packs import PACKS
from compliance.judge.types import Citation

_STANDARD = re.compile(r"[A-Z]+(/[A-Z]+)? ?[0-9]")
"""How the number of a standard begins (GB/T 45251-2025): it is cited without title marks."""
_REMARK = re.compile(r"(?P<title>.*?)(?P<remark>(?:\([^()]*\))*)")
_NUMBERS = re.compile(r"(?P<numbers>[0-9][0-9.]*(?:[-、,][0-9]+)*)(?P<rest>(?:\([^()]*\))*)")
_INSERTED = re.compile(r"(?P<article>[0-9]{2,})-(?P<nth>[1-9])")
"""An article put in later: 253-1 is 第253条之一, while 44-47 and 1-3 are ranges."""

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


def cite_articles(source: str, article: str) -> str:
    """Instruments and articles as people cite them: ``民法典; 个保法`` with ``1024、1032; 25`` gives
    《民法典》第1024、1032条；《个保法》第25条.

    Both are lists at ``;``. Where their lengths differ nobody can say which belongs to which, so all the
    instruments come first and then all the articles. What is no number stays as it is.
    """
    titles, places = [[part.strip() for part in text.split(";")] for text in (source, article)]
    if len(titles) == len(places):
        return "；".join(_join(_title(title), _place(place)) for title, place in zip(titles, places, strict=True))
    return _join("".join(map(_title, titles)), "；".join(map(_place, places)))


def _title(text: str) -> str:
    """With title marks, unless it is a standard's number or only a remark in brackets."""
    found = _REMARK.fullmatch(text)
    if found is None or not found["title"] or _STANDARD.match(text):
        return text
    return f"《{found['title']}》{found['remark']}"


def _place(text: str) -> str:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return text
    numbers = found["numbers"].replace(",", "、")
    parts = [_INSERTED.fullmatch(part) for part in numbers.split("、")]
    inserted = [f"第{part['article']}条之{'一二三四五六七八九'[int(part['nth']) - 1]}" for part in parts if part]
    if len(inserted) == len(parts):
        return "、".join(inserted) + found["rest"]
    return f"第{numbers}条{found['rest']}"


def _join(title: str, place: str) -> str:
    """A blank keeps a bare standard's number apart from what follows."""
    return f"{title} {place}".strip() if not title.endswith(("》", ")")) else f"{title}{place}"


@cache
def _summaries(pack: str) -> dict[str, str]:
    with (PACKS / pack / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["summary_zh"] for row in csv.DictReader(file)}
