"""Hearing one utterance: what is meant, most likely first, and the sums and days that are named.

Intents are those of ``compliance/corpus/GUIDE.md``. What the judge's own signals (``conversation.toml``) tell is taken
from there, so that the alerts and the suggestions of a call never disagree; ``phrases.toml`` adds the rest. Today
phrases alone decide: each gives its place in the order and a fixed score.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from compliance.judge.amounts import read_amounts
from compliance.judge.patterns import Pattern, check_pattern
from compliance.judge.proof import load_pack
from compliance.judge.talk import Phrase, load_talk
from compliance.judge.text import clean

PHRASES = Path(__file__).with_name("phrases.toml")
_SIGNALS = {
    "self_harm": "self_harm",
    "represented": "representation",
    "flat_dispute": "dispute",
    "paid": "already_paid",
    "asks_identity": "ask_identity",
    "grave": "illness_disaster",
}
"""Signals of the judge that mean one intent alone."""
_FIRST = 0.9
_STEP = 0.1
_LEAST = 0.5
SMALL_TALK = ("small_talk", _LEAST)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an utterance carries."""

    intents: tuple[tuple[str, float], ...] = ()
    """Each intent once with its score (0 to 1), most important first. Empty for a collector's words."""
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``amount``: yuan as decimals, in order. ``day``: days as they were said (明天, 下周三, 15号)."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    order: tuple[str, ...]
    """Intents, those that matter most first."""
    by_intent: Mapping[str, tuple[Phrase, ...]]
    days: tuple[Pattern, ...]


def hear(text: str, speaker: str) -> Heard:
    """What ``speaker`` (``collector``, ``debtor``, ``third_party``) says with ``text``."""
    phrases = _load()
    plain = clean(text)
    slots = _slots(plain, phrases)
    if speaker == "collector":
        return Heard((), slots)
    found = [name for name in phrases.order if any(one.occurs(plain) for one in phrases.by_intent[name])]
    if not found:
        return Heard((SMALL_TALK,), slots)
    scored = tuple((name, round(max(_FIRST - _STEP * place, _LEAST), 2)) for place, name in enumerate(found))
    return Heard(scored, slots)


def _slots(plain: str, phrases: _Phrases) -> dict[str, tuple[str, ...]]:
    days = sorted({span for pattern in phrases.days for span in pattern.spans(plain)})
    said = tuple(plain[start:end] for start, end in days)
    sums = tuple(
        str(amount.value)
        for amount in read_amounts(plain)
        if not any(start <= amount.start < end for start, end in days) and (amount.value >= 10 or amount.exact)
    )
    return {name: values for name, values in (("amount", sums), ("day", said)) if values}


@cache
def _load() -> _Phrases:
    """The phrases, read once.

    Raises:
        PatternFault: a pattern cannot be used.
        KeyError: an intent of the order has no phrases, neither here nor in the judge's signals.
    """
    raw = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    talk = load_talk(load_pack("cn"))
    by_intent: dict[str, list[Phrase]] = {name: [] for name in raw["order"]}
    for signal, intent in _SIGNALS.items():
        by_intent[intent].append(talk.signals[signal])
    for intent, table in raw["intent"].items():
        by_intent[intent].append(Phrase(_patterns(table["any"]), _patterns(table.get("none", ()))))
    return _Phrases(
        tuple(raw["order"]),
        {name: tuple(phrases) for name, phrases in by_intent.items()},
        _patterns(raw["slots"]["day"]),
    )


def _patterns(sources: list[str] | tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(check_pattern(source) for source in sources)
