"""What of a pattern is looked for in every text: the part of it without gaps that ordinary messages hardly ever have.

A gap that begins at a word as common as 您 keeps Hyperscan busy in every message. A match holds every necessary part
of its pattern, so one of them is enough to name it; where even the rarest is common, the whole pattern is looked for,
widened by :mod:`compliance.judge.loosen`. How common a part is only decides what is fast, never what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own pattern reader
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from compliance.judge.lexicon import read_common
from compliance.judge.loosen import loosen, members, write_bytes

RARE = 0.05
"""Share of ordinary messages up to which a part may stand for its pattern. Of more, what is asked in vain costs more
than a cheaper scan saves."""
_UNLISTED = 0.0003
_EACH_MORE = 0.4
"""How much rarer a part becomes by each further word that it needs."""
_LISTED = 40
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}


class Part(NamedTuple):
    """An expression over bytes without gaps, and the estimated share of messages that hold it."""

    expression: str
    share: float


def narrow(source: str) -> str:
    """An expression for Hyperscan, with ``HS_FLAG_DOTALL`` and without ``HS_FLAG_UTF8``, for a checked pattern."""
    tree = reader.parse(source)
    if tree.state.flags & re.IGNORECASE:
        return loosen(source)
    part = _rarest(tree)
    return part.expression if part is not None and part.share <= RARE else loosen(source)


def _rarest(tree: Any) -> Part | None:
    """The rarest of the parts that every match holds."""
    return min(_parts(tree), key=lambda part: part.share, default=None)


def _parts(tree: Any) -> Iterator[Part]:
    """The stretches between gaps, and of what has gaps inside its own rarest part."""
    stretch: list[tuple[str, Part]] = []
    for code, argument in tree:
        whole = _whole(code, argument)
        if whole is not None:
            stretch.append((chr(argument) if code is op.LITERAL else "", whole))
            continue
        if stretch:
            yield _in_a_row(stretch)
        stretch = []
        inner = _rarest_within(code, argument)
        if inner is not None:
            yield inner
    if stretch:
        yield _in_a_row(stretch)


def _rarest_within(code: Any, argument: Any) -> Part | None:
    if code is op.SUBPATTERN and not argument[1] & re.IGNORECASE:
        return _rarest(argument[-1])
    if code is op.BRANCH:
        return _either(map(_rarest, argument[1]))
    return _rarest(argument[2]) if code in _REPEATS and argument[0] > 0 else None


def _whole(code: Any, argument: Any) -> Part | None:
    """The item as it stands, or ``None`` where it has a gap, may be absent or may be of several lengths."""
    if code is op.LITERAL:
        return Part(write_bytes(chr(argument)), _share(chr(argument)))
    if code is op.IN:
        listed = members(argument)
        return None if listed is None else Part(f"(?:{'|'.join(listed)})", _share_of_set(argument))
    if code is op.SUBPATTERN and not argument[1] & re.IGNORECASE:
        return _whole_row(argument[-1])
    if code is op.BRANCH:
        return _either(map(_whole_row, argument[1]))
    if code in _REPEATS and argument[0] == argument[1] > 0:
        inner = _whole_row(argument[2])
        return None if inner is None else Part(f"(?:{inner.expression}){{{argument[0]}}}", inner.share)
    return None


def _whole_row(tree: Any) -> Part | None:
    stretch: list[tuple[str, Part]] = []
    for code, argument in tree:
        part = _whole(code, argument)
        if part is None:
            return None
        stretch.append((chr(argument) if code is op.LITERAL else "", part))
    return _in_a_row(stretch) if stretch else None


def _in_a_row(stretch: list[tuple[str, Part]]) -> Part:
    """Items one after the other; single characters among them make words, which are rarer than their characters."""
    shares: list[float] = []
    word = ""
    for char, part in [*stretch, ("", Part("", 1.0))]:
        if char:
            word += char
            continue
        if word:
            shares.append(_share(word))
        word = ""
        shares.append(part.share)
    needed = len(shares) - 2
    return Part("".join(part.expression for _, part in stretch), min(shares) * _EACH_MORE ** max(needed, 0))


def _either(parts: Iterable[Part | None]) -> Part | None:
    """One of several; ``None`` where one of them has no such part."""
    found = list(parts)
    known = [part for part in found if part is not None]
    if len(known) < len(found):
        return None
    return Part(f"(?:{'|'.join(part.expression for part in known)})", min(sum(part.share for part in known), 1.0))


def _share(word: str) -> float:
    """The share of messages that have a word: that of its rarest pair of characters."""
    pairs = [word[at : at + 2] for at in range(len(word) - 1)] or [word]
    return min(read_common().get(pair, _UNLISTED) for pair in pairs)


def _share_of_set(items: Any) -> float:
    total = 0.0
    for code, value in items:
        if code is op.LITERAL:
            total += _share(chr(value))
        elif code is op.RANGE and value[1] - value[0] < _LISTED:
            total += sum(_share(chr(number)) for number in range(value[0], value[1] + 1))
        else:
            return 1.0
    return min(total, 1.0)
