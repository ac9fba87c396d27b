"""How a message was read, for a person who asks: words, sentences, and the findings as spans of a spaCy ``Doc``.

The words are ours (``words.py``), so that tokens and findings share one alignment to the raw text. Not part of judging:
spaCy is imported only when somebody asks. Each ``Doc`` has a vocabulary of its own, for a shared one grows for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from compliance.judge.context import Layout
from compliance.judge.text import clean
from compliance.judge.types import Finding
from compliance.judge.words import cut

if TYPE_CHECKING:
    from spacy.tokens import Doc

GROUP = "findings"
"""Name of the span group that holds the findings; a span's label is the category, its id the rule."""


def explain(raw: str, findings: Iterable[Finding] = ()) -> Doc:
    """A ``Doc`` over the raw text: tokens, sentence starts, and every finding that has a span.

    A finding that begins or ends inside a word takes the whole word.
    """
    from spacy.tokens import Doc, Span
    from spacy.vocab import Vocab

    words = cut(raw)
    starts = _starts(words)
    sentences = {start for start, _ in Layout(raw).sentences}
    doc = Doc(Vocab(), words=words, spaces=[False] * len(words), sent_starts=_openings(starts, sentences))
    for token in doc:
        token.norm_ = clean(token.text) or token.text
    marked = []
    for finding in findings:
        if finding.span is not None:
            chars = doc.char_span(finding.span.start, finding.span.end, alignment_mode="expand")
            if chars is not None:
                marked.append(Span(doc, chars.start, chars.end, label=finding.category, span_id=finding.rule))
    doc.spans[GROUP] = marked
    return doc


def _starts(words: list[str]) -> list[int]:
    starts, place = [], 0
    for word in words:
        starts.append(place)
        place += len(word)
    return starts


def _openings(starts: list[int], sentences: set[int]) -> list[bool | int | None]:
    """Whether each word opens a sentence; the first one always does."""
    opened: list[bool | int | None] = [start in sentences for start in starts]
    if opened:
        opened[0] = True
    return opened
