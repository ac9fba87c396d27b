"""One turn of a call as everything about calls reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from assistant.intents import Heard
from compliance.judge.types import Finding

_MEANT = 0.5
"""The least score with which an intent counts as heard."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn as it is kept."""

    seq: int
    revision: int
    speaker: str
    text: str
    at: datetime
    final: bool = True
    audience: str | None = None
    findings: tuple[Finding, ...] = ()
    reworded: str | None = None
    heard: Heard = field(default_factory=Heard)

    @property
    def meant(self) -> tuple[str, ...]:
        """Intents that count as heard."""
        return tuple(intent for intent, score in self.heard.intents if score >= _MEANT)

    @property
    def certain(self) -> tuple[str, ...]:
        """Intents that are likelier there than not; what is merely the likeliest of all is left out."""
        return tuple(intent for intent, score in self.heard.intents if score > _MEANT)
