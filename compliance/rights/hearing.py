"""Rights heard in words: what the debtor writes, or what a note says they said. Heard is not recorded: it is proposed.

``propose`` is pure and is for every room: notes at the gate, inbound messages, turns of a call.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from compliance.judge.patterns import Pattern, check_pattern
from compliance.judge.talk import Phrase
from compliance.judge.text import Text, clean
from compliance.judge.types import CHANNELS, Span, check_code
from compliance.rights.models import REQUEST_TYPES

PHRASES = Path(__file__).with_name("phrases.toml")
INBOUND = (*(channel for channel in CHANNELS if channel != "note"), "app", "web")
_SENTENCE = re.compile(r"[^。.!！?？;；\n]+")


@dataclass(frozen=True, slots=True)
class ProposedRequest:
    """A request that the words seem to make; ``span`` counts code points of the raw text."""

    type: str
    span: Span
    words: str
    """The sentence it stands in, not masked."""


def propose(text: str, channel: str = "note") -> tuple[ProposedRequest, ...]:
    """The requests that a note, an inbound message or a turn of the debtor seems to make, each type once, in the order
    of the text. ``channel`` is ``note`` or how the words came in.

    Raises:
        InvalidInput: the channel is neither.
    """
    check_code(channel, ("note", *INBOUND), "渠道", code="unknown_channel", field="channel")
    if not text.strip():
        return ()
    view = Text.of(text).views[0]
    found: dict[str, ProposedRequest] = {}
    for type, place, sentence in _heard(view.plain):
        if type not in found:
            whole = view.span(*sentence)
            found[type] = ProposedRequest(type, view.span(*place), text[whole.start : whole.end].strip())
    return tuple(sorted(found.values(), key=lambda one: (one.span.start, one.type)))


def _heard(plain: str) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Type, place and sentence of everything that is heard, sentence by sentence."""
    for sentence in _SENTENCE.finditer(plain):
        for type, phrase in load_phrases().items():
            span = phrase.span(sentence.group())
            if span is not None:
                at = sentence.start()
                yield type, (at + span[0], at + span[1]), sentence.span()


@cache
def load_phrases() -> Mapping[str, Phrase]:
    """The phrases by type of request, read once.

    Raises:
        ValueError: a type is missing or unknown, or a phrase does not prove itself.
        PatternFault: a pattern cannot be used.
    """
    raw = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    if set(raw) != set(REQUEST_TYPES):
        raise ValueError(f"{PHRASES.name}: the types must be {', '.join(REQUEST_TYPES)}")
    phrases = {type: Phrase(_patterns(raw[type]["any"]), _patterns(raw[type]["none"])) for type in REQUEST_TYPES}
    faults = [
        f"{type}: {sample!r}"
        for type, phrase in phrases.items()
        for wanted, samples in ((True, raw[type]["hit"]), (False, raw[type]["miss"]))
        for sample in samples
        if any(phrase.occurs(one) for one in _SENTENCE.findall(clean(sample))) is not wanted
    ]
    if faults:
        raise ValueError(f"{PHRASES.name}: does not prove itself: {'; '.join(faults)}")
    return phrases


def _patterns(sources: list[str]) -> tuple[Pattern, ...]:
    return tuple(check_pattern(source) for source in sources)
