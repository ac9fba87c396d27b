"""The values that the gate takes and returns, and the errors that are not about the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from compliance.judge.types import Decision, Finding
from compliance.prepared import Query

TEXT_CHANNELS = ("sms", "im", "email", "letter")
"""Channels on which words are delivered: a text is required, and ``dispatch`` may deliver it."""
KINDS_OF_CHANNEL = {
    "sms": ("mobile",),
    "im": ("im", "mobile"),
    "call": ("mobile", "landline"),
    "email": ("email",),
    "letter": ("address",),
    "visit": ("address",),
}
"""Which kinds of contact point a channel reaches."""


class Conflict(Exception):
    """The act does not fit what has already happened. ``message`` is one sentence for the user (HTTP 409); ``field``
    names what of a form does not, where it is one thing."""

    def __init__(self, message: str, *, code: str = "conflict", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


class Forbidden(Exception):
    """This person may not do this (HTTP 403). ``message`` is one sentence for the user."""

    def __init__(self, message: str, *, code: str = "forbidden") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Unavailable(Exception):
    """The gate cannot decide at present: nothing leaves (HTTP 503). ``message`` is one sentence for the user."""

    def __init__(self, message: str, *, code: str = "unavailable") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: login name and role."""

    name: str
    role: str = "collector"
    trained_until: date | None = None
    """Last day of the yearly training; ``None`` is unknown."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What else must hold at the moment of a decision: it is asked in the decision's own transaction."""

    query: Query[Any]
    values: Mapping[str, Any]
    refusal: Callable[[Sequence[Any]], Exception | None]
    """From the rows that were found, what is to be raised instead of deciding; ``None`` where it holds."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody wants to send, dial or write down, as it came in."""

    id: str
    """Chosen by the sender; the same id with the same body gives the first answer again."""
    debtor: str
    """Reference of the debtor."""
    channel: str
    contact_point: str | None = None
    """Reference of the contact point; absent only for a note."""
    text: str | None = None
    """Absent for a call to dial or a visit to make."""
    account: str | None = None
    """Account number; the debtor's only account where absent."""
    send_at: datetime | None = None
    """Aware; the time it is judged for. Absent means now."""
    lang: str | None = None
    visitors: int | None = None
    """How many people would go, for a visit."""
    line: str | None = None
    """The number that a call is made from or a text is sent from."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The gate's answer."""

    id: str
    decision: Decision
    state: str
    findings: tuple[Finding, ...]
    suggestion: str | None
    permit: str | None
    next_allowed_at: datetime | None
    remaining: dict[str, int]
    ledger_seq: int
    repeated: bool = False
    """Whether this is the first answer, told again."""


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What an operator may set. None of these is a legal threshold."""

    max_text: int = 10_000
    """Characters."""
    past: timedelta = timedelta(minutes=5)
    """How far back ``send_at`` may lie: clocks differ, queues wait."""
    future: timedelta = timedelta(days=30)
    call_permit: timedelta = timedelta(minutes=10)
    """How long a permit to dial or to visit is good for."""
    text_permit: timedelta = timedelta(hours=24)
    split_window: timedelta = timedelta(minutes=10)
    """Texts to the same debtor this close together are read as one message in pieces."""


DEFAULTS = GateSettings()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an act on an existing outreach led to."""

    id: str
    state: str
    ledger_seq: int
    outcome: str | None = None
    findings: tuple[Finding, ...] = field(default=())
