"""The result messages of the FunASR runtime's WebSocket protocol, as turns.

``2pass-online`` and ``online`` messages carry the next piece of what is being said; ``2pass-offline`` and ``offline``
messages carry a finished sentence, which takes the place of the pieces. ``is_final`` is not relied on for these: the
runtime leaves it false there. Who speaks is what ``wav_name`` says, or what the sender names beside the message: one
connection of the recogniser for each side of the line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from assistant.calls.receiving import Incoming
from compliance.judge.hearing import SPEAKERS
from compliance.judge.types import InvalidInput

MODES = ("2pass-online", "2pass-offline", "online", "offline")
WHOLE = ("2pass-offline", "offline")
NAMES = {
    "agent": "collector", "caller": "collector", "customer": "debtor", "callee": "debtor", "client": "debtor",
}  # fmt: skip
"""What the sides of a line are called elsewhere."""


def is_message(body: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a JSON body is one of these messages, the closing acknowledgement included."""
    return isinstance(body, Mapping) and (body.get("mode") in MODES or body.get("is_end") is True)


def read_message(body: Mapping[str, Any], speaker: str | None, started_at: datetime) -> Incoming | None:
    """The turn that a message carries; ``None`` where it carries no words.

    Raises:
        InvalidInput: it does not say who speaks, or its text is no string.
    """
    text = body.get("text", "")
    if not isinstance(text, str):
        raise InvalidInput("text must be a string", code="type", field="text")
    if not text.strip():
        return None
    who = speaker or _speaker(body.get("wav_name"))
    mode = body["mode"]
    begun = _begin_ms(body.get("timestamp"))
    whole = mode in WHOLE
    return Incoming(
        speaker=who,
        text=text,
        at=started_at + timedelta(milliseconds=begun) if begun is not None else None,
        final=whole or (mode == "online" and body.get("is_final") is True),
        source_key=_key(who, begun, text) if whole and begun is not None else None,
        stream=True,
        append=not whole,
    )


def _speaker(name: object) -> str:
    """The side that ``wav_name`` names: ``debtor``, or a name that ends so (``call-17-debtor``)."""
    words = str(name or "").lower().replace("_", "-")
    for known in (*sorted(SPEAKERS), *NAMES):
        if words == known.replace("_", "-") or words.endswith("-" + known.replace("_", "-")):
            return NAMES.get(known, known)
    message = "wav_name 须以 collector、debtor 或 third_party 结尾，或在地址中给出 speaker / who speaks is not said"
    raise InvalidInput(message, code="missing", field="speaker")


def _begin_ms(timestamp: object) -> int | None:
    """Milliseconds from the start of the audio at which the first word begins; ``None`` where that is not told."""
    try:
        spans = json.loads(timestamp) if isinstance(timestamp, str) else timestamp
    except json.JSONDecodeError:
        return None
    if not isinstance(spans, list) or not spans or not isinstance(spans[0], list) or not spans[0]:
        return None
    begun = spans[0][0]
    return begun if isinstance(begun, int) and 0 <= begun < 86_400_000 else None


def _key(speaker: str, begun: int, text: str) -> str:
    return f"asr-{speaker}-{begun}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
