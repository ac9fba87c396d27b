"""Approved scripts as a collector sees them: filled with the facts of the case where these are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scripts_library.choosing import ServedScript
from scripts_library.slots import PRODUCTS, SLOTS, UnfilledSlot, fill


@dataclass(frozen=True, slots=True)
class Line:
    """A script and its words. ``missing`` names, for people, what has to be known before it may be used."""

    script: ServedScript
    words: str
    must_say: tuple[str, ...]
    missing: tuple[str, ...]


def lines(scripts: list[ServedScript], values: Mapping[str, str]) -> list[Line]:
    return [_line(script, values) for script in scripts]


def product_name(product: str) -> str:
    return PRODUCTS.get(product, product)


def _line(script: ServedScript, values: Mapping[str, str]) -> Line:
    words, missing = _filled(script.say, values)
    must_say = tuple(_filled(line, values)[0] for line in script.must_say)
    return Line(script, words, must_say, tuple(SLOTS.get(name, name) for name in missing))


def _filled(say: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The words, with the name of each slot that is not known in brackets, and these slots."""
    try:
        return fill(say, values), ()
    except UnfilledSlot as gap:
        named = {name: f"［{SLOTS.get(name, name)}］" for name in gap.missing}
        return fill(say, {**values, **named}), gap.missing
