"""What kind of character stands where, and which further readings of a text could find anything at all.

Most messages are written plainly, and to ask so with one search after the other took longer than to judge them. A table
gives each character its kind, one byte, and small patterns over those bytes ask what a reading asks for. The answers
lean to one side: where a reading would change anything its question is answered with yes.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from compliance.judge.cache import read_cached, write_cached
from compliance.judge.lexicon import BARE, DATA, is_han, read_fold, read_mistaken, read_plain_signs

DELETED = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u0610-\\u061a"
    "\\u064b-\\u065f\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u1ab0-\\u1aff"
    "\\u1dc0-\\u1dff\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u20d0-\\u20ff\\u2800\\u302a-\\u302f\\u3164"
    "\\ufe00-\\ufe0f\\ufe20-\\ufe2f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff"
)
"""Characters that show nothing of their own: a regular expression's set, without its brackets, as those below."""
HAN = "\\u3007\\u3400-\\u9fff\\U00020000-\\U0003ffff"
STOPS = "，。！？；：,!?;:\\n"
PLAIN = " ./\\\\、\\-"
"""Signs that ordinary text has between its characters, beside the stops."""
ENDS = "）（()《》〈〉“”‘’\"'【】\\[\\]「」『』〔〕"
DIGITS = "0-9零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两"
NO_SEPARATOR = f"{HAN}\\w\\n，。；：！？,;:!?."
"""What never stands between the digits of a number; an underscore does, though it counts as a letter."""
LINES = {9: " ", 0x2028: "\n", 0x2029: "\n", 13: "\n"}
"""Blanks and line ends that fold to the usual ones."""
OWN_WAY = "甚"
"""Folds by the word that it stands in."""

_UNITS = 0x10000
"""Kinds are told of UTF-16 units. Characters of the rarer planes take two of them, and are asked about in every way."""


@cache
def _every_unit() -> str:
    return "".join(map(chr, range(_UNITS)))


def _of_set(pattern: str) -> NDArray[np.int64]:
    """The units that a regular expression for one character takes."""
    runs = [np.arange(*match.span()) for match in re.finditer(f"(?:{pattern})+", _every_unit())]
    return np.concatenate(runs)


def _of_list(characters: Iterable[str]) -> NDArray[np.int64]:
    return np.array([ord(char) for char in characters if ord(char) < _UNITS])


def _properties() -> Mapping[str, NDArray[np.int64]]:
    """A letter for each property, and the units that have it."""
    return {
        "A": _of_set("[\\ud800-\\udfff]"),  # half a character
        "C": _of_list("，。,"),
        "D": _of_set(f"[{DIGITS}oli]"),
        "F": np.concatenate((_of_list((*read_fold(), *map(chr, LINES), OWN_WAY)), _of_set(f"[{DELETED}]"))),
        "G": _of_set(f"[^{NO_SEPARATOR}]|_"),
        "H": _of_set(f"[{HAN}]"),
        "K": _of_list(" .·*_-"),
        "L": _of_set("[a-z]"),
        "M": _of_list(read_mistaken()),
        "N": _of_set(f"(?![0-9])[{DIGITS}oli]"),  # digits, but no plain ones
        "O": _of_list("(（[【〔?"),
        "P": _of_list("."),
        "R": _of_list(asking_signs()),
        "X": _of_set(f"[^{HAN}a-z0-9!?;！？；：:\\n{ENDS}，。,]"),  # stands between characters
    }


def asking_signs() -> frozenset[str]:
    """Signs that stand for a word and parts of characters that by themselves ask for a rewriting."""
    return BARE | {key[0] for key in read_plain_signs() if not is_han(key[0]) and "9" < key[0] < "\U00010000"}


def kinds_of_units() -> NDArray[np.uint8]:
    """The kind of each UTF-16 unit."""
    return np.frombuffer(_stored_kinds()[0], np.uint8)


def properties_of_kinds() -> NDArray[np.uint16]:
    """The properties of each kind: the first of ``_properties`` is the lowest bit."""
    found = np.zeros(1 << 8, np.uint16)
    sets = {letter: kinds for letter, kinds in _stored_kinds()[1].items() if letter.isupper()}
    for bit, kinds in enumerate(sets.values()):
        found[list(_read_set(kinds))] |= np.uint16(1 << bit)
    return found


class _Kinds(NamedTuple):
    """The kind of each unit, and the questions, as patterns over kinds."""

    table: NDArray[np.uint8]
    folding: re.Pattern[bytes]
    joining: re.Pattern[bytes]
    rewriting: re.Pattern[bytes]
    digits: re.Pattern[bytes]
    mistaken: re.Pattern[bytes]


@cache
def _kinds() -> _Kinds:
    sets = _stored_kinds()[1]

    def ask(question: str) -> re.Pattern[bytes]:
        """Capitals are what has a property, small letters what has not. A set comes first: engines skip to it."""
        return re.compile(re.sub("[A-Za-z]", lambda match: sets[match[0]], question).encode())

    return _Kinds(
        kinds_of_units(),
        folding=ask("[AFO](?:(?<=[AF])|(?=[L]))"),
        joining=ask(
            "[ACLX](?:(?<=[A])|(?<=[H][X])(?=[HX])|(?<=[H][C])(?<![H][H][C])(?=[H](?![H]))"
            "|(?<=[L])(?=[K][L])|(?<=[H][L])(?=[H]))"
        ),
        rewriting=ask("[ALR]"),
        digits=ask("[AGNP](?:(?<=[A])|(?<=[D][G])|(?<=[D][P])(?=[D][D][D])|(?<=[N])(?=[D])|(?<=[D][N]))"),
        mistaken=ask("[M]"),
    )


@cache
def _stored_kinds() -> tuple[bytes, dict[str, str]]:
    """The kind of each unit, and the kinds of each property; from the cache where code and tables are the same."""
    total = hashlib.sha256(platform.python_version().encode())  # its Unicode decides what counts as a letter
    for file in (Path(__file__), DATA / "fold.tsv", DATA / "pairs.tsv", DATA / "signs.txt"):
        total.update(file.read_bytes() + b"\0")
    name = f"{total.hexdigest()[:32]}.kinds"
    stored = read_cached(name)
    if stored is not None and len(stored) > _UNITS:
        return stored[:_UNITS], json.loads(stored[_UNITS:])
    table, sets = _work_out_kinds()
    write_cached(name, table + json.dumps(sets).encode())
    return table, sets


def _work_out_kinds() -> tuple[bytes, dict[str, str]]:
    masks = np.zeros(_UNITS, np.uint16)
    properties = _properties()
    for bit, units in enumerate(properties.values()):
        masks[units] |= np.uint16(1 << bit)
    combinations, table = np.unique(masks, return_inverse=True)  # some thirty of them
    kinds = list(enumerate(combinations.tolist()))
    sets = {}
    for bit, name in enumerate(properties):
        sets[name] = _write_set(kind for kind, mask in kinds if mask >> bit & 1)
        sets[name.lower()] = _write_set(kind for kind, mask in kinds if not mask >> bit & 1)
    return table.astype(np.uint8).tobytes(), sets


def _write_set(kinds: Iterable[int]) -> str:
    return "".join(map(r"\x{:02x}".format, kinds))


def _read_set(written: str) -> bytes:
    return bytes.fromhex(written.replace("\\x", ""))


@lru_cache(maxsize=8)
def look(plain: str) -> bytes:
    """The kind of each UTF-16 unit of a text; those looked at last are remembered, as several ask in a row."""
    units = np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), np.uint16)
    return _kinds().table.take(units).tobytes()


def asks_folding(plain: str) -> bool:
    return _kinds().folding.search(look(plain)) is not None


def asks_joining(plain: str) -> bool:
    """Whether there may be signs between the characters that are none of ordinary text."""
    return _kinds().joining.search(look(plain)) is not None


def asks_rewriting(plain: str) -> bool:
    """Whether letters, signs or bare parts ask for it; characters that sound alike are asked for by their pairs."""
    return _kinds().rewriting.search(look(plain)) is not None


def asks_digits(plain: str) -> bool:
    return _kinds().digits.search(look(plain)) is not None


def find_mistaken(plain: str) -> list[int]:
    """Where the characters of ``read_mistaken`` stand."""
    seen = look(plain)
    if len(seen) == len(plain):
        return [match.start() for match in _kinds().mistaken.finditer(seen)]
    mistaken = read_mistaken()
    return [at for at, char in enumerate(plain) if char in mistaken]
