"""The engines of the comparison, all of them over the patterns of the shipped Chinese pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bench.floor import scan_with_hyperscan
from bench.peers import INSTALL, WordFilter, make_presidio
from bench.timing import Engine
from compliance.judge.lexicon import read_words
from compliance.judge.matcher import AutomatonMatcher, tables_of
from compliance.judge.needed import ways_of
from compliance.judge.packs import Pack
from compliance.judge.patterns import Pattern
from compliance.judge.types import Message
from compliance.judge.verdict import Judge, load_judge

FLOOR, FIRST = "bare scan", "scan for needed words"
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

    The judge itself looks for less, the words that each pattern cannot do without: that is listed too.
    """
    with_reader = load_judge("cn")
    rules = replace(with_reader, reader=None)
    patterns = opening_patterns(rules.pack)
    fallback = replace(rules, pack=replace(rules.pack, matcher=AutomatonMatcher(tables_of(patterns))))
    engines = [
        Engine(RULES, rules.screen, Message),
        Engine(READER, with_reader.screen, Message),
        Engine(FALLBACK, fallback.screen, Message),
        Engine(FOUND, rules.read, Message),
        Engine(FOUND_READER, with_reader.read, Message),
    ]
    floor = Engine(FLOOR, scan_with_hyperscan(patterns), str.encode)
    return [floor, Engine(FIRST, rules.pack.matcher.candidates), *engines], rules


def peer_engines(pack: Pack) -> tuple[list[Engine], list[str]]:
    """The peers that are installed, and a sentence for each that is not."""
    patterns = opening_patterns(pack)
    needed = {
        word for pattern in patterns for way in ways_of(pattern.source) for words in way.sets[:1] for word in words
    }
    engines = [Engine(WORDS, WordFilter(needed | set(read_words())).find)]
    try:
        engines.append(Engine(PRESIDIO, make_presidio([]), most=SLOW))
        engines.append(Engine(PRESIDIO_SAME, make_presidio([p.source for p in patterns]), most=SLOW))
    except ImportError:
        return engines, [INSTALL]
    return engines, []
