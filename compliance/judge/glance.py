"""What a text asks for, at one glance: which further readings could find anything, and where words may be misheard.

Most messages are written plainly and ask for nothing. Compiled code (``scan.c``) looks where there is a compiler.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compliance.judge.cache import keep_arrays
from compliance.judge.characters import (
    asks_digits,
    asks_folding,
    asks_joining,
    asks_rewriting,
    find_mistaken,
    kinds_of_units,
    properties_of_kinds,
)  # fmt: skip
from compliance.judge.lexicon import DATA, read_suspects
from compliance.judge.native import compiled, struct_over

FOLDING, JOINING, REWRITING, NUMBERS = 1, 2, 4, 8
"""As in ``scan.c``."""
_QUESTIONS = 4
_ROOM = 64


class Glance(NamedTuple):
    """``asks`` is the sum of the readings asked for; ``suspects`` says where pairs of characters begin, in order,
    that ask for a closer look (see ``read_suspects``)."""

    asks: int
    suspects: list[int]


@lru_cache(maxsize=8)
def glance(plain: str) -> Glance:
    """At a text, raw or folded; those glanced at last are remembered, as several ask in a row."""
    found = None if (look := _look()) is None else look.at(plain)
    return _glance_slowly(plain) if found is None else found


def _glance_slowly(plain: str) -> Glance:
    asked = (asks_folding(plain), asks_joining(plain), asks_rewriting(plain), asks_digits(plain))
    return Glance(sum(asks << bit for bit, asks in enumerate(asked)), _find_suspects(plain))


def _find_suspects(plain: str) -> list[int]:
    found = []
    last = len(plain) - 1
    for at in find_mistaken(plain):
        if at and _is_suspect(plain[at - 1 : at + 1]):
            found.append(at - 1)
        if at < last and _is_suspect(plain[at : at + 2]):
            found.append(at)
    return found


@lru_cache(maxsize=16384)
def _is_suspect(pair: str) -> bool:
    """Remembered, as the second characters of some are hundreds and the pairs of ordinary messages are few."""
    return pair[1] in read_suspects().get(pair[0], "")


class _Signs(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("kinds", "properties", "firsts", "rows", "seconds"))


@dataclass(frozen=True, eq=False, slots=True)
class _Look:
    """The compiled code over its tables."""

    _call: Any
    _signs: Any
    _held: Any
    _places: Any

    def at(self, plain: str) -> Glance | None:
        """``None`` where it cannot tell: of characters that take two units, and of more pairs than it has room for."""
        units, places = plain.encode("utf-16-le", "surrogatepass"), self._places()
        count = len(units) // 2
        if count != len(plain):
            return None
        told: int = self._call(self._signs, units, count, places)
        suspects = told >> _QUESTIONS
        if suspects > _ROOM:
            return None
        return Glance(told & (1 << _QUESTIONS) - 1, places[:suspects] if suspects else [])


@cache
def _look() -> _Look | None:
    library = compiled()
    if library is None:
        return None
    arrays: dict[str, NDArray[Any]] = {"kinds": kinds_of_units(), "properties": properties_of_kinds(), **_pairs()}
    signs, held = struct_over(_Signs, arrays)
    return _Look(library.look, ctypes.byref(signs), held, ctypes.c_int32 * _ROOM)


def _pairs() -> Mapping[str, NDArray[Any]]:
    """``read_suspects`` as numbers: unit → row, row → where its seconds begin, and the seconds, in order."""
    total = hashlib.sha256(Path(__file__).read_bytes())
    for name in ("pairs.tsv", "signs.txt", "together.txt"):
        total.update((DATA / name).read_bytes() + b"\0")
    return keep_arrays(f"{total.hexdigest()[:32]}.pairs", _work_out_pairs)


def _work_out_pairs() -> Mapping[str, NDArray[Any]]:
    suspects = {ord(first): sorted(set(map(ord, seconds))) for first, seconds in read_suspects().items()}
    firsts = np.zeros(0x10000, np.uint16)
    firsts[list(suspects)] = np.arange(1, len(suspects) + 1)
    rows = list(accumulate((len(seconds) for seconds in suspects.values()), initial=0))
    seconds = [second for row in suspects.values() for second in row]
    return {"firsts": firsts, "rows": np.array([0, *rows], np.uint32), "seconds": np.array(seconds, np.uint16)}
