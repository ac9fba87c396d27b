"""The inner loops in C (``weigh.c``, ``scan.c``), compiled where there is a compiler; numpy and Python do without.

What was compiled is kept in the cache under the digest of its source, so a compiler runs once. Nothing but speed
depends on it: whatever goes wrong on the way to it means that the same is worked out more slowly.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.cache import find_cached, write_cached
from compliance.judge.grams import FACTOR, LONGEST, SHIFT, Vocabulary, unit_numbers
from compliance.judge.heaviest import LONGEST_SPAN
from compliance.judge.parts import MOST, SENTENCE_ENDS, SHORTEST, TOLD

Floats = NDArray[np.float32]
SOURCES = tuple(Path(__file__).with_name(name) for name in ("weigh.c", "scan.c"))
OPTIONS = ("-O3", "-shared", "-fPIC")
_PATIENCE = 60
"""Seconds that a compiler may take."""


class _Lane(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("numbers", "ends", "marks", "rows")),
        *((name, ctypes.c_void_p) for name in ("scales", "intercepts")),
        *((name, ctypes.c_void_p) for name in ("mixture", "biases", "kinds", "kind_biases")),
        ("factor", ctypes.c_uint64),
        *((name, ctypes.c_int32) for name in ("shift", "heads", "longest", "shortest", "most_parts")),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Loop:
    """The compiled code over the arrays of one lane of a model."""

    _library: Any
    _lane: _Lane
    _held: Mapping[str, NDArray[Any]]
    """What the lane points at."""
    _size: int
    _room: Any

    @classmethod
    def over(cls, vocabulary: Vocabulary, arrays: Mapping[str, NDArray[Any]]) -> Loop | None:
        """``arrays`` are named as in ``weigh.c``. ``None`` where there is no compiled code."""
        library = compiled()
        if library is None:
            return None
        shared = {"numbers": unit_numbers(), "ends": SENTENCE_ENDS, "marks": vocabulary.marks}
        heads = len(arrays["scales"])
        lane, held = struct_over(
            _Lane, {**shared, **arrays},
            factor=int(FACTOR), shift=int(SHIFT), heads=heads, longest=LONGEST, shortest=SHORTEST, most_parts=MOST,
        )  # fmt: skip
        size = 2 * heads + TOLD
        return cls(library, lane, held, size, ctypes.c_float * (size + len(held["biases"])))

    def read(self, plain: str, signs: Floats | None) -> tuple[Floats, list[float]]:
        """A folded text and what the signs of the rules add to each head → its scores and the odds of each decision.

        Raises ``ValueError`` where the text is longer than any message.
        """
        units, filled = plain.encode("utf-16-le", "surrogatepass"), self._room()
        added = None if signs is None else signs.tobytes()  # a quarter of what `signs.ctypes` takes
        if self._library.read_text(ctypes.byref(self._lane), units, len(units) // 2, added, filled):
            raise ValueError("a model or a text is larger than the compiled loop takes")
        return np.frombuffer(filled, np.float32, self._size), filled[self._size :]

    def category_odds(self, scores: Floats) -> list[float]:
        """The odds of each category by itself, for scores that ``read`` gave."""
        odds = (ctypes.c_float * len(self._held["kind_biases"]))()
        self._library.weigh_categories(ctypes.byref(self._lane), scores.ctypes.data, odds)
        return odds[:]

    def span(self, plain: str, head: int) -> tuple[int, int] | None:
        """The stretch that weighed most for a head, in UTF-16 units, half-open."""
        units, found = plain.encode("utf-16-le", "surrogatepass"), (ctypes.c_int * 2)()
        count = len(units) // 2
        gains = (ctypes.c_double * (count + 1))()
        asked = (ctypes.byref(self._lane), units, count, head, LONGEST_SPAN, gains, found)
        return (found[0], found[1]) if self._library.find_heaviest(*asked) else None


def struct_over(kind: type[ctypes.Structure], arrays: Mapping[str, NDArray[Any]], **numbers: int) -> tuple[Any, Any]:
    """A structure whose pointers are ``arrays`` by name, and what has to be held as long as it is used."""
    held = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return kind(**{name: array.ctypes.data for name, array in held.items()}, **numbers), held


@cache
def compiled() -> Any:
    """The sources as one library, or ``None`` where it cannot be had."""
    if os.name != "posix" or sys.byteorder != "little":  # texts are handed over as UTF-16, lower byte first
        return None
    made_for = f"{OPTIONS} {platform.machine()} {platform.libc_ver()}"
    sources = b"".join(source.read_bytes() for source in SOURCES)
    name = sha256(sources + made_for.encode()).hexdigest()[:32] + ".so"
    try:
        return _load(name)
    except OSError:
        pass  # not compiled yet, or cut short by a full disk
    try:
        _compile(name)
        return _load(name)
    except OSError:
        return None  # no compiler, no room, or a folder that nothing may be run from


def _load(name: str) -> Any:
    """Raises ``OSError`` where there is none to be taken."""
    # PyDLL keeps the interpreter's lock: a loop of microseconds is over before another thread could use it
    library = ctypes.PyDLL(str(find_cached(name)))
    text = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
    library.read_text.argtypes = (*text, ctypes.c_void_p, ctypes.c_void_p)
    library.weigh_categories.argtypes = (ctypes.c_void_p,) * 3
    library.weigh_categories.restype = None
    library.find_heaviest.argtypes = (*text, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    library.look.argtypes = library.find_patterns.argtypes = (*text, ctypes.c_void_p)
    return library


def _compile(name: str) -> None:
    """Raises ``OSError`` where it cannot be compiled, or not be kept."""
    import shutil
    import subprocess  # most starts find what was compiled before
    import tempfile

    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise FileNotFoundError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / name
        command = [compiler, *OPTIONS, "-o", str(made), *map(str, SOURCES), "-lm"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)  # noqa: S603 - our own source
        except subprocess.SubprocessError as error:
            raise OSError(f"{compiler} does not compile it: {error}") from error
        write_cached(name, made.read_bytes())
