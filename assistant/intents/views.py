"""An utterance in the three views that the learned reader weighs, each as 64-bit keys of ``compliance.judge.grams``.

``said``: grams of the folded words without points and blanks, since a recogniser writes none. ``meant``: the same with
words of a kind (``words.toml``) as one sign, so that an illness never heard of in training is still an illness.
``apart``: pairs of characters with others between them. Training and reading share this file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import SILENT, Keys, places, read_grams
from compliance.judge.reader import view_for_reading
from compliance.judge.text import Text, View, clean
from compliance.judge.types import Span

WORDS = Path(__file__).with_name("words.toml")
VIEWS = ("said", "meant", "apart")
GAPS = range(2, 6)
"""How many characters apart a pair of the third view stands."""
_FIRST_SIGN = 0xE000
"""Signs of kinds are characters of the private use area, which nobody says."""
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_NEAR_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_FAR_FACTOR = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is read of a text: folded, disguises undone, without points and blanks. One UTF-16 unit a character."""

    plain: str
    view: View

    @classmethod
    def of(cls, text: str) -> Utterance:
        view = view_for_reading(Text.of(text))
        return cls(_ASTRAL.sub("□", SILENT.sub("", view.plain)), view)

    def span(self, start: int, end: int) -> Span:
        """A stretch of ``plain``, half-open and not empty, in the raw text."""
        heard = [at for at, char in enumerate(self.view.plain) if not SILENT.match(char)]
        return self.view.span(heard[start], heard[end - 1] + 1)


def read_keys(plain: str) -> tuple[Keys, Keys, Keys]:
    """The keys of each view of ``Utterance.plain``, in the order of ``VIEWS``."""
    said = read_grams(plain)
    return said, read_grams(write_kinds(plain)), _read_pairs(said[: len(plain)])


def _read_pairs(single: Keys) -> Keys:
    found = [(single[:-gap] * _NEAR_FACTOR) ^ (single[gap:] * _FAR_FACTOR) for gap in GAPS if gap < len(single)]
    return np.concatenate(found) if found else single[:0]


def key_places(plain: str) -> list[NDArray[np.int64]]:
    """For each view where its keys start and end in ``plain``: two rows, in the order of ``read_keys``."""
    origins = np.array(_kind_origins(plain))
    starts = np.concatenate([np.arange(max(len(plain) - gap, 0)) for gap in GAPS])
    gaps = np.repeat(list(GAPS), [max(len(plain) - gap, 0) for gap in GAPS])
    return [places(len(plain)), origins[places(len(origins) - 1)], np.stack((starts, starts + gaps + 1))]


def write_kinds(plain: str) -> str:
    """``plain`` with plain words for dialect and one sign for words of a kind."""
    written: list[str] = []
    at = 0
    for start, end, sign in _kinds(plain):
        written += (plain[at:start], sign)
        at = end
    return "".join((*written, plain[at:]))


def _kind_origins(plain: str) -> list[int]:
    """Where in ``plain`` each character of ``write_kinds`` comes from, and the end."""
    origins: list[int] = []
    at = 0
    for start, end, sign in _kinds(plain):
        origins += (*range(at, start), *[start] * len(sign))
        at = end
    return [*origins, *range(at, len(plain) + 1)]


def _kinds(plain: str) -> Iterator[tuple[int, int, str]]:
    """The longest word at each place: start, end, and what is written instead."""
    automaton, signs = _automaton()
    for number, start, end in automaton.find_matches_as_indexes(plain):
        yield start, end, signs[number]


@cache
def _automaton() -> tuple[ahocorasick_rs.AhoCorasick, list[str]]:
    """What finds the longest words, and for the number of each what is written instead."""
    signs = read_words()
    found = ahocorasick_rs.AhoCorasick(list(signs), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return found, list(signs.values())


@cache
def read_words() -> dict[str, str]:
    """Folded word → the plain word or the sign of its kind.

    Raises:
        ValueError: a word stands twice, for the second place would have no effect.
    """
    raw = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    rows = [(word, plain) for plain, words in raw["same"].items() for word in words]
    rows += [(word, chr(_FIRST_SIGN + number)) for number, kind in enumerate(raw["kind"].values()) for word in kind]
    found: dict[str, str] = {}
    for word, sign in rows:
        folded = SILENT.sub("", clean(word))
        if found.get(folded, sign) != sign:
            raise ValueError(f"{WORDS.name}: {word!r} stands for two things")
        found[folded] = sign
    return found
