"""A folded reading of a text that remembers where each of its characters came from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from compliance.judge.types import Span


class View(NamedTuple):
    """What the rules read. Offsets count code points, ranges are half-open.

    ``kind`` is ``folded`` (the primary view), ``joined`` (separators taken out), ``rewritten`` (disguised words
    written plainly) or ``digits``. ``starts`` and ``ends`` give the raw range of each character of ``plain``;
    both are ``None`` where the offsets are those of the raw text.
    """

    plain: str
    kind: str
    starts: array[int] | None = None
    ends: array[int] | None = None

    def span(self, start: int, end: int) -> Span:
        """The exact raw range of ``plain[start:end]``: what lies between its characters is in, what lies around is out.

        Raises ``ValueError`` for an empty range or one outside ``plain``, for it has no place in the raw text.
        """
        if not 0 <= start < end <= len(self.plain):
            raise ValueError(f"{start}:{end} is not a stretch of a view of {len(self.plain)} characters")
        if self.starts is None or self.ends is None:
            return Span(start, end)
        return Span(self.starts[start], self.ends[end - 1])


def edit(base: View, edits: Iterable[tuple[int, int, str]], kind: str) -> View:
    """``base`` with the stretches ``(start, end, new)`` replaced; they come in order and do not overlap.

    Every character of ``new`` stands for the whole stretch that it replaces.
    """
    starts, ends = array("I"), array("I")
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        _copy(base, done, start, starts, ends)
        parts += base.plain[done:start], new
        if new:
            span = base.span(start, end)
            starts.extend([span.start] * len(new))
            ends.extend([span.end] * len(new))
        done = end
    _copy(base, done, len(base.plain), starts, ends)
    parts.append(base.plain[done:])
    return View("".join(parts), kind, starts, ends)


def _copy(base: View, start: int, end: int, starts: array[int], ends: array[int]) -> None:
    if base.starts is None or base.ends is None:
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))
    else:
        starts.extend(base.starts[start:end])
        ends.extend(base.ends[start:end])
