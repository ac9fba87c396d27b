"""A pattern as a wider one over UTF-8 bytes, which Hyperscan compiles in milliseconds and scans at full speed.

Written exactly, a gap of 24 Chinese characters takes Hyperscan seconds to compile, and an optional word before it
makes the scan several times slower. The wider pattern has bytes for characters, a gap for every set too large to
list and for everything optional, no bound on a long gap, and nothing at its ends that need not be there. It occurs
wherever the exact one does (RE2 then decides), so it may only ever name a pattern too many.
"""

from __future__ import annotations

import re
from re import _constants as op  # type: ignore[attr-defined]  # the standard library's own pattern reader
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any

_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_CLASSES = {op.CATEGORY_DIGIT: "\\d", op.CATEGORY_SPACE: "\\s", op.CATEGORY_WORD: "\\w"}
_WIDEST = 4
"""Bytes of the longest character."""
_LISTED = 32
"""Characters of a range beyond which it is not written out."""
_BOUNDED = 24
"""Bytes of a gap beyond which its length is not counted: that costs more than the few patterns named too many."""
ANYTHING = "."

Gap = tuple[int, int]
"""At least and at most so many bytes, whichever they are."""


def loosen(source: str) -> str:
    """An expression for Hyperscan, with ``HS_FLAG_DOTALL`` and without ``HS_FLAG_UTF8``, for a checked pattern."""
    tree = reader.parse(source)
    if tree.state.flags & re.IGNORECASE:
        return ANYTHING
    return _write(tree, True, True) or ANYTHING


def _write(tree: Any, left: bool, right: bool) -> str:
    """``left`` and ``right`` say whether the pattern ends there, so that gaps at that end say nothing."""
    items = [(code, argument, _gap(code, argument)) for code, argument in tree]
    while left and items and items[0][2] is not None:
        items.pop(0)
    while right and items and items[-1][2] is not None:
        items.pop()
    parts: list[str] = []
    least = most = 0
    for at, (code, argument, gap) in enumerate(items):
        if gap is not None:
            least, most = least + gap[0], most + gap[1]
            continue
        parts.append(_any(least, most))
        least = most = 0
        parts.append(_one(code, argument, left and at == 0, right and at == len(items) - 1))
    return "".join((*parts, _any(least, most)))


def _any(least: int, most: int) -> str:
    if not most:
        return ""
    return ".*" if most > _BOUNDED else f".{{{least},{most}}}"


def _gap(code: Any, argument: Any) -> Gap | None:
    """The bytes that a part may take, where all that is kept of it is their number."""
    if code is op.AT:
        return 0, 0
    if code in (op.ANY, op.NOT_LITERAL) or (code is op.IN and members(argument) is None):
        return 1, _WIDEST
    if code is op.SUBPATTERN and argument[1] & re.IGNORECASE:
        return _width(argument[-1])
    if code in _REPEATS:
        least, most, inner = argument
        if least == 0 or all(_gap(*part) is not None for part in inner):
            low, high = _width(inner)
            return least * low, most * high
    return None


def _width(tree: Any) -> Gap:
    least, most = tree.getwidth()
    return least, most * _WIDEST


def _one(code: Any, argument: Any, left: bool, right: bool) -> str:
    if code is op.LITERAL:
        return write_bytes(chr(argument))
    if code is op.IN:
        return f"(?:{'|'.join(members(argument) or ())})"
    if code is op.BRANCH:
        branches = [_write(branch, left, right) for branch in argument[1]]
        return _group("|".join(branches)) if all(branches) or not (left or right) else ""
    if code is op.SUBPATTERN:
        return _group(_write(argument[-1], left, right))
    if code is op.ATOMIC_GROUP:
        return _group(_write(argument, left, right))
    least, most, inner = argument
    repeated = _group(_write(inner, False, False))
    return repeated and f"{repeated}{{{least},{least if left or right else most}}}"


def _group(expression: str) -> str:
    return expression and f"(?:{expression})"


def write_bytes(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))


def members(items: Any) -> list[str] | None:
    """The members of a set as alternatives, or ``None`` for a set that is too large to list."""
    single: list[str] = []
    longer: list[str] = []
    for code, value in items:
        if code is op.LITERAL or (code is op.RANGE and value[1] - value[0] <= _LISTED):
            low, high = (value, value) if code is op.LITERAL else value
            for number in range(low, high + 1):
                (single if number < 0x80 else longer).append(write_bytes(chr(number)))
        elif code is op.CATEGORY and value in _CLASSES:
            single.append(_CLASSES[value])
        else:
            return None
    return [*longer, f"[{''.join(single)}]"] if single else longer
