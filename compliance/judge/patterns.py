"""Patterns: the part of regular expressions that every engine here reads alike, and that none can make slow.

A pattern is written on folded text (simplified, lower case, half width). ``{name}`` stands for a group of words. Every
repetition has an upper bound; look-around, back-references and anchors inside words are refused. RE2 finds the spans in
time linear in the text. The standard library finds the same ones sooner, and also in linear time, for patterns of which
it is proved that they cost it few steps from any place (see :mod:`compliance.judge.steps`). Which patterns are worth
asking is decided before, by the words that they cannot do without (:mod:`compliance.judge.needed`).
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own pattern reader
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any

import re2

from compliance.judge.cache import read_cached, write_cached
from compliance.judge.steps import count_steps

WIDEST = 160
"""Code points that one match may span; longer relations are said with ``all`` and a scope."""
FEW_STEPS = 2_000
"""Steps from one place up to which the standard library's engine reads a pattern in texts of any length. Every
alternative is counted as if it were tried to its end: the worst texts that were found take 8 µs a character."""
MANY_STEPS, SHORT = 50_000, 500
"""Steps up to which it does so in texts of at most so many code points."""

_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BARRED = {
    op.ASSERT: "look-ahead and look-behind are not read by a linear engine: use `unless` or `none`",
    op.ASSERT_NOT: "negative look-around is not read by a linear engine: use `unless` or `none`",
    op.GROUPREF: "back-references are not read by a linear engine",
    op.GROUPREF_EXISTS: "conditional groups are not read by a linear engine",
}
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_LOUD = re2.Options()
_LOUD.log_errors = False


class PatternFault(ValueError):
    """A pattern that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Pattern:
    """One checked pattern, by its expanded source."""

    source: str

    @cached_property
    def engine(self) -> Any:
        return re2.compile(self.source, _LOUD)

    @cached_property
    def quick(self) -> re.Pattern[str] | None:
        """The standard library's reading of the pattern, where its cost is bounded and its spans are RE2's."""
        return re.compile(self.source, re.ASCII) if self._reach else None

    @cached_property
    def _reach(self) -> int:
        """Code points of the longest text that ``quick`` may read."""
        known = _checked().steps
        steps = known[self.source] if self.source in known else count_steps(self.source)
        if steps is None or steps > MANY_STEPS:
            return 0
        return SHORT if steps > FEW_STEPS else sys.maxsize

    def _reader_of(self, plain: str) -> re.Pattern[str] | None:
        """``quick`` for the texts that it may read. Before a last line break ``$`` is the end to it and not to RE2."""
        return self.quick if len(plain) <= self._reach and plain[-1:] != "\n" else None

    def spans(self, plain: str) -> list[tuple[int, int]]:
        """Leftmost matches that do not overlap, in order, in code points."""
        quick = self._reader_of(plain)
        if quick is not None:
            return [match.span() for match in quick.finditer(plain)]
        return _spans_in(self.engine, plain.encode())

    def occurs(self, plain: str) -> bool:
        quick = self._reader_of(plain)
        return (quick or self.engine).search(plain) is not None

    def first_group(self, plain: str) -> str | None:
        """What the first group holds in the leftmost match, if there is one."""
        match = (self._reader_of(plain) or self.engine).search(plain)
        return None if match is None else match.group(1)


def _spans_in(engine: Any, encoded: bytes) -> list[tuple[int, int]]:
    """Spans by RE2 in a text in UTF-8. Every byte is decoded at most once: linear however many matches there are."""
    found: list[tuple[int, int]] = []
    done = characters = 0
    for match in engine.finditer(encoded):
        start, end = match.span()
        begins = characters + len(encoded[done:start].decode())
        characters = begins + len(encoded[start:end].decode())
        done = end
        found.append((begins, characters))
    return found


def expand(pattern: str, words: Mapping[str, str]) -> str:
    """Put the word groups in place of their names."""

    def group(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in words:
            raise PatternFault(f"{{{name}}} is no word group: add it under [words] in words.toml or correct the name")
        return words[name]

    return _NAME.sub(group, pattern)


def word_groups(raw: Mapping[str, list[str]]) -> dict[str, str]:
    """Each group as one alternation. A word may itself name another group; a circle is refused."""
    done: dict[str, str] = {}

    def build(name: str, open_names: tuple[str, ...]) -> str:
        if name in open_names:
            raise PatternFault(f"the word groups {' → '.join((*open_names, name))} name each other in a circle")
        if name not in raw:
            raise PatternFault(f"{{{name}}} is no word group (named in {{{open_names[-1]}}})")
        if name not in done:
            inner = (*open_names, name)
            longest_first = sorted(dict.fromkeys(raw[name]), key=len, reverse=True)
            parts = [_NAME.sub(lambda match: build(match.group(1), inner), word) for word in longest_first]
            done[name] = f"(?:{'|'.join(parts)})"
        return done[name]

    for name in raw:
        build(name, ())
    return done


def check_pattern(source: str) -> Pattern:
    """The pattern, ready for use. What was found good once is remembered (see ``remember_checked``).

    Raises:
        PatternFault: it is not in the shared subset, could match nothing, or is too wide.
    """
    known = _checked()
    if source not in known.steps:
        _refuse_unusable(source)
        known.steps[source] = count_steps(source)
    return Pattern(source)


@dataclass
class _Checked:
    """Sources found good by this very code, in this process or one before it."""

    file: str
    stored: int
    steps: dict[str, int | None]
    """Source → what ``count_steps`` says of it."""


@cache
def _checked() -> _Checked:
    codes = (Path(__file__), Path(__file__).with_name("steps.py"))
    code = b"".join(file.read_bytes() for file in codes) + platform.python_version().encode()
    file = f"{hashlib.sha256(code).hexdigest()[:32]}.checked"
    try:
        steps: dict[str, int | None] = json.loads(read_cached(file) or b"{}")
    except ValueError:
        steps = {}  # cut short by a full disk, say
    return _Checked(file, len(steps), steps)


def remember_checked() -> None:
    """Spares the next process the check of the patterns that this one has checked."""
    known = _checked()
    if len(known.steps) > known.stored:
        known.stored = len(known.steps)
        write_cached(known.file, json.dumps(known.steps, sort_keys=True).encode())


def _refuse_unusable(source: str) -> None:
    try:
        tree = reader.parse(source)
    except (re.error, OverflowError) as error:
        raise PatternFault(f"not a pattern: {error}") from error
    _refuse_unsafe(tree)
    least, most = tree.getwidth()
    if least == 0:
        raise PatternFault("it matches the empty text: make at least one part necessary")
    if most > WIDEST:
        raise PatternFault(f"it may span {most} characters, above {WIDEST}: narrow the gaps, or use `all` with a scope")
    try:
        re2.compile(source, _LOUD)
    except re2.error as error:
        raise PatternFault(f"RE2 does not read it: {error}") from error


def _refuse_unsafe(tree: Any) -> None:
    for code, argument in tree:
        if code in _BARRED:
            raise PatternFault(_BARRED[code])
        if code in _REPEATS and argument[1] == op.MAXREPEAT:
            raise PatternFault("a repetition without an upper bound: write {0,12} for * and {1,12} for +")
        for inner in _children(code, argument):
            _refuse_unsafe(inner)


def _children(code: Any, argument: Any) -> list[Any]:
    if code is op.SUBPATTERN:
        return [argument[-1]]
    if code is op.BRANCH:
        return list(argument[1])
    if code in _REPEATS:
        return [argument[2]]
    if code is op.ATOMIC_GROUP:
        return [argument]
    return []
