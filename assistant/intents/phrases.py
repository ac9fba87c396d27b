"""Phrases by which intents are heard: ``phrases.toml`` and the judge's own signals, so that alerts and suggestions of a
call never disagree. Every phrase proves itself when the file is read: its hits are found, its misses are not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from assistant.intents.reader import INTENTS
from compliance.judge.contact.reading import Table
from compliance.judge.packs import PackError
from compliance.judge.patterns import Pattern, PatternFault, check_pattern
from compliance.judge.proof import load_pack
from compliance.judge.rules import Fault
from compliance.judge.talk import Phrase, load_talk
from compliance.judge.text import clean

PHRASES = Path(__file__).with_name("phrases.toml")
SIGNALS = {
    "self_harm": "self_harm",
    "represented": "representation",
    "flat_dispute": "dispute",
    "paid": "already_paid",
    "asks_identity": "ask_identity",
    "grave": "illness_disaster",
}
"""Signals of the judge that mean one intent alone."""


def find_phrases(text: str) -> frozenset[str]:
    """The intents of which a phrase is heard in an utterance."""
    plain = clean(text)
    return frozenset(name for name, phrases in load_phrases().items() if any(one.occurs(plain) for one in phrases))


@cache
def load_phrases() -> Mapping[str, tuple[Phrase, ...]]:
    """Intent → phrases, the file's own and the judge's.

    Raises:
        PackError: with every fault found.
    """
    faults: list[Fault] = []
    raw = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    faults += [Fault(PHRASES.name, name, None, "is no intent") for name in raw if name not in INTENTS]
    found: dict[str, list[Phrase]] = {name: [] for name in INTENTS}
    for name in (name for name in raw if name in INTENTS):
        found[name] += [_read_phrase(Table(table, PHRASES.name, name, faults)) for table in raw[name]]
    if faults:
        raise PackError(PHRASES.stem, faults)
    signals = load_talk(load_pack("cn")).signals
    for signal, intent in SIGNALS.items():
        found[intent].append(signals[signal])
    return {name: tuple(phrases) for name, phrases in found.items()}


def _read_phrase(table: Table) -> Phrase:
    phrase = Phrase(_patterns(table, "any"), _patterns(table, "none"))
    for field, wanted in (("hit", True), ("miss", False)):
        for text in table.take(field, "words", ()):
            if phrase.occurs(clean(text)) is not wanted:
                table.fault(field, f"{text!r} {'is not found' if wanted else 'is found'}")
    table.finish()
    return phrase


def _patterns(table: Table, field: str) -> tuple[Pattern, ...]:
    checked = []
    for source in table.take_optional(field, "words", ()):
        try:
            checked.append(check_pattern(source))
        except PatternFault as error:
            table.fault(field, f"{source!r}: {error}")
    return tuple(checked)
