"""Figures on utterances that the reader has not seen, file by file: the ones to believe.

Every file was written by another hand; the shipped reader knows them all, and its figures on them are memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assistant.intents.figures import measure
from assistant.intents.hearing import understand
from assistant.intents.phrases import find_phrases
from assistant.intents.training import fit, read_cases

MEASURE = "dev-zh"
"""The file that no phrase and no word is written from."""


def report_unseen(corpus: Path) -> Iterator[str]:
    """Lines: the development file heard by what all others teach, in full, then every other file in the same way.

    Thresholds are chosen on the others, too. Takes minutes.
    """
    cases = read_cases(corpus)
    sources = sorted({case.source for case in cases}, key=lambda source: (source != MEASURE, source))
    for source in sources:
        model = fit([case for case in cases if case.source != source], find_phrases)
        figures = measure([case for case in cases if case.source == source], partial(understand, model=model))
        told = figures.as_table() if source == MEASURE else figures.summary()
        yield f"{source}, by what the other files teach: {told}"
