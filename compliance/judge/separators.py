"""Two further readings of a folded text: without what was put between the characters, and its digits alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from compliance.judge.characters import DIGITS, ENDS, HAN, NO_SEPARATOR, PLAIN, STOPS
from compliance.judge.glance import JOINING, NUMBERS, glance
from compliance.judge.lexicon import read_words
from compliance.judge.view import View, edit

_ODD = f"[^{HAN}\\w{STOPS}{PLAIN}{ENDS}]|_"


@cache
def _between() -> re.Pattern[str]:
    """Compiled for the first text that asks for it, as the other patterns of this file: no message needs them all."""
    return re.compile(
        f"(?<=[{HAN}])(?:(?P<plain>[{PLAIN}]{{1,3}}|[，。,])|(?P<odd>(?:{_ODD}|[{PLAIN}]){{1,4}}))(?=[{HAN}])"
        f"|(?<=[{HAN}])(?P<letter>[a-z])(?=[{HAN}](?P=letter)[{HAN}])|(?<=[{HAN}])(?P<last>[a-z])(?=[{HAN}])"
        f"|(?<![a-z])[a-z](?:[ .·*_\\-][a-z]){{1,12}}(?![a-z])"
    )


@cache
def _parted() -> re.Pattern[str]:
    """What a text has in which signs part characters: a sign that is no comma, or commas around one character."""
    return re.compile(f"[^{HAN}0-9{STOPS}{ENDS}]|[，。,][{HAN}][，。,]")


@cache
def _han() -> re.Pattern[str]:
    return re.compile(f"[{HAN}]")


_VALUES = {**{str(i): str(i) for i in range(10)}, **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True))}
_VALUES |= dict(zip("幺壹贰叁肆伍陆柒捌玖两貳參陸", "11234567892236", strict=True)) | {"o": "0", "l": "1", "i": "1"}
_SEP = f"(?:[^{NO_SEPARATOR}]|_|\\.(?=[{DIGITS}]{{3}})){{0,3}}"
LEAST_DIGITS = 5
"""A shorter run of spoken or separated digits identifies nobody and stays as it is."""


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"(?:[{DIGITS}]|(?<![a-z0-9])[oli](?=[0-9]))(?:{_SEP}[{DIGITS}]|[oli]++(?![a-z]))*+")


@cache
def _long_run() -> re.Pattern[str]:
    return re.compile(f"[{DIGITS}]" + f"(?:{_SEP}[{DIGITS}]|[oli])" * 4)


@cache
def _pairs() -> frozenset[str]:
    return frozenset(word[at : at + 2] for word in read_words() for at in range(len(word) - 1))


def join(base: View) -> View | None:
    """``base`` without the signs put between its characters, or ``None`` where there are none.

    A sign that ordinary text has there (a space, a dot, a comma) goes only if the characters around it stand alone,
    or if together they are part of a sensitive word.
    """
    if not glance(base.plain).asks & JOINING or _parted().search(base.plain) is None:
        return None
    edits = list(_joins(base.plain))
    return edit(base, edits, "joined") if edits else None


def _joins(plain: str) -> Iterator[tuple[int, int, str]]:
    before = ""
    for match in _between().finditer(plain):
        start, end = match.span()
        if match["letter"] or match["last"]:
            if match["letter"] or before == match["last"]:
                yield start, end, ""
            before = match["letter"] or ""
        elif match["odd"] or (match["plain"] and _apart(plain, start, end)):
            yield start, end, ""
        elif match["plain"] is None:
            for at in range(start + 1, end, 2):
                yield at, at + 1, ""


def _apart(plain: str, start: int, end: int) -> bool:
    """Whether the ordinary sign at ``start:end`` cuts a word rather than two clauses."""
    left = start < 2 or _han().match(plain[start - 2]) is None
    right = end + 1 >= len(plain) or _han().match(plain[end + 1]) is None
    if plain[start] in "，。,":
        return left and right
    return (left and right) or plain[start - 1] + plain[end] in _pairs()


def read_digits(base: View) -> View | None:
    """``base`` with spoken, Chinese and separated digits as plain ASCII, or ``None`` where there are none.

    Reads 幺三八, 贰零, ``1-3-8``, ``l38`` inside a number. Runs of fewer than five digits are left alone.
    """
    if not glance(base.plain).asks & NUMBERS or _long_run().search(base.plain) is None:
        return None
    edits: list[tuple[int, int, str]] = []
    for run in _run().finditer(base.plain):
        places = [(at, char) for at, char in enumerate(run[0], run.start()) if char in _VALUES]
        if len(places) >= LEAST_DIGITS:
            edits += _run_edits(places)
    return edit(base, edits, "digits") if edits else None


def _run_edits(places: list[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Drops what is between the digits of a run and writes each of them in ASCII."""
    done = places[0][0]
    for at, char in places:
        if at > done:
            yield done, at, ""
        if _VALUES[char] != char:
            yield at, at + 1, _VALUES[char]
        done = at + 1
