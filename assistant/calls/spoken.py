"""One turn of a call as everything about calls reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from assistant.intents import Heard
from compliance.judge.types import Finding


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
        return self.heard.meant

    @property
    def certain(self) -> tuple[str, ...]:
        """Intents that are likelier there than not."""
        return self.heard.certain
