"""The sentences of a folded text, for the learned reader: what one of them says may be lost in the whole.

A long message is the sum of its grams, so one threat among ten harmless sentences weighs little. Hence each sentence is
scored by itself too, and the strongest of them are told beside the score of the whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import LONGEST

Floats = NDArray[np.float32]
Parts = NDArray[np.int64]
"""The number of the sentence of each UTF-16 unit of a text, counted from 0."""

SHORTEST = 6
"""UTF-16 units of a sentence; a shorter one goes with the next."""
MOST = 16
"""Sentences told apart in one text; in a longer one neighbours go together, which keeps hostile text linear."""
TOLD = 3
"""What is told of the sentences beside the strongest score of each head."""
SENTENCE_ENDS = np.zeros(1 << 16, bool)
SENTENCE_ENDS[[ord(sign) for sign in "。！？!?；;\n"]] = True


def cut_parts(plain: str) -> Parts | None:
    """The sentences of a text, or ``None`` where there is but one."""
    units = np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), np.uint16)
    least = max(SHORTEST, -(-len(units) // MOST))
    bounds, start = [], 0
    for end in (np.flatnonzero(SENTENCE_ENDS.take(units)) + 1).tolist():
        if end - start >= least:
            bounds.append(end)
            start = end
    if bounds and len(units) - start < least:
        bounds.pop()  # what is left over goes with the last
    if not bounds:
        return None
    begins = np.zeros(len(units), np.int64)
    begins[bounds] = 1
    return np.cumsum(begins)


def members_of(parts: Parts, known: NDArray[np.bool_]) -> Floats:
    """(1 + sentence) × known gram: 1 where it belongs. The first row is the whole; a gram over a border has no more.

    ``known`` has a flag for each gram of the text, in the order of ``read_grams``.
    """
    lengths = range(min(LONGEST, len(parts)))
    first = np.concatenate([parts[: len(parts) - length] for length in lengths])[known]
    last = np.concatenate([parts[length:] for length in lengths])[known]
    whose = np.where(first == last, first, -1)
    members = np.empty((int(parts[-1]) + 2, len(whose)), np.float32)
    members[0] = 1.0
    members[1:] = whose == np.arange(len(members) - 1)[:, None]
    return members


def tell_parts(scores: Floats) -> Floats:
    """Of sentence × head (the first is that something may go out, the second that it must not) what tells most.

    For each head its strongest score, which for the first is the lowest; then the second highest for stopping, the mean
    of those, and whether there is more than one sentence.
    """
    strongest = scores.max(axis=0)
    strongest[0] = scores[:, 0].min()
    stops = np.sort(scores[:, 1])
    told: Floats = np.append(strongest, np.array([stops[-2:][0], stops.mean(), len(stops) > 1], np.float32))
    return told
