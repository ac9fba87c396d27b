"""The bodies that the API takes, as pydantic models: they check input and make the OpenAPI document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from compliance.gate.outcome import ALL_OUTCOMES
from compliance.rights import RIGHTS_CHANNELS
from compliance.rights.hearing import INBOUND
from compliance.rights.models import NOTICE_TYPES, REQUEST_TYPES
from web.numbers import GREATEST

Channel = Literal["sms", "im", "call", "email", "letter", "visit", "note"]
Audience = Literal["debtor", "liable_third_party", "other_third_party", "internal"]
Stage = Literal["initial", "middle", "late", "final"]
ShortText = Annotated[str, Field(min_length=1, max_length=100)]
RowId = Annotated[int, Field(ge=0, le=GREATEST)]
"""What both databases take for the number of a row."""


def one_of(codes: Collection[str]) -> Any:
    """A required code, checked where the act is decided; here its values are told to whoever reads the document."""
    return Field(min_length=1, max_length=100, json_schema_extra={"enum": list(codes)})


class Body(BaseModel):
    """A request body. A field that is not known is refused rather than dropped."""

    model_config = ConfigDict(extra="forbid")


class ScreenBody(Body):
    text: str
    channel: Channel = "sms"
    audience: Audience = "debtor"
    lang: str | None = None
    stage: Stage | None = None
    pack: str | None = None


class OutreachBody(Body):
    id: ShortText = Field(description="The sender's own id. The same id with the same body gives the first answer.")
    debtor: ShortText
    contact_point: ShortText | None = None
    account: str | None = None
    channel: Channel
    text: str | None = Field(default=None, description="Absent for a call to dial.")
    send_at: AwareDatetime | None = Field(default=None, description="The time it is judged for, with offset.")
    lang: str | None = None
    visitors: int | None = Field(default=None, ge=1, le=20, description="For a visit: how many people go.")
    line: ShortText | None = Field(default=None, description="The number that is called or sent from.")


class LinkBody(Body):
    id: ShortText = Field(description="The id under which the message will be submitted.")


class RecordingBody(Body):
    """One of the two."""

    recording: ShortText | None = Field(default=None, description="Id of the recording of the call.")
    no_recording: str | None = Field(default=None, min_length=1, max_length=200, description="Why there is none.")


class OutcomeBody(RecordingBody):
    """Of a call that was answered a recording is owed; it may follow later."""

    outcome: str = one_of(ALL_OUTCOMES)
    at: AwareDatetime | None = None


class VisitBody(Body):
    """The sheet of a visit that was made. That nobody went is an outcome, ``not_made``."""

    people: list[ShortText] = Field(min_length=1, max_length=20, description="Everybody who came.")
    shown: list[Literal["identity", "authority", "papers"]] = []
    arrived_at: AwareDatetime
    left_at: AwareDatetime
    asked_to_leave_at: AwareDatetime | None = None
    entered: bool = False
    consent: str | None = Field(default=None, max_length=200, description="Who let them in, and how.")
    filmed_inside: bool = False
    dress_checked: bool = Field(default=False, description="Nothing worn could be taken for a uniform.")
    recording: ShortText | None = Field(default=None, description="Id of the recording of the whole visit.")
    no_recording: str | None = Field(default=None, max_length=200, description="Why there is none.")
    outcome: Literal["visited", "no_answer", "refused", "third_party", "wrong_number"]
    course: str = Field(min_length=1, max_length=10_000, description="What happened, in words: a note like any other.")


class RedeemBody(Body):
    permit: str
    recipient: str
    text: str | None = None


class RecordBody(Body):
    """What a notice and a request have in common."""

    channel: str = one_of(RIGHTS_CHANNELS)
    evidence: str = Field(min_length=1, max_length=2000)
    at: AwareDatetime
    account: str | None = None
    source: str | None = Field(
        default=None, max_length=120, description="What shows it: outreach:ID, call:REF or inbound:REF."
    )
    recording: str | None = Field(default=None, max_length=100, description="Id of the recording.")


class NoticeBody(RecordBody):
    type: str = one_of(NOTICE_TYPES)


class RequestBody(RecordBody):
    type: str = one_of(REQUEST_TYPES)
    contact_point: str | None = None
    review_of: str | None = Field(
        default=None, description="Reference of the answered complaint of which the debtor asks for a review."
    )


class PlanBody(Body):
    """A plan that is offered: all six contents, or it is refused with the first field that is missing."""

    account: ShortText
    request: ShortText | None = Field(default=None, description="Reference of the request for a plan that it answers.")
    kind: Literal["individual", "instalment", "other"]
    principal: Decimal | None = Field(default=None, description="As the account stands; likewise interest and fees.")
    interest: Decimal | None = None
    fees: Decimal | None = None
    currency: str | None = Field(default=None, max_length=3)
    instalments: int | None = None
    cycle_months: int | None = Field(default=None, description="Months from one instalment to the next.")
    first_due: date | None = None
    amount: Decimal | None = Field(default=None, description="Of each instalment.")
    last_amount: Decimal | None = Field(default=None, description="Of the last one, where it differs.")
    method: str | None = Field(default=None, max_length=500)
    charged: bool | None = Field(default=None, description="Whether interest or fees run while it is kept.")
    charges: str | None = Field(default=None, max_length=1000, description="Which, and at what rate.")
    no_new_card: bool | None = Field(default=None, description="No new credit card until everything is paid.")
    duties: str | None = Field(default=None, max_length=5000)
    other: str | None = Field(default=None, max_length=5000)


class PlanStateBody(Body):
    """`agreed` takes what shows the agreement as its evidence; any other state what shows that it came to be."""

    state: Literal["agreed", "kept", "broken", "settled", "ended"]
    evidence: str = Field(min_length=1, max_length=2000)
    recording: str | None = Field(default=None, max_length=100, description="Of an agreement by word of mouth.")


class InboundBody(Body):
    id: ShortText = Field(description="The sender's own id. The same id with the same body is the same message.")
    channel: str = one_of(INBOUND)
    text: str = Field(min_length=1, max_length=10_000)
    at: AwareDatetime


class ContactabilityQuery(BaseModel):
    channel: Channel
    contact_point: str
    line: str | None = None
    at: AwareDatetime | None = None


class EntriesQuery(BaseModel):
    after: RowId = 0
    limit: int = Field(default=100, ge=1, le=1000)


class ConsistencyQuery(BaseModel):
    first: RowId = Field(ge=1, description="Size of the earlier ledger, of a signed head that you keep.")
    second: RowId = Field(ge=1, description="Size of the later one, at most that of the last signed head.")


class ErrorDetail(BaseModel):
    code: str
    message: str
    field: str | None = None


class ErrorAnswer(BaseModel):
    """The one error shape."""

    error: ErrorDetail


class CitationAnswer(BaseModel):
    rule: str
    source: str
    article: str
    confidence: str


class FindingAnswer(BaseModel):
    rule: str
    category: str
    decision: Literal["allow", "review", "block"]
    start: int | None = Field(description="First code point of the raw text; null for a finding about contact.")
    end: int | None
    why: str
    cites: list[CitationAnswer]
    instead: str | None
    fix: Literal["replace", "mask", "drop"] | None
    source: Literal["text", "contact", "reader", "call"]
    turn: int | None = Field(description="Of a whole call: the turn that is meant.")


class VerdictAnswer(BaseModel):
    decision: Literal["allow", "review", "block"]
    categories: list[str]
    findings: list[FindingAnswer]
    suggestion: str | None = None


class OutreachAnswer(BaseModel):
    id: str
    decision: Literal["allow", "review", "block"]
    state: str
    findings: list[FindingAnswer]
    suggestion: str | None = None
    permit: str | None = None
    next_allowed_at: datetime | None = None
    remaining: dict[str, int]
    ledger_seq: int


class LinkAnswer(BaseModel):
    link: str


class OutreachState(BaseModel):
    id: str
    state: str
    outcome: str | None = None
    ledger_seq: int | None = None
    recording_owed: bool | None = Field(
        default=None, description="Of a call: whether its recording is still to be told."
    )


class VisitAnswer(OutreachState):
    findings: list[FindingAnswer] = Field(description="What goes to an officer.")


class RedeemedAnswer(BaseModel):
    outreach: str
    ledger_seq: int


class HeadAnswer(BaseModel):
    seq: int
    hash: str


class SignedHeadAnswer(BaseModel):
    """Hashes, public key and Ed25519 signature in hexadecimal."""

    size: int
    root: str
    hash: str
    at: datetime
    key: str
    signature: str


class LedgerHeadAnswer(HeadAnswer):
    signed: SignedHeadAnswer | None


class ProofAnswer(HeadAnswer):
    leaf: str
    path: list[str]
    head: SignedHeadAnswer


class ConsistencyAnswer(BaseModel):
    first: int
    second: int
    first_root: str
    second_root: str
    path: list[str]


class EntryAnswer(HeadAnswer):
    at: datetime
    actor: str
    kind: str
    subject: str
    body: str
    prev: str


class EntriesAnswer(BaseModel):
    entries: list[EntryAnswer]


class ContactPointAnswer(BaseModel):
    ref: str
    kind: str
    relation: str | None
    masked: str
    valid: bool | None


class DebtorAnswer(BaseModel):
    ref: str
    name: str = Field(description="Masked.")
    timezone: str
    contact_points: list[ContactPointAnswer]


class ContactabilityAnswer(BaseModel):
    allowed: bool
    decision: Literal["allow", "review", "block"]
    findings: list[FindingAnswer]
    remaining: dict[str, int]
    next_allowed_at: datetime | None


class RightAnswer(BaseModel):
    ref: str
    type: str
    at: datetime
    source: str | None = None
    recording: str | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    state: Literal["received", "in_hand", "answered", "granted", "refused", "withdrawn"] | None = None


class PlanAnswer(BaseModel):
    """Amounts are texts, so that no cent is lost."""

    ref: str
    account: str
    request: str | None
    kind: Literal["individual", "instalment", "other"]
    state: Literal["proposed", "agreed", "kept", "broken", "settled", "ended"]
    principal: str
    interest: str
    fees: str
    currency: str
    as_of: date
    instalments: int
    cycle_months: int
    first_due: date
    last_due: date
    amount: str
    last_amount: str | None
    charged: bool
    no_new_card: bool
    proposed_by: str
    proposed_at: datetime
    agreed_at: datetime | None
    recording: str | None


class PlansAnswer(BaseModel):
    items: list[PlanAnswer]


class InboundAnswer(BaseModel):
    id: str
    proposed: list[str] = Field(description="Types of request that the message seems to make; none is recorded yet.")


class RightsAnswer(BaseModel):
    items: list[RightAnswer]
