"""Reading a pack: ``pack.toml``, ``rules.csv``, ``words.toml`` and one file a category, all of it or none of it.

Every fault is listed at once. A pack whose own hits and misses fail does not load; that check is made once for each
state of the pack and of this package, and remembered in the cache.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from compliance.judge.cache import read_toml
from compliance.judge.matcher import Matcher, build_matcher
from compliance.judge.patterns import Pattern, PatternFault, word_groups
from compliance.judge.rules import Fault, Rule, Surroundings, read_rule
from compliance.judge.types import CATEGORIES, Citation, Message

PACKS = Path(__file__).parent.parent / "packs"

Kind = tuple[str, str, str | None, bool | None, date | None]
"""What decides which rules speak of a message: audience, channel, stage, whether it is the first contact, the day."""
_KINDS = 512
"""Kinds of messages that are remembered."""


class PackError(ValueError):
    """A pack that does not load. ``faults`` lists everything that is wrong with it."""

    def __init__(self, pack: str, faults: Iterable[Fault]) -> None:
        self.pack = pack
        self.faults = tuple(faults)
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"the pack {pack} does not load, {len(self.faults)} fault(s):\n{listed}")

    def __reduce__(self) -> tuple[type[PackError], tuple[str, tuple[Fault, ...]]]:
        """How it comes back from a worker: an exception is otherwise made again from its message alone."""
        return type(self), (self.pack, self.faults)


@dataclass(frozen=True)
class Pack:
    """A jurisdiction's rules, checked and compiled. Immutable; shared by all threads."""

    name: str
    version: str
    digest: str
    folder: Path
    timezone: str
    rules: tuple[Rule, ...]
    citations: Mapping[str, Citation]
    matcher: Matcher = field(repr=False)
    numbers: Mapping[str, int] = field(repr=False)
    """Source of a pattern that starts a rule → its number in the matcher."""
    openers: Mapping[int, tuple[int, ...]] = field(repr=False)
    """Number of a pattern → the rules that it starts."""
    patterns: tuple[Pattern, ...] = field(repr=False)
    """Those patterns by number."""
    _admitted: dict[Kind, Mapping[int, tuple[int, ...]]] = field(repr=False, compare=False, default_factory=dict)

    @cached_property
    def _anchors(self) -> frozenset[str]:
        return frozenset(rule.near.rule for rule in self.rules if rule.near is not None)

    def settled_by(self, touched: set[str]) -> frozenset[str]:
        """Those of the rules that need not be read again; an anchor of other rules is needed wherever it stands."""
        return frozenset(touched - self._anchors)

    @cached_property
    def maskable(self) -> frozenset[str]:
        """Ids of the rules whose span is hidden rather than replaced."""
        return frozenset(rule.id for rule in self.rules if rule.mask)

    def openers_for(self, message: Message, day: date | None) -> Mapping[int, tuple[int, ...]]:
        """``openers`` with only the rules that speak of such a message and hold on that day; made once a kind."""
        kind = message.audience, message.channel, message.stage, message.first_contact, day
        found = self._admitted.get(kind)
        if found is None:
            if len(self._admitted) >= _KINDS:
                self._admitted.clear()
            found = self._admitted[kind] = self._openers_of(message, day)
        return found

    def _openers_of(self, message: Message, day: date | None) -> Mapping[int, tuple[int, ...]]:
        speaking = {at for at, rule in enumerate(self.rules) if rule.admits(message) and rule.in_force(day)}
        kept = {number: tuple(at for at in rules if at in speaking) for number, rules in self.openers.items()}
        return {number: rules for number, rules in kept.items() if rules}


def read_pack(folder: Path) -> Pack:
    """Read and validate a pack without running its cases.

    Raises:
        PackError: with every fault found.
    """
    faults: list[Fault] = []
    head = _read_toml(folder / "pack.toml", faults)
    citations = _read_citations(folder / "rules.csv", faults)
    words = _read_words(folder / "words.toml", faults)
    absent = [name for name in ("version", "timezone") if not isinstance(head.get(name), str)]
    faults.extend(Fault("pack.toml", None, name, "is missing: a string") for name in absent)
    rules = [rule for category in CATEGORIES for rule in _read_category(folder, category, words, citations, faults)]
    _check_together(rules, faults)
    if faults:
        raise PackError(folder.name, faults)
    return _assemble(folder, head, rules, citations)


def _assemble(folder: Path, head: Mapping[str, Any], rules: list[Rule], citations: Mapping[str, Citation]) -> Pack:
    patterns: dict[str, Pattern] = {}
    for rule in rules:
        for pattern in rule.opening:  # the others are asked only once one of these is met
            patterns.setdefault(pattern.source, pattern)
    numbers = {source: number for number, source in enumerate(patterns)}
    openers: dict[int, list[int]] = {}
    for position, rule in enumerate(rules):
        for pattern in rule.opening:
            openers.setdefault(numbers[pattern.source], []).append(position)
    return Pack(
        name=folder.name,
        version=str(head["version"]),
        digest=pack_digest(folder),
        folder=folder,
        timezone=str(head["timezone"]),
        rules=tuple(rules),
        citations=citations,
        matcher=build_matcher(tuple(patterns.values())),
        numbers=numbers,
        openers={pattern: tuple(dict.fromkeys(positions)) for pattern, positions in openers.items()},
        patterns=tuple(patterns.values()),
    )


@lru_cache(maxsize=8)
def _digest(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> str:
    total = hashlib.sha256()
    for name, _, _ in stamp:
        total.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return total.hexdigest()


def pack_digest(folder: Path) -> str:
    """SHA-256 of the pack's files, names included."""
    files = sorted(file for file in folder.iterdir() if file.suffix in (".toml", ".csv"))
    return _digest(folder, tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files))


def _read_toml(file: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        return read_toml(file)
    except FileNotFoundError:
        faults.append(Fault(file.name, None, None, "the file is missing"))
    except ValueError as error:
        faults.append(Fault(file.name, None, None, f"not TOML in UTF-8: {error}"))
    return {}


def _read_citations(file: Path, faults: list[Fault]) -> dict[str, Citation]:
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            return {
                row["id"]: Citation(row["id"], row["instrument"], row["article"], row["confidence"])
                for row in csv.DictReader(rows)
            }
    except (OSError, KeyError, UnicodeDecodeError) as error:
        faults.append(Fault(file.name, None, None, f"not a table with id, instrument, article, confidence: {error}"))
        return {}


def _read_words(file: Path, faults: list[Fault]) -> dict[str, str]:
    if not file.exists():
        return {}
    raw = _read_toml(file, faults)
    groups = raw.get("words", {})
    for name, group in groups.items():
        if not isinstance(group, list) or not group or not all(isinstance(word, str) and word for word in group):
            faults.append(Fault(file.name, None, name, "must be a list of words, none empty"))
            return {}
    known_only = "is not a table of words.toml: put groups under [words]"
    faults.extend(Fault(file.name, None, name, known_only) for name in sorted(set(raw) - {"words"}))
    try:
        return word_groups(groups)
    except PatternFault as error:
        faults.append(Fault(file.name, None, None, str(error)))
        return {}


def _read_category(
    folder: Path, category: str, words: Mapping[str, str], citations: Mapping[str, Citation], faults: list[Fault]
) -> Iterable[Rule]:
    file = folder / f"{category}.toml"
    if not file.exists():
        return
    raw = _read_toml(file, faults)
    known_only = "is not known here: rules are [[rule]] tables"
    faults.extend(Fault(file.name, None, name, known_only) for name in sorted(set(raw) - {"rule"}))
    around = Surroundings(file.name, category, words, citations)
    for table in raw.get("rule", []):
        rule = read_rule(table, around, faults)
        if rule is not None:
            yield rule


def _check_together(rules: list[Rule], faults: list[Fault]) -> None:
    """Ids are unique, and ``near`` names a rule that stands on its own."""
    by_id: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in by_id:
            faults.append(Fault(f"{rule.category}.toml", rule.id, "id", "is used twice: an id names one rule for ever"))
        by_id[rule.id] = rule
    for rule in rules:
        if rule.near is not None and (rule.near.rule not in by_id or by_id[rule.near.rule].near is not None):
            problem = f"{rule.near.rule!r} is no rule without a `near` of its own"
            faults.append(Fault(f"{rule.category}.toml", rule.id, "near", problem))
