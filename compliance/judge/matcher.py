"""Which patterns are worth asking: one linear pass over the text, by Hyperscan or, without it, by literal triggers.

Both may name a pattern that does not occur, neither may miss one that does; RE2 then finds the spans of those named.
So the two give the same findings, and no byte offset has to be turned into a character offset.
"""

from __future__ import annotations

import hashlib
import importlib
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import ahocorasick_rs

from compliance.judge import loosen, rarest
from compliance.judge.cache import read_cached, write_cached
from compliance.judge.lexicon import DATA
from compliance.judge.patterns import Pattern
from compliance.judge.rarest import narrow

hyperscan: Any
try:
    hyperscan = importlib.import_module("hyperscan")
except ImportError:  # no wheel for this machine: the triggers do the same work, slower
    hyperscan = None


class Matcher(Protocol):
    """Two real implementations: :class:`HyperscanMatcher` and :class:`TriggerMatcher`."""

    def candidates(self, plain: str) -> set[int]:
        """Indexes of the patterns that may occur in the text; never without one that does."""


class HyperscanMatcher:
    """The rarest part of every pattern, in one automaton that all threads share. Scratch they share one after another:
    whoever scans takes the one that was used last, which the processor still has at hand.

    ``write`` gives the expression that is scanned for instead of a pattern; it must occur wherever the pattern does.
    """

    def __init__(self, patterns: Sequence[Pattern], write: Callable[[str], str] = narrow) -> None:
        self._idle: list[Any] = []
        self.database = _load_database(patterns, write)

    def candidates(self, plain: str) -> set[int]:
        hits: set[int] = set()
        scratch = self.scratch()
        try:
            self.database.scan(
                plain.encode("utf-8", "replace"),
                match_event_handler=lambda index, start, end, flags, context: hits.add(index),
                scratch=scratch,
            )
        finally:
            self._idle.append(scratch)
        return hits

    def scratch(self) -> Any:
        """Scratch space that nobody else has until it is given back."""
        try:
            return self._idle.pop()
        except IndexError:
            return hyperscan.Scratch(self.database)


def _load_database(patterns: Sequence[Pattern], write: Callable[[str], str]) -> Any:
    """The compiled database, from the cache where library, machine and patterns are the same."""
    sources = "\0".join(pattern.source for pattern in patterns)
    machine = f"{hyperscan.__version__} {platform.machine()} {platform.node()}"  # another CPU: loading it is refused
    name = hashlib.sha256(f"{machine}\0{sources}\0{write.__name__}\0{_narrowing()}".encode()).hexdigest()[:32] + ".hsdb"
    stored = read_cached(name)
    if stored is not None:
        try:
            return hyperscan.loadb(stored, hyperscan.HS_MODE_BLOCK)
        except hyperscan.HyperscanError:
            stored = None  # written by another build of the library: compile again
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[write(pattern.source).encode() for pattern in patterns],
        ids=list(range(len(patterns))),
        flags=[hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH] * len(patterns),
    )
    write_cached(name, hyperscan.dumpb(database))
    return database


def _narrowing() -> str:
    """What decides on the expressions: other code or another table, other database."""
    files = (Path(rarest.__file__), Path(loosen.__file__), DATA / "common.tsv")
    return "\0".join(file.read_text(encoding="utf-8") for file in files)


class TriggerMatcher:
    """Aho-Corasick over the words that a pattern cannot do without; a pattern without such words is always asked."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._always = {index for index, pattern in enumerate(patterns) if not pattern.triggers}
        owners: dict[str, set[int]] = {}
        for index, pattern in enumerate(patterns):
            for word in pattern.triggers or ():
                owners.setdefault(word, set()).add(index)
        self._owners = list(owners.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners))

    def candidates(self, plain: str) -> set[int]:
        hits = set(self._always)
        for word, _, _ in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            hits |= self._owners[word]
        return hits


def build_matcher(patterns: Sequence[Pattern]) -> Matcher:
    """Hyperscan where it is installed, else the triggers."""
    return HyperscanMatcher(patterns) if hyperscan is not None else TriggerMatcher(patterns)


def refused_by_hyperscan(pattern: Pattern) -> str | None:
    """Why Hyperscan does not take the pattern, or ``None``."""
    if hyperscan is None:
        return None
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
            expressions=[narrow(pattern.source).encode()], ids=[0], flags=[hyperscan.HS_FLAG_DOTALL]
        )
    except hyperscan.HyperscanError as error:
        return str(error)
    return None
