"""A text as the rules read it: folded, and in further readings where it looks disguised, each with exact offsets.

Offsets count code points of the raw text. Building a ``Text`` is linear in its length and never raises: control
characters, lone surrogates and megabytes of one character are text like any other.
"""

from __future__ import annotations

from typing import NamedTuple

from compliance.judge.fold import fold
from compliance.judge.rewrite import rewrite
from compliance.judge.separators import join, read_digits
from compliance.judge.types import Span
from compliance.judge.view import View

__all__ = ["Text", "View", "clean", "join_split", "read_digits"]


class Text(NamedTuple):
    """``views[0]`` is the folded text; the others exist only where the text asks for them."""

    raw: str
    views: tuple[View, ...]

    @classmethod
    def of(cls, raw: str) -> Text:
        """Folds ``raw`` and adds the readings ``joined``, ``rewritten`` and ``digits`` that it asks for."""
        primary = fold(raw)
        joined, rewritten, digits = join(primary), rewrite(primary), read_digits(primary)
        if joined is None and rewritten is None and digits is None:
            return cls(raw, (primary,))
        both = rewrite(joined) if joined is not None else None
        return cls(raw, (primary, *(view for view in (joined, rewritten, both, digits) if view is not None)))


def clean(raw: str) -> str:
    """The folded text alone: simplified, half-width, lower case, without hidden characters and inline pinyin."""
    return fold(raw).plain


class SplitText(NamedTuple):
    """A text read together with those sent just before it; its spans lie in the last text alone."""

    whole: Text
    offset: int
    """Where the last text begins in ``whole.raw``."""

    def span(self, view: View, start: int, end: int) -> Span | None:
        """The part of ``view.plain[start:end]`` that lies in the last text, or ``None`` where none does."""
        found = view.span(start, end)
        if found.end <= self.offset:
            return None
        return Span(max(found.start - self.offset, 0), found.end - self.offset)


def join_split(previous: tuple[str, ...], text: str) -> SplitText:
    """``text`` with the texts sent just before it, oldest first, as one: what was cut in two can be found again."""
    before = "".join(previous)
    return SplitText(Text.of(before + text), len(before))
