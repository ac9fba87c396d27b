"""How well a pack sees through disguise: every rule's own hits are written in every kind of disguise and judged again.

Not part of loading a pack: thousands of texts take seconds, and nothing depends on the figure. ``packs test`` prints
it, and a test holds it. The same pack and the same seed give the same texts on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from compliance.judge.disguise import KINDS, disguise
from compliance.judge.packs import PACKS, Pack
from compliance.judge.proof import load_pack
from compliance.judge.rules import Rule
from compliance.judge.types import Decision, Message
from compliance.judge.verdict import Judge

SEED = 20261122
TARGET = 0.95
"""Share of disguised hits that are still caught, over all kinds."""
WEAKEST = 10
"""Rules that are listed as the weakest."""
VARIANTS = 3
"""Ways in which each kind writes each hit; most kinds leave something to chance."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One hit in one disguise, and what came of it."""

    rule: str
    kind: str
    text: str
    same_rule: bool
    caught: bool
    """The same rule, or another of the same category with a decision that is no milder."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the disguised hits of a pack gave."""

    pack: str
    attempts: tuple[Attempt, ...]

    @property
    def caught(self) -> float:
        """Share of the disguised hits that still give a finding of the same category, no milder; 1 where none are."""
        return _share(attempt.caught for attempt in self.attempts)

    def by(self, name: Callable[[Attempt], str]) -> dict[str, tuple[Attempt, ...]]:
        """The attempts by kind, or by rule, in the order in which they were made."""
        groups: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            groups.setdefault(name(attempt), []).append(attempt)
        return {key: tuple(group) for key, group in groups.items()}

    def lines(self) -> list[str]:
        """For a terminal: a line a kind, one for all, and the weakest rules."""
        head = f"{'disguise':24}{'tried':>8}{'same rule':>11}{'caught':>8}"
        kinds = [_line(kind, group) for kind, group in self.by(lambda attempt: attempt.kind).items()]
        rules = self.by(lambda attempt: attempt.rule)
        weak = sorted(rules, key=lambda rule: _share(attempt.caught for attempt in rules[rule]))[:WEAKEST]
        listed = [_line(rule, rules[rule], 48) for rule in weak if not all(attempt.caught for attempt in rules[rule])]
        return [head, *kinds, _line("all", self.attempts), *(["weakest rules:", *listed] if listed else [])]


def try_disguises(name: str = "cn", root: Path = PACKS, seed: int = SEED) -> Trial:
    """Write every hit of a pack in every kind of disguise and judge it by the rules alone.

    Texts that a kind leaves as they are are not counted.

    Raises:
        InvalidInput: there is no such pack.
        PackError: the pack does not load.
    """
    pack = load_pack(name, root)
    judge = Judge(pack)
    return Trial(pack.name, tuple(_attempts(pack, judge, seed)))


def _attempts(pack: Pack, judge: Judge, seed: int) -> Iterator[Attempt]:
    for rule in pack.rules:
        for case in rule.cases:
            if case.hit:
                for kind in KINDS:
                    for text in _written(case.message.text, kind, f"{seed} {rule.id} {kind}"):
                        yield _attempt(rule, kind, case.message, text, judge)


def _written(text: str, kind: str, seed: str) -> list[str]:
    """The different ways in which a kind writes a text, without the text itself."""
    rng = random.Random(seed)  # noqa: S311 - chooses examples
    ways = dict.fromkeys(disguise(text, kind, rng) for _ in range(VARIANTS))
    return [way for way in ways if way != text]


def _attempt(rule: Rule, kind: str, message: Message, text: str, judge: Judge) -> Attempt:
    findings = [finding for sent in _messages(message, kind, text) for finding in judge.read(sent)]
    wanted = Decision.REVIEW if message.channel == "note" else rule.decision
    return Attempt(
        rule=rule.id,
        kind=kind,
        text=text,
        same_rule=any(finding.rule == rule.id for finding in findings),
        caught=any(f.category == rule.category and f.decision.rank >= wanted.rank for f in findings),
    )


def _messages(message: Message, kind: str, text: str) -> list[Message]:
    """What is sent: one message, or the two of a split one, of which either may give the words away."""
    if kind != "split_messages":
        return [replace(message, text=text)]
    first, _, second = text.partition("\n")
    return [replace(message, text=first), replace(message, text=second, previous=(first,))]


def _share(outcomes: Iterable[bool]) -> float:
    counted = list(outcomes)
    return sum(counted) / len(counted) if counted else 1.0


def _line(name: str, group: Iterable[Attempt], width: int = 24) -> str:
    counted = list(group)
    same, caught = _share(item.same_rule for item in counted), _share(item.caught for item in counted)
    return f"{name:{width}}{len(counted):8}{same:11.3f}{caught:8.3f}"
