"""The engines of the comparison, all of them over the patterns of the shipped Chinese pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from bench.peers import INSTALL, WordFilter, make_presidio
from bench.timing import Engine
from compliance.judge.lexicon import read_words
from compliance.judge.loosen import loosen
from compliance.judge.matcher import HyperscanMatcher, TriggerMatcher
from compliance.judge.packs import Pack
from compliance.judge.patterns import Pattern
from compliance.judge.types import Message
from compliance.judge.verdict import Judge, load_judge

FLOOR, FIRST = "bare scan", "scan for rarest parts"
RULES, READER, FALLBACK = "rules", "rules + reader", "rules, fallback matcher"
FOUND, FOUND_READER = "rules, nothing reworded", "rules + reader, same"
"""What is found and nothing else, as the peers do: ``screen`` also writes what to say instead, and reads it again."""
WORDS, PRESIDIO, PRESIDIO_SAME = "word filter (Python)", "Presidio, default", "Presidio, same coverage"
SLOW = 200
"""Messages a round for engines that take a millisecond each: the first of those that the others take."""


def opening_patterns(pack: Pack) -> list[Pattern]:
    """Every pattern that starts a rule, in the order of the matcher."""
    found: dict[str, Pattern] = {}
    for rule in pack.rules:
        for pattern in rule.opening:
            found.setdefault(pattern.source, pattern)
    return list(found.values())


def beginnings(pack: Pack) -> Iterable[str]:
    """What the patterns find in the rules' own hits."""
    for rule in pack.rules:
        for case in rule.cases:
            for pattern in rule.opening:
                yield from (case.message.text[start:end] for start, end in pattern.spans(case.message.text))


def finder(judge: Judge) -> Callable[[str], bool]:
    """Whether the judge finds anything in the words of a text."""
    return lambda text: bool(judge.read(Message(text)))


def our_engines() -> tuple[list[Engine], Judge]:
    """The floor first, then ours. The floor scans ready bytes for every pattern that starts a rule, and nothing else.

    The judge itself scans for less, a rare part of each pattern: that scan is listed too.
    """
    with_reader = load_judge("cn")
    rules = replace(with_reader, reader=None)
    patterns = opening_patterns(rules.pack)
    fallback = replace(rules, pack=replace(rules.pack, matcher=TriggerMatcher(patterns)))
    engines = [
        Engine(RULES, rules.screen, Message),
        Engine(READER, with_reader.screen, Message),
        Engine(FALLBACK, fallback.screen, Message),
        Engine(FOUND, rules.read, Message),
        Engine(FOUND_READER, with_reader.read, Message),
    ]
    return [_scan(FLOOR, HyperscanMatcher(patterns, loosen)), _scan(FIRST, HyperscanMatcher(patterns)), *engines], rules


def _scan(name: str, matcher: HyperscanMatcher) -> Engine:
    scan, scratch = matcher.database.scan, matcher.scratch()

    def ignore(*_: Any) -> None:
        return None

    return Engine(name, lambda data: scan(data, match_event_handler=ignore, scratch=scratch), str.encode)


def peer_engines(pack: Pack) -> tuple[list[Engine], list[str]]:
    """The peers that are installed, and a sentence for each that is not."""
    patterns = opening_patterns(pack)
    words = {word for pattern in patterns for word in pattern.triggers or ()} | set(read_words())
    engines = [Engine(WORDS, WordFilter(words).find)]
    try:
        engines.append(Engine(PRESIDIO, make_presidio([]), most=SLOW))
        engines.append(Engine(PRESIDIO_SAME, make_presidio([p.source for p in patterns]), most=SLOW))
    except ImportError:
        return engines, [INSTALL]
    return engines, []
