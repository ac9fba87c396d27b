"""Reading a table of a pack: each field once, by kind, every fault noted; fields that nobody asked for are faults."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from datetime import date, time
from itertools import pairwise
from typing import Any

from compliance.judge.contact.planning import CONTENTS
from compliance.judge.facts import OUTCOMES
from compliance.judge.rules import Fault
from compliance.judge.types import CHANNELS, Citation, Decision

NOT_VERIFIED = "not verified"
KINDS = {
    "count": "a whole number of at least 1; a limit cannot be left empty or switched off",
    "clock": "a time of day without a zone, for instance 08:00:00",
    "channels": f"a list of at least one of {', '.join(CHANNELS)}",
    "outcomes": f"a list of at least one of {', '.join(OUTCOMES)}",
    "contents": f"a list of at least one of {', '.join(CONTENTS)}",
    "words": "a list of at least one word",
    "text": "a sentence",
    "day": "a date, for instance 2026-01-30",
    "flag": "true or false",
    "table": "a table",
    "tables": "at least one table",
}


class Table:
    """One table of a file, being read. ``finish`` notes the fields that were not asked for."""

    def __init__(self, raw: Any, file: str, rule: str | None, faults: list[Fault]) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        self.file = file
        self.rule = rule
        self.faults = faults
        self.asked: set[str] = set()

    def fault(self, name: str | None, problem: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(self.file, self.rule, name, problem))

    def take(self, name: str, kind: str, default: Any = None) -> Any:
        """A field of that kind; a fault, and ``default``, where it is missing or of another kind."""
        self.asked.add(name)
        found: Any = self.raw.get(name)
        if _is(found, kind):
            return tuple(found) if kind in ("channels", "outcomes", "contents", "words") else found
        self.fault(name, f"must be {KINDS[kind]}")
        return default

    def take_optional(self, name: str, kind: str, default: Any = None) -> Any:
        """As ``take``, but it may be missing."""
        self.asked.add(name)
        return self.take(name, kind, default) if name in self.raw else default

    def choose(self, name: str, choices: Iterable[str]) -> str:
        """A field with one of the given words; the first of them where it has none."""
        self.asked.add(name)
        words = list(choices)
        if self.raw.get(name) in words:
            return str(self.raw[name])
        self.fault(name, f"must be one of {', '.join(words)}")
        return words[0]

    def decide(self, name: str) -> Decision:
        """A field with a decision."""
        return Decision(self.choose(name, list(Decision)))

    def explain(self, name: str, places: frozenset[str]) -> str:
        """A sentence that names no other numbers than the given ones."""
        sentence = str(self.take(name, "text", ""))
        try:
            named = {place for _, place, _, _ in string.Formatter().parse(sentence) if place is not None}
        except ValueError as error:
            self.fault(name, f"has a brace too many or too few: {error}")
            return ""
        for place in sorted(named - places):
            self.fault(name, f"names {{{place}}}; there are {', '.join(sorted(places)) or 'no numbers'} here")
        return sentence

    def cite(self, citations: Mapping[str, Citation], house: bool) -> tuple[Citation, ...]:
        """The rows of ``rules.csv`` that are named. What is not verified may only stand behind house policy."""
        names = self.take("cites", "words", ())
        for name in names:
            if name not in citations:
                self.fault("cites", f"{name!r} is no row of rules.csv")
            elif citations[name].confidence == NOT_VERIFIED and not house:
                self.fault("cites", f"{name} is not verified: mark this value house = true")
        return tuple(citations[name] for name in names if name in citations)

    def finish(self) -> None:
        """Note every field that was not asked for: a misspelt limit must not be overlooked."""
        for name in sorted(self.raw.keys() - self.asked):
            self.fault(name, "is not a field here")


def check_dates(table: Table, spans: list[tuple[date, date | None]]) -> None:
    """Values follow one another without a gap, and the last has no end: a gap would switch the limit off."""
    for (since, until), (following, _) in pairwise(spans):
        if until is not None and until != following:
            table.fault("until", f"the value since {since} ends on {until}, the next begins on {following}")
        if following <= since:
            table.fault("since", f"{following} does not come after {since}")
    if spans and spans[-1][1] is not None:
        table.fault("until", "the last value must not end: write what holds after it")


def _is(found: Any, kind: str) -> bool:
    match kind:
        case "count":
            return isinstance(found, int) and not isinstance(found, bool) and found >= 1
        case "clock":
            return isinstance(found, time) and found.tzinfo is None
        case "day":
            return type(found) is date
        case "flag":
            return isinstance(found, bool)
        case "text":
            return isinstance(found, str) and bool(found.strip())
        case "table":
            return isinstance(found, dict)
        case "tables":
            return isinstance(found, list) and bool(found) and all(isinstance(entry, dict) for entry in found)
    return _is_list(found, {"channels": CHANNELS, "outcomes": OUTCOMES, "contents": tuple(CONTENTS)}.get(kind))


def _is_list(found: Any, words: tuple[str, ...] | None) -> bool:
    if not isinstance(found, list) or not found:
        return False
    return all(isinstance(word, str) and word.strip() and (words is None or word in words) for word in found)
