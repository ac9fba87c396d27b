"""The bodies and answers of calls, as pydantic models."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from assistant.calls.models import NEXT_STEPS, OUTCOMES, REASONS
from compliance.rights.models import REQUEST_TYPES
from web.api.shapes import Body, FindingAnswer, RowId, ShortText, one_of

Speaker = Literal["collector", "debtor", "third_party"]


class CallBody(Body):
    debtor: ShortText
    contact_point: ShortText
    account: str | None = None
    direction: Literal["out", "in"] = "out"
    started_at: AwareDatetime | None = None
    outreach: str | None = Field(default=None, description="Id of the dial, where it was submitted before.")
    already_connected: bool = Field(
        default=False,
        description="The line is open although the gate did not permit the dial: it counts, and an officer gets it.",
    )


class TurnBody(Body):
    seq: int = Field(ge=1, le=1_000_000)
    speaker: Speaker
    text: str = Field(max_length=4000)
    at: AwareDatetime | None = None
    final: bool = Field(default=True, description="False for a partial result, which the next one replaces.")


class TickBody(Body):
    item: ShortText = Field(description="One of the `checklist` of the call.")
    ticked: bool = True


class RightBody(Body):
    type: str = one_of(REQUEST_TYPES)


class UseBody(Body):
    version: RowId = Field(ge=1)


class SpeakerQuery(BaseModel):
    speaker: Speaker | None = None


class EventsQuery(BaseModel):
    after: RowId = 0


class PromiseBody(Body):
    date: dt.date
    amount: Decimal | None = Field(default=None, gt=0, max_digits=14, decimal_places=2)


class CloseBody(Body):
    outcome: str = one_of(OUTCOMES)
    reason: str | None = Field(default=None, json_schema_extra={"enum": [*REASONS, None]})
    promise: PromiseBody | None = None
    rights: list[ShortText] = Field(
        default_factory=list, max_length=12, description="Types of requests that were heard, to be recorded."
    )
    next_step: str | None = Field(default=None, json_schema_extra={"enum": [*NEXT_STEPS, None]})
    next_at: AwareDatetime | None = None
    note: str | None = Field(default=None, max_length=10_000)
    confirmed: bool = Field(default=False, description="Keep the note although the call contradicts it.")
    recording: ShortText | None = Field(default=None, description="Id of the recording of the dial.")
    no_recording: str | None = Field(default=None, min_length=1, max_length=200, description="Why there is none.")


class ScoredIntent(BaseModel):
    intent: str
    score: float


class AlertAnswer(FindingAnswer):
    id: str
    suggestion: str | None = Field(description="The whole turn reworded, where that is possible.")


class SuggestionAnswer(BaseModel):
    key: int
    script: str
    version: int
    scene: str
    title: str
    text: str
    reason: list[str]
    avoid: str


class ItemAnswer(BaseModel):
    item: str
    label: str
    said: bool
    due: bool
    turn: int | None
    by_hand: bool | None


class PauseAnswer(BaseModel):
    helpline: str
    contact: str
    officer: str


class HelpAnswer(BaseModel):
    alerts: list[AlertAnswer]
    intents: list[ScoredIntent]
    suggestions: list[SuggestionAnswer]
    checklist: list[ItemAnswer]
    pause: PauseAnswer | None = Field(description="Where a sign of self-harm was heard.")


class TurnAnswer(HelpAnswer):
    seq: int
    revision: int
    slots: dict[str, list[str]]


class KeptTurn(BaseModel):
    seq: int
    speaker: str
    text: str
    at: datetime
    final: bool
    intents: list[ScoredIntent]


class HeardRightAnswer(BaseModel):
    type: str
    turn: int
    request: str | None


class CallAnswer(HelpAnswer):
    id: str
    revision: int
    closed: bool
    turns: list[KeptTurn]
    rights: list[HeardRightAnswer]


class OpenedAnswer(CallAnswer):
    card: dict[str, Any]
    permitted: bool


class RecordedRight(BaseModel):
    type: str
    request: str


class PromiseAnswer(BaseModel):
    date: dt.date
    amount: str | None


class DraftAnswer(BaseModel):
    outcome: str
    reason: str
    promise: PromiseAnswer | None
    rights: list[str]
    next_step: str
    next_at: AwareDatetime | None = Field(description="When the debtor asked to be rung back.")
    note: str
    missing: list[str]


class ClosedAnswer(BaseModel):
    id: str
    missing: list[str] = Field(description="Items that should have been said and were not.")
    requests: list[str] = Field(description="References of the requests that were recorded.")
    note: list[FindingAnswer]


class DoneAnswer(BaseModel):
    revision: int
