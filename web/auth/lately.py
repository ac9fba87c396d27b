"""Who was found to be signed in a moment ago."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOMENT_S = 1.0
"""How long what was found may be used: for so long a token that was revoked still has a text judged, and no more (a
submission asks for it again in its own transaction)."""
MOST = 1_000
"""Tokens known at once; then all are forgotten, which costs each of them one look."""


class Lately(Generic[Value]):
    """What was found for a token within the last moment. Threads share it. ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._found: dict[str, tuple[float, Value]] = {}

    def get(self, token: str) -> Value | None:
        """What ``put`` was told of the token, if that was within the last moment."""
        until, value = self._found.get(token, (0.0, None))
        return value if self._clock() < until else None

    def put(self, token: str, value: Value) -> None:
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[token] = (self._clock() + MOMENT_S, value)
