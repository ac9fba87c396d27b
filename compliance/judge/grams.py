"""Character n-grams of a folded text as 64-bit keys, and the table that finds those a model knows. Numpy only.

Training and reading share this file, so a gram is the same number in both. A digit counts as 0 wherever it stands:
amounts, dates and tails are seen by their shape, and every gram keeps its place in the text. Everything is a handful
of array operations a text, without a loop over its grams.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Ids = NDArray[np.uint32]

SILENT = re.compile(r"[\s，,。！!；;、…~]")
"""Points and blanks, which a recogniser of speech does not write."""
LONGEST = 4
"""Characters of the longest gram."""
MOST = 1 << 18
"""Grams of the largest vocabulary: rare ones say little each and much together."""
_BITS = 21
SHIFT = np.uint64(64 - _BITS)
MARK_BITS = 14
"""Bits of a gram's key that stand beside its number: with those of ``MOST`` they fill 32. As in ``weigh.c``."""
FACTOR = np.uint64(0x9E3779B97F4A7C15)
_ROOM = 20
"""Heads of the largest model: ``MOST_HEADS`` in ``weigh.c``."""
ROW = np.dtype([("weights", np.int8, _ROOM), ("square", np.float32), ("key", np.uint64)])
"""All that is told of a gram to one lane: what it weighs for each head, the square of its own weight, and its key.

Side by side, in half a line of the processor's cache, for most grams have to be fetched from far away. ``Row`` in
``weigh.c``.
"""


def lay_out(keys: Keys, weights: NDArray[np.int8], squares: NDArray[np.float32]) -> NDArray[Any]:
    """Weights (lane × gram × head) and the squares (gram), the same for all lanes → lane × gram of ``ROW``."""
    lanes, grams, heads = weights.shape
    rows = np.zeros((lanes, grams), ROW)
    rows["weights"][:, :, :heads], rows["square"], rows["key"] = weights, squares, keys
    return rows


@cache
def unit_numbers() -> Keys:
    """A number for each UTF-16 unit, its bits well mixed (the finaliser of splitmix64); all digits have that of 0.

    您 has that of 你: politeness of address says nothing about what is said, though in any corpus it seems to.
    """
    number = np.arange(1, 0x10001, dtype=np.uint64) * FACTOR
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number = (number ^ (number >> np.uint64(shift))) * np.uint64(factor)
    number ^= number >> np.uint64(31)
    number[ord("0") : ord("9") + 1] = number[ord("0")]
    number[ord("您")] = number[ord("你")]
    return number


def read_grams(plain: str) -> Keys:
    """The key of every gram of 1 to ``LONGEST`` UTF-16 units: first all of length 1 in their order, then length 2, …

    Lone surrogates are kept as they are: hostile text must not raise.
    """
    units = np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), np.uint16)
    count = len(units)
    keys = np.empty(sum(range(count, max(count - LONGEST, 0), -1)), np.uint64)
    before, written = unit_numbers().take(units, out=keys[:count], mode="clip"), count
    single = before
    for length in range(1, min(LONGEST, count)):
        longer = keys[written : written + count - length]
        np.multiply(before[:-1], FACTOR, out=longer)
        np.add(longer, single[length:], out=longer)
        before, written = longer, written + count - length
    return keys


def places(units: int) -> NDArray[np.int64]:
    """Where the grams of a text of so many UTF-16 units start and end: two rows, in the order of ``read_grams``."""
    lengths = np.repeat(np.arange(1, LONGEST + 1), [max(units - length, 0) for length in range(LONGEST)])
    starts = np.concatenate([np.arange(max(units - length, 0)) for length in range(LONGEST)])
    return np.stack((starts, starts + lengths))


@dataclass(frozen=True)
class Vocabulary:
    """The grams a model knows. No two of them share a slot: training drops the rarer one."""

    keys: Keys
    marks: Ids
    """Slot → the number of the gram that may be there, above the lowest ``MARK_BITS`` of its key."""

    @classmethod
    def of(cls, keys: Keys) -> Vocabulary:
        """Raises ``ValueError`` where two keys share a slot or there are none or more than ``MOST``."""
        where, marks = keys >> SHIFT, np.zeros(1 << _BITS, np.uint32)
        if 0 < len(keys) <= MOST:
            low = (keys & np.uint64((1 << MARK_BITS) - 1)).astype(np.uint32)
            marks[where] = own = np.arange(len(keys), dtype=np.uint32) << MARK_BITS | low
            if np.array_equal(marks[where], own):  # of two in one slot the table holds but one
                return cls(keys, marks)
        raise ValueError(f"a vocabulary is 1 to {MOST:,} grams, each with a slot of its own")

    def find(self, plain: str) -> tuple[Ids, NDArray[np.bool_]]:
        """For each gram of a text the number it would have, and whether it is truly known."""
        grams = read_grams(plain)
        where = (grams >> SHIFT).view(np.int64)  # signed numbers index without being copied
        ids = self.marks.take(where) >> np.uint32(MARK_BITS)
        return ids, self.keys.take(ids) == grams

    def known(self, plain: str) -> Ids:
        """The numbers of the known grams of a text, as often as they occur."""
        ids, known = self.find(plain)
        found: Ids = ids[known]
        return found

    def known_keys(self, grams: Keys) -> Ids:
        """The same for grams that are already read."""
        ids = self.marks.take(grams >> SHIFT) >> np.uint32(MARK_BITS)
        found: Ids = ids[self.keys.take(ids) == grams]
        return found


def choose_keys(keys: Keys, counts: NDArray[np.int64], least: int) -> Keys:
    """The keys seen in ``least`` texts or more, commonest first; of two in a slot, and past ``MOST``, the rarer go."""
    kept = keys[counts >= least]
    kept = kept[np.lexsort((kept, -counts[counts >= least]))]
    _, first = np.unique(kept >> SHIFT, return_index=True)
    chosen: Keys = kept[np.sort(first)][:MOST]
    return chosen
