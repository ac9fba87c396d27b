"""What changed between two wordings, for people: Chinese has no blanks, so the pieces are characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from scripts_library.models import ScriptVersion
from web.library.words import INTENT

FIELDS = ("say", "why", "avoid", "must_say", "article", "branches", "valid_from", "valid_until")
MERGE_BELOW = 2
"""Equal runs shorter than this between two changes are read as changed: single characters in common are noise."""


@dataclass(frozen=True, slots=True)
class Change:
    """A run of characters: ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


def compare_versions(old: ScriptVersion, new: ScriptVersion) -> dict[str, list[Change]]:
    """The fields that differ, each as runs in reading order."""
    return {
        field: compare(_text(getattr(old, field)), _text(getattr(new, field)))
        for field in FIELDS
        if _text(getattr(old, field)) != _text(getattr(new, field))
    }


def compare(old: str, new: str) -> list[Change]:
    """``old`` and ``new`` as runs; the runs that are not ``new`` are ``old`` again, those not ``gone`` are ``new``."""
    return list(_merged(_runs(old, new)))


def _runs(old: str, new: str) -> Iterator[Change]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    codes = matcher.get_opcodes()
    for number, (code, start, end, new_start, new_end) in enumerate(codes):
        inside = 0 < number < len(codes) - 1
        if code == "equal" and not (inside and end - start < MERGE_BELOW):
            yield Change("same", old[start:end])
            continue
        if end > start:
            yield Change("gone", old[start:end])
        if new_end > new_start:
            yield Change("new", new[new_start:new_end])


def _merged(runs: Iterator[Change]) -> Iterator[Change]:
    """Neighbouring changes as one removal and one addition."""
    gone = new = ""
    for run in runs:
        if run.kind == "gone":
            gone += run.text
        elif run.kind == "new":
            new += run.text
        else:
            yield from _changes(gone, new)
            gone = new = ""
            yield run
    yield from _changes(gone, new)


def _changes(gone: str, new: str) -> Iterator[Change]:
    if gone:
        yield Change("gone", gone)
    if new:
        yield Change("new", new)


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(f"{INTENT.get(answer, answer)} {key}" for answer, key in value)
    return "" if value is None else str(value)
