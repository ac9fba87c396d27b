"""Hearing one utterance: what is meant, most likely first, and the sums and days that are named.

Intents are those of ``compliance/corpus/GUIDE.md``. The learned reader decides, with phrases among its evidence; a
phrase of ``self_harm`` decides alone, for to miss it once is worse than to ask in vain many times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from assistant.intents.phrases import find_phrases
from assistant.intents.reader import Model, Reading, load_model
from assistant.intents.slots import read_slots
from assistant.intents.views import Utterance

SELF_HARM = "self_harm"
_COUNTS = 0.5
"""The least score of what is meant, whatever its chance: a score of a half is heard."""
_FAINT = 0.4
"""A chance of self-harm below which it is not meant for being merely likelier than all else: by a reader that had not
seen them, every such utterance of the two development files was something else. A phrase decides in any case."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an utterance carries."""

    intents: tuple[tuple[str, float], ...] = ()
    """Each intent once with its score (0 to 1), most important first. Empty for a collector's words."""
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """See :func:`assistant.intents.slots.read_slots`."""

    @property
    def meant(self) -> tuple[str, ...]:
        """Intents that count as heard."""
        return tuple(intent for intent, score in self.intents if score >= _COUNTS)

    @property
    def certain(self) -> tuple[str, ...]:
        """Intents that are likelier there than not; what is merely the likeliest of all is left out."""
        return tuple(intent for intent, score in self.intents if score > _COUNTS)


@dataclass(frozen=True, slots=True)
class Understood:
    """What the reader and the phrases make of one utterance together."""

    meant: tuple[str, ...]
    """The intents that are there, most important first; at least one."""
    ranked: tuple[tuple[str, float], ...]
    """Every intent with its chance of being the most important, likeliest first."""
    reading: Reading


def hear(text: str, speaker: str) -> Heard:
    """What ``speaker`` (``collector``, ``debtor``, ``third_party``) says with ``text``."""
    if speaker == "collector":
        return Heard((), read_slots(text))
    found = understand(text)
    scored = tuple((name, round(max(found.reading.chance(name), _COUNTS), 3)) for name in found.meant)
    return Heard(scored, read_slots(text, found.meant))


def understand(text: str, model: Model | None = None) -> Understood:
    """The intents of one utterance by the shipped reader, or by ``model``."""
    phrases = find_phrases(text)
    reading = (model or shipped()).read(Utterance.of(text), phrases)
    ranked = reading.ranked()
    meant = [name for name in reading.meant() if name != SELF_HARM or SELF_HARM in phrases or _is_loud(reading)]
    if SELF_HARM in phrases and SELF_HARM not in meant:
        meant.append(SELF_HARM)
    if not meant:
        meant.append(ranked[1][0])
    return Understood(tuple(sorted(meant, key=lambda name: name != SELF_HARM)), tuple(ranked), reading)


def _is_loud(reading: Reading) -> bool:
    return reading.chance(SELF_HARM) >= _FAINT


@cache
def shipped() -> Model:
    """The shipped reader, read once a process. Raises ``OSError`` or ``ValueError`` where there is none."""
    return load_model()
