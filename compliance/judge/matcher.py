"""Which patterns are worth asking: one linear pass over the text for the words that they cannot do without.

A pattern is named where one of the ways in which it can match is open (:mod:`compliance.judge.needed`); RE2 or the
standard library then finds its spans, if there are any. Compiled code passes over the text where there is a compiler
(``scan.c``), and elsewhere an Aho-Corasick automaton: both name the same patterns.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate
from operator import le, or_
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from compliance.judge import characters, needed
from compliance.judge.cache import keep_arrays
from compliance.judge.grams import FACTOR
from compliance.judge.lexicon import DATA
from compliance.judge.native import compiled, struct_over
from compliance.judge.needed import NEAR, NUMERALS, units_of, ways_of
from compliance.judge.patterns import Pattern

_MOST_SLOTS, _MOST_SETS, _MOST_WAYS = 1 << 17, 1 << 14, 1 << 14
_MARK_BITS = 17
_NUMERAL = 0x80
"""As in ``scan.c``, as are those above."""
_ROOMY = 2
"""Slots for each word at least: where there are fewer, what is looked for is found late."""

_POINTERS = ("begins", "marks", "keys", "sets_from", "sets", "ways_from", "ways", "needed", "numerals", "patterns")
Tables = Mapping[str, NDArray[Any]]


class Matcher(Protocol):
    """Two real implementations: :class:`CompiledMatcher` and :class:`AutomatonMatcher`."""

    def candidates(self, plain: str) -> set[int]:
        """Indexes of the patterns that may occur in the text; never without one that does."""


def build_matcher(patterns: Sequence[Pattern]) -> Matcher:
    """Compiled code where there is some that takes so many patterns, else the automaton."""
    tables = tables_of(patterns)
    return CompiledMatcher.over(tables) or AutomatonMatcher(tables)


class _Words(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in _POINTERS),
        ("factor", ctypes.c_uint64),
        *((name, ctypes.c_int32) for name in ("shift", "slots", "way_count", "free_ways", "near")),
    )


class CompiledMatcher:
    """``scan.c`` over tables of the words. All threads share it: nothing is kept from one text to the next."""

    def __init__(self, library: Any, tables: Tables) -> None:
        slots, needs = len(tables["keys"]), tables["needed"]
        words, self._held = struct_over(
            _Words, {name: tables[name] for name in _POINTERS},
            factor=int(FACTOR), shift=64 - (slots.bit_length() - 1), slots=slots,
            way_count=len(needs), free_ways=int((needs == 0).sum()), near=NEAR,
        )  # fmt: skip
        self._call, self._words = library.find_patterns, ctypes.byref(words)
        self._room = ctypes.c_uint16 * len(needs)

    @classmethod
    def over(cls, tables: Tables) -> CompiledMatcher | None:
        """``None`` where there is no compiled code, or more of something than it takes."""
        library = compiled()
        sizes = [len(tables[name]) for name in ("keys", "ways_from", "patterns")]
        return cls(library, tables) if library and all(map(le, sizes, (_MOST_SLOTS, _MOST_SETS, _MOST_WAYS))) else None

    def candidates(self, plain: str) -> set[int]:
        units, found = plain.encode("utf-16-le", "surrogatepass"), self._room()
        return set(found[: self._call(self._words, units, len(units) // 2, found)])


def tables_of(patterns: Sequence[Pattern]) -> Tables:
    """What both matchers look up: worked out once for the same patterns, code and list of common words."""
    total = hashlib.sha256("\0".join(pattern.source for pattern in patterns).encode())
    for file in (Path(__file__), Path(needed.__file__), Path(characters.__file__), DATA / "common.tsv"):
        total.update(file.read_bytes() + b"\0")
    return keep_arrays(f"{total.hexdigest()[:32]}.words", lambda: _work_out(patterns))


def _work_out(patterns: Sequence[Pattern]) -> Tables:
    """The arrays of ``Words`` in ``scan.c``, ways that need no word first, and the rarest set of each of the others."""
    every = [(number, way) for number, pattern in enumerate(patterns) for way in ways_of(pattern.source)]
    ways = sorted(every, key=lambda item: len(item[1].sets) > 0)
    numbers = {words: number for number, words in enumerate(dict.fromkeys(s for _, way in ways for s in way.sets))}
    opens: list[list[int]] = [[] for _ in numbers]
    for at, (_, way) in enumerate(ways):
        for words in way.sets:
            opens[numbers[words]].append(at)
    owners: dict[str, list[int]] = {}
    for words, number in numbers.items():
        for word in words:
            owners.setdefault(word, []).append(number)
    return {
        **_slots(owners),
        **_in_rows("ways", opens),
        "needed": np.array([len(way.sets) for _, way in ways], np.uint8),
        "numerals": np.array([min(way.numerals, 0xFF) for _, way in ways], np.uint8),
        "patterns": np.array([pattern for pattern, _ in ways], np.uint16),
        "rarest": np.array([numbers[way.sets[0]] for _, way in ways if way.sets], np.uint16),
    }


def _slots(owners: Mapping[str, list[int]]) -> Tables:
    """Where each word lies: the first free slot from the one that its key points at."""
    size = 1 << max(_ROOMY * len(owners), 8).bit_length()  # whole bytes, a bit for each
    keys, marked = np.zeros(size, np.uint64), np.zeros(1 << _MARK_BITS, bool)
    rows: list[list[int]] = [[] for _ in range(size)]
    begins = np.array([_NUMERAL if NUMERALS.fullmatch(chr(unit)) else 0 for unit in range(1 << 16)], np.uint8)
    for word in sorted(owners):
        units = word.encode("utf-16-le", "surrogatepass")
        key = int.from_bytes(units, "little")
        hashed = key * int(FACTOR) & (1 << 64) - 1
        marked[hashed >> 64 - _MARK_BITS] = True
        slot = hashed >> 64 - (size.bit_length() - 1)
        while keys[slot]:
            slot = (slot + 1) % size
        keys[slot], rows[slot] = key, sorted(owners[word])
        begins[int.from_bytes(units[:2], "little")] |= 1 << units_of(word) - 1
    return {"begins": begins, "marks": np.packbits(marked, bitorder="little"), "keys": keys, **_in_rows("sets", rows)}


def _in_rows(name: str, rows: Sequence[Sequence[int]]) -> Tables:
    """Lists of numbers one after the other, and where each begins."""
    starts = np.array(list(accumulate(map(len, rows), initial=0)), np.uint32)
    return {name: np.array([number for row in rows for number in row], np.uint16), f"{name}_from": starts}


class _Open(NamedTuple):
    """A way, with a bit for each set that it needs."""

    sets: int
    numerals: int
    pattern: int


class AutomatonMatcher:
    """The same with Aho-Corasick, where nothing is compiled."""

    def __init__(self, tables: Tables) -> None:
        import ahocorasick_rs  # only where nothing is compiled

        ways = _ways_in(tables)
        free = len(ways) - len(tables["rarest"])
        led: dict[int, list[_Open]] = {}
        for way, rarest in zip(ways[free:], tables["rarest"].tolist(), strict=True):
            led.setdefault(rarest, []).append(way)
        owners = {_word(int(tables["keys"][slot])): slot for slot in np.flatnonzero(tables["keys"]).tolist()}
        rows = [_row(tables, "sets", slot) for slot in owners.values()]
        self._free = ways[:free]
        self._owners = [sum(1 << number for number in row) for row in rows]
        self._led = [[way for number in row for way in led.get(number, ())] for row in rows]
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners))

    def candidates(self, plain: str) -> set[int]:
        words = {word for word, _, _ in self._automaton.find_matches_as_indexes(plain, overlapping=True)}
        seen = reduce(or_, map(self._owners.__getitem__, words), 0)
        opened = [way for word in words for way in self._led[word] if way.sets & seen == way.sets] + self._free
        row = _longest_row(plain) if any(way.numerals for way in opened) else 0
        return {way.pattern for way in opened if way.numerals <= row}


def _ways_in(tables: Tables) -> list[_Open]:
    sets = [0] * len(tables["patterns"])
    for number in range(len(tables["ways_from"]) - 1):
        for way in _row(tables, "ways", number):
            sets[way] |= 1 << number
    return list(map(_Open, sets, tables["numerals"].tolist(), tables["patterns"].tolist()))


def _row(tables: Tables, name: str, number: int) -> list[int]:
    start, end = tables[f"{name}_from"][number : number + 2].tolist()
    row: list[int] = tables[name][start:end].tolist()
    return row


def _word(key: int) -> str:
    return key.to_bytes(8, "little").decode("utf-16-le", "surrogatepass").rstrip("\0")


def _longest_row(plain: str) -> int:
    """The most numerals of which no two neighbours have more than ``NEAR`` other characters between them."""
    longest = row = 0
    last = -NEAR - 2
    for match in NUMERALS.finditer(plain):
        row = row + 1 if match.start() - last <= NEAR + 1 else 1
        last, longest = match.start(), max(longest, row)
    return longest
