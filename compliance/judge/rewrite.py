"""The ``rewritten`` view: disguised words written plainly, and nothing else touched.

A stretch is rewritten only where it can hardly be ordinary Chinese: characters taken apart, signs that stand for a
word, Latin spelling, and characters that sound like a sensitive word but do not make a word where they stand. The
view adds to the folded text and never replaces it, so a wrong guess can hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from compliance.judge.characters import asks_rewriting
from compliance.judge.glance import REWRITING, glance
from compliance.judge.lexicon import (
    BARE,
    is_han,
    read_begins,
    read_initials,
    read_plain_signs,
    read_splits,
    read_together,
)  # fmt: skip
from compliance.judge.sounds import read_latin, read_misheard
from compliance.judge.view import View, edit

_LEET = re.compile(r"(?<![a-z0-9@$])[a-z0134@$]{3,24}+(?![a-z0-9@$])")
_LETTER = re.compile("[a-z]")
_PLAIN_LEET = str.maketrans("0134@$", "oieaas")

Edit = tuple[int, int, str]


class _Table:
    """Finds the keys of a table in a text: one class test, then look-ups only where a key may begin."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table
        self.lengths: dict[str, list[int]] = {}
        for key in sorted(table, key=len, reverse=True):
            sizes = self.lengths.setdefault(key[0], [])
            if len(key) not in sizes:
                sizes.append(len(key))
        self.firsts = re.compile(f"[{''.join(map(re.escape, self.lengths))}]")

    def find(self, plain: str) -> Iterator[Edit]:
        """The longest key at every place where one begins; they may overlap."""
        return self.find_at(plain, (match.start() for match in self.firsts.finditer(plain)))

    def find_at(self, plain: str, places: Iterable[int]) -> Iterator[Edit]:
        """The longest key that begins at each of the places, where one does."""
        for start in places:
            for length in self.lengths.get(plain[start], ()):
                key = plain[start : start + length]
                if key in self.table:
                    yield start, start + len(key), self.table[key]
                    break


@cache
def _signs() -> _Table:
    return _Table(read_plain_signs())


@cache
def _parts() -> tuple[_Table, _Table]:
    """Parts that no ordinary text has side by side, and all parts, which need one of the former to count."""
    certain = {p: c for p, c in read_splits().items() if p[0] in BARE or p[-1] in BARE or p in read_together()}
    return _Table(certain), _Table(read_splits())


@cache
def _unannounced() -> re.Pattern[str]:
    """The first characters of signs that neither ``asks_rewriting`` nor a suspicious pair gives away."""
    told = read_begins()
    firsts = {key[0] for key in _signs().table if key[:2] not in told and not asks_rewriting(key)}
    return re.compile(f"[{''.join(map(re.escape, sorted(firsts)))}]" if firsts else "(?!)")


def rewrite(base: View) -> View | None:
    """``base`` with disguised words written plainly, or ``None`` where nothing looks disguised."""
    plain = base.plain
    asked, places = glance(plain)
    asks = bool(asked & REWRITING) or "748" in plain
    if not places and not asks:
        return None
    found = [*_sign_edits(plain, places, asks), *_part_edits(plain, places, asks), *read_misheard(plain, places)]
    if asks and _LETTER.search(plain) is not None:
        found += [*_latin_edits(plain), *_leet_edits(plain)]
    return edit(base, _first_longest(found), "rewritten") if found else None


def _first_longest(found: list[Edit]) -> Iterator[Edit]:
    """Of edits that overlap the leftmost, of those that begin together the longest."""
    done = 0
    for start, end, new in sorted(found, key=lambda item: (item[0], -item[1])):
        if start >= done:
            yield start, end, new
            done = end


def _sign_edits(plain: str, places: list[int], asks: bool) -> Iterator[Edit]:
    """Signs; where nothing asked for them they can only begin at a suspicious pair or be one of a few."""
    if asks:
        signs = _signs().find(plain)
    else:
        signs = _signs().find_at(plain, [*places, *(match.start() for match in _unannounced().finditer(plain))])
    for start, end, word in signs:
        if not (plain[start:end].isascii() and _inside_latin(plain, start, end)):
            yield start, end, word


def _inside_latin(plain: str, start: int, end: int) -> bool:
    """Whether Latin letters or digits run on before or after."""
    around = plain[max(0, start - 1) : start] + plain[end : end + 1]
    return any(char.isascii() and char.isalnum() for char in around) and plain[start : start + 1] != "+"


def _part_edits(plain: str, places: list[int], asks: bool) -> Iterator[Edit]:
    """Characters taken apart: certain pairs at once; others only in a text that has a certain one."""
    certain, every = _parts()
    if next(certain.find(plain) if asks else certain.find_at(plain, places), None) is not None:
        yield from every.find(plain)


def _latin_edits(plain: str) -> Iterator[Edit]:
    """Initials beside Chinese characters, and pinyin."""
    initials = read_initials()
    for match in re.finditer(r"(?<![a-z0-9])[a-z]{2,5}(?![a-z0-9$¥￥])", plain):
        word = initials.get(match[0])
        if word is not None and _beside_han(plain, *match.span()):
            yield match.start(), match.end(), word
    yield from read_latin(plain)


def _beside_han(plain: str, start: int, end: int) -> bool:
    around = plain[max(0, start - 1) : start] + plain[end : end + 1]
    return any(map(is_han, around))


def _leet_edits(plain: str) -> Iterator[Edit]:
    """English words with digits or signs for letters: at least three letters for each of them."""
    for match in _LEET.finditer(plain):
        letters = sum("a" <= char <= "z" for char in match[0])
        if letters < len(match[0]) <= letters + max(1, letters // 3) and letters > 1 and match[0][-1].isalpha():
            yield match.start(), match.end(), match[0].translate(_PLAIN_LEET)
