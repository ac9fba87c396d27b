"""How many steps a backtracking engine may take from one place of a text before it gives a pattern up.

The number is an upper bound read from the pattern alone, so it holds for any text. Where it is small, the standard
library's engine is safe on short texts, and there several times as fast as RE2, which builds its automaton as it reads.
"""

from __future__ import annotations

import re
from collections import Counter
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own pattern reader
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any, NamedTuple

REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT}
_MANY = 1 << 40
"""As good as without bound; keeps the arithmetic small."""


class Effort(NamedTuple):
    """``ways``: how often a part may match from one place, each time going on elsewhere. ``steps``: to try them all."""

    ways: int
    steps: int


def count_steps(source: str) -> int | None:
    """Steps from one place at most, or ``None`` where the engines might not read the pattern alike.

    That is so for letters of either case and for the repetition of what may be empty.
    """
    tree = reader.parse(source)
    if tree.state.flags & re.IGNORECASE or not _reads_alike(tree):
        return None
    return _row(tree).steps


def _reads_alike(tree: Any) -> bool:
    for code, argument in tree:
        if code is op.SUBPATTERN and argument[1] & re.IGNORECASE:
            return False
        if code in REPEATS and argument[2].getwidth()[0] == 0:
            return False
        if not all(map(_reads_alike, _inner(code, argument))):
            return False
    return True


def _inner(code: Any, argument: Any) -> list[Any]:
    if code is op.SUBPATTERN:
        return [argument[-1]]
    if code is op.BRANCH:
        return list(argument[1])
    return [argument[2]] if code in REPEATS else []


def _row(tree: Any) -> Effort:
    """Parts in a row: every way of one is followed by all that come after."""
    ways = steps = 1
    for code, argument in tree:
        part = _part(code, argument)
        steps = min(steps + ways * part.steps, _MANY)
        ways = min(ways * part.ways, _MANY)
    return Effort(ways, steps)


def _part(code: Any, argument: Any) -> Effort:
    if code is op.SUBPATTERN:
        return _row(argument[-1])
    if code is op.BRANCH:
        return _choice(argument[1])
    if code in REPEATS:
        return _repeated(argument[0], argument[1], _row(argument[2]))
    return Effort(1, 1)


def _choice(branches: list[Any]) -> Effort:
    """Alternatives that begin with different characters exclude each other; every one costs a look."""
    ways: Counter[int | None] = Counter()
    steps: Counter[int | None] = Counter()
    for branch in branches:
        effort = _row(branch)
        for begin in _begins(branch) or (None,):
            ways[begin] += effort.ways
            steps[begin] += effort.steps
    always = ways.pop(None, 0), steps.pop(None, 0)
    most = max(ways.values(), default=0), max(steps.values(), default=0)
    return Effort(always[0] + most[0], len(branches) + always[1] + most[1])


def _repeated(least: int, most: int, inner: Effort) -> Effort:
    ways = steps = 0
    reached = 1
    for count in range(most + 1):
        ways += reached if count >= least else 0
        steps += reached * (inner.steps + 1)
        reached = min(reached * inner.ways, _MANY)
    return Effort(min(ways, _MANY), min(steps, _MANY))


def _begins(tree: Any) -> frozenset[int] | None:
    """The characters with which a match begins, or ``None`` where they are not listed."""
    if not tree:
        return None
    code, argument = tree[0]
    if code is op.LITERAL:
        return frozenset([argument])
    if code is op.IN and all(item[0] is op.LITERAL for item in argument):
        return frozenset(item[1] for item in argument)
    if code is op.SUBPATTERN:
        return _begins(argument[-1])
    if code is op.BRANCH:
        parts = [_begins(branch) for branch in argument[1]]
        return None if None in parts else frozenset().union(*(part for part in parts if part))
    if code in REPEATS and argument[0] > 0:
        return _begins(argument[2])
    return None
