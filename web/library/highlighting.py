"""Words that were looked for, marked where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEAD = 24
"""Characters that are shown before the first hit of a text that is cut."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of characters; ``hit`` where it was looked for."""

    text: str
    hit: bool


def highlight(text: str, words: Sequence[str]) -> list[Part]:
    """``text`` in parts; joined they are the text again. Of words that overlap the longer is marked."""
    if not words:
        return [Part(text, hit=False)]
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(word) for word in longest_first), re.IGNORECASE)
    parts, at = [], 0
    for match in pattern.finditer(text):
        parts += [Part(text[at : match.start()], hit=False), Part(match.group(), hit=True)]
        at = match.end()
    parts.append(Part(text[at:], hit=False))
    return [part for part in parts if part.text]


def excerpt(text: str, words: Sequence[str]) -> list[Part]:
    """The same, beginning shortly before the first hit where that stands far into the text."""
    parts = highlight(text, words)
    first, *rest = parts or [Part("", hit=False)]
    if not first.hit and rest and len(first.text) > LEAD:
        first = Part(f"…{first.text[-LEAD:]}", hit=False)
    return [first, *rest]
