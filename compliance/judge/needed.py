"""What a pattern cannot do without: words of which every match holds some. Where they are absent nobody need ask it.

A pattern matches in one of several ways, and in each it needs one word out of every one of a few sets: 您.{0,20}坐牢
needs 您 or 你, and 坐牢. In what order and how far apart they stand is left to whoever asks the pattern itself. So a
way may be open where the pattern does not match, and is never closed where it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import prod
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own pattern reader
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from compliance.judge.characters import DIGITS
from compliance.judge.lexicon import read_common

LONGEST = 4
"""UTF-16 units of a word; of a longer one its rarest stretch of so many is looked for."""
NUMERALS = re.compile(f"[{DIGITS}洞拐xX]")
"""What long numbers are written with."""
NEAR = 4
"""Other characters that may stand between two numerals of one number."""
_ROW = 5
"""Numerals from which on a number is long: shorter ones are in too many messages to tell anything."""
_MOST_WORDS = 400
_MOST_WAYS = 24
_MOST_SETS = 3
_COMMON = 0.4
"""Sets of a way at most, and the share of messages that have a word of a set from which on only the rarest set is kept:
to look for more costs more than the few patterns that it spares."""
_MOST_REPEATED = 6
_LISTED = 40
_UNLISTED = 0.0003
"""The share of messages that have a word of which the table of common ones knows nothing."""
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}

Words = frozenset[str]


class Way(NamedTuple):
    """One word of each set, the rarest first, and at least so many numerals with no more than ``NEAR`` between two."""

    sets: tuple[Words, ...] = ()
    numerals: int = 0


def ways_of(source: str) -> tuple[Way, ...]:
    """The ways in which a checked pattern can match. One that needs nothing is open in every text."""
    tree = reader.parse(source)
    return tuple(_row(tree, bool(tree.state.flags & re.IGNORECASE))) or (Way(),)


def _row(tree: Any, any_case: bool) -> list[Way]:
    """What items one after the other need; nothing where that is not known. Neighbours make words."""
    needs: list[list[Way]] = []
    run = {""}
    for code, argument in tree:
        words = _exact(code, argument, any_case)
        joined = None if words is None else _join(run, words)
        if joined is None:
            needs.append(_one_of(run))
            needs.append(_inside(code, argument, any_case) if words is None else [])
        run = joined or words or {""}
    needs.append(_one_of(run))
    return _all_of([ways for ways in needs if ways])


def _one_of(words: set[str]) -> list[Way]:
    return [Way((_shorten(words),))] if words and "" not in words else []


def _inside(code: Any, argument: Any, any_case: bool) -> list[Way]:
    """What a part needs that is no list of words."""
    if code is op.SUBPATTERN:
        return _row(argument[-1], any_case or bool(argument[1] & re.IGNORECASE))
    if code is op.ATOMIC_GROUP:
        return _row(argument, any_case)
    if code is op.BRANCH:
        return _any_of(argument[1], any_case)
    if code in _REPEATS and argument[0] > 0:
        return _long_number(argument) or _row(argument[2], any_case)
    return []


def _long_number(repeat: Any) -> list[Way]:
    """A row of numerals, each with a sign or two beside it at most."""
    least, _, inner = repeat
    narrow = 2 * (inner.getwidth()[1] - 1) <= NEAR
    return [Way((), least)] if least >= _ROW and narrow and any(_is_numeral(*item) for item in inner) else []


def _is_numeral(code: Any, argument: Any) -> bool:
    if code is op.SUBPATTERN:
        return any(_is_numeral(*item) for item in argument[-1])
    members = _members(argument) if code is op.IN else {chr(argument)} if code is op.LITERAL else None
    return members is not None and all(NUMERALS.fullmatch(char) for char in members)


def _all_of(needs: list[list[Way]]) -> list[Way]:
    """Every one of several needs, the rarest first; those that would make too many ways are left out."""
    found: list[Way] = []
    for ways in sorted(needs, key=_share_of_ways):
        if not found:
            found = ways
        elif len(found) * len(ways) <= _MOST_WAYS:
            found = [_both(one, other) for one in found for other in ways]
    return found


def _both(one: Way, other: Way) -> Way:
    sets = sorted({*one.sets, *other.sets}, key=lambda words: (_share_of_set(words), sorted(words)))[:_MOST_SETS]
    kept = sets[:1] + [words for words in sets[1:] if _share_of_set(words) < _COMMON]
    return Way(tuple(kept), max(one.numerals, other.numerals))


def _any_of(branches: Iterable[Any], any_case: bool) -> list[Way]:
    """One of several branches; nothing where one of them needs nothing."""
    words: set[str] = set()
    found: list[Way] = []
    for branch in branches:
        exact = _exact_row(branch, any_case)
        ways = [] if exact is not None else _row(branch, any_case)
        if not ways and (not exact or "" in exact):
            return []
        words |= exact or set()
        found += ways
    found += _one_of(words)
    if len(found) <= _MOST_WAYS or not all(way.sets for way in found):
        return found
    return _one_of({word for way in found for word in way.sets[0]})


def _exact(code: Any, argument: Any, any_case: bool) -> set[str] | None:
    """All that an item can be, or ``None`` where that is not a short list."""
    if code is op.AT:
        return {""}
    if code in (op.LITERAL, op.IN):
        chars = {chr(argument)} if code is op.LITERAL else _members(argument)
        return None if chars is None or (any_case and any(char.lower() != char.upper() for char in chars)) else chars
    if code is op.SUBPATTERN:
        return _exact_row(argument[-1], any_case or bool(argument[1] & re.IGNORECASE))
    if code is op.BRANCH:
        rows = [_exact_row(branch, any_case) for branch in argument[1]]
        known = [row for row in rows if row is not None]
        return set().union(*known) if len(known) == len(rows) and sum(map(len, known)) <= _MOST_WORDS else None
    if code in _REPEATS and argument[1] <= _MOST_REPEATED:
        least, most, inner = argument
        return _exact_repeat(least, most, inner, any_case)
    return None


def _exact_repeat(least: int, most: int, inner: Any, any_case: bool) -> set[str] | None:
    once = _exact_row(inner, any_case)
    found: set[str] = set()
    times: set[str] | None = {""}
    for count in range(most + 1):
        if once is None or times is None or len(found) + len(times) > _MOST_WORDS:
            return None
        if count >= least:
            found |= times
        times = _join(times, once)
    return found


def _exact_row(tree: Any, any_case: bool) -> set[str] | None:
    found: set[str] | None = {""}
    for code, argument in tree:
        words = _exact(code, argument, any_case)
        found = None if words is None or found is None else _join(found, words)
    return found


def _join(first: set[str], then: set[str]) -> set[str] | None:
    return {one + other for one in first for other in then} if len(first) * len(then) <= _MOST_WORDS else None


def _members(items: Any) -> set[str] | None:
    """The characters of a set, or ``None`` where they are too many to list."""
    found: set[str] = set()
    for code, value in items:
        if code is op.LITERAL:
            found.add(chr(value))
        elif code is op.RANGE and value[1] - value[0] < _LISTED:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif code is op.CATEGORY and value is op.CATEGORY_DIGIT:
            found.update("0123456789")
        else:
            return None
    return found


def _shorten(words: Iterable[str]) -> Words:
    """Words short enough to look for, without those that hold another of them."""
    short = {min(_stretches(word), key=lambda stretch: (_share(stretch), stretch)) for word in words}
    return frozenset(word for word in short if not any(other != word and other in word for other in short))


def _stretches(word: str) -> Iterator[str]:
    """The word, or the longest parts of it that are short enough, one for each place where one begins."""
    for start in range(len(word)):
        end = start
        while end < len(word) and units_of(word[start : end + 1]) <= LONGEST:
            end += 1
        yield word[start:end]
        if end == len(word):
            return


def units_of(word: str) -> int:
    """How many UTF-16 units a word takes."""
    return len(word.encode("utf-16-le", "surrogatepass")) // 2


def _share_of_ways(ways: Iterable[Way]) -> float:
    return sum(prod(map(_share_of_set, way.sets)) for way in ways)


def _share_of_set(words: Words) -> float:
    return min(sum(map(_share, words)), 1.0)


def _share(word: str) -> float:
    """The share of messages that have a word: that of its rarest pair of characters."""
    pairs = [word[at : at + 2] for at in range(len(word) - 1)] or [word]
    return min(read_common().get(pair, _UNLISTED) for pair in pairs)
