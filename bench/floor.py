"""The floor of the comparison: Hyperscan over all patterns at once, and nothing done with what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import hyperscan

from bench.loosen import loosen
from compliance.judge.patterns import Pattern


def compile_loosened(patterns: Sequence[Pattern]) -> Any:
    """A database in block mode; the patterns are numbered as they come."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[loosen(pattern.source).encode() for pattern in patterns],
        ids=list(range(len(patterns))),
        flags=[hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH] * len(patterns),
    )
    return database


def scan_with_hyperscan(patterns: Sequence[Pattern]) -> Callable[[bytes], object]:
    """One scan of a text in UTF-8."""
    database = compile_loosened(patterns)
    scan, scratch = database.scan, hyperscan.Scratch(database)

    def ignore(*_: Any) -> None:
        return None

    return lambda data: scan(data, match_event_handler=ignore, scratch=scratch)
