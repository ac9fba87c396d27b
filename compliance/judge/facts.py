"""What the contact policy must know about a debtor at the moment of contact. An unknown fact is ``None``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

RELATIONS = ("self", "liable_third_party", "other_third_party")
OUTCOMES = (
    "connected", "no_answer", "busy", "refused", "voicemail", "invalid_number", "powered_off",
    "third_party", "wrong_number", "hung_up", "delivered", "undelivered", "visited",
)  # fmt: skip
UNCOUNTED_STATES = frozenset({"blocked", "refused", "expired", "returned", "recorded"})
"""States of an outreach that certainly did not and will not go out. Any other, even an unknown one, holds a slot."""


@dataclass(frozen=True, slots=True)
class ContactPointFacts:
    """One number, address or handle."""

    ref: str
    kind: str
    """``mobile`` ``landline`` ``email`` ``im`` ``address``."""
    relation: str | None
    source: str | None
    """Where it came from: ``contract`` ``reserved`` ``authorised`` ``public`` ``told_by_reserved_contact``
    ``credit_bureau``."""
    valid: bool | None
    liable_evidence: str | None = None
    """For a liable third party: what shows the liability (CN-TP-03); ``None`` where nothing does."""
    agreed_contact: bool | None = None
    """For another third party: named by the debtor in advance (CN-TP-12)."""
    refused_at: datetime | None = None
    """When this person asked not to be contacted (CN-TP-07): for ever."""
    reserved: bool = False
    """The mobile number that the debtor left with the creditor (CN-TP-04)."""


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """One earlier outreach of any collector, agency, account or number of the same creditor. A reserved slot counts."""

    at: datetime
    channel: str
    contact_point: str
    relation: str | None
    state: str
    outcome: str | None = None
    reserved_mobile: bool = False
    account: str | None = None
    recorded_at: datetime | None = None
    """When it was submitted; ``at`` is what it was submitted for. No rule decides on it."""
    id: int | None = None
    """Which outreach it is, for whoever must leave one out. No rule decides on it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the debtor agreed to about contact, with evidence, until withdrawn (CN-HOURS-02/03, CN-RIGHT-09/10)."""

    since: datetime
    until: datetime | None
    evidence: str
    channels: tuple[str, ...] = ()
    """Only these channels; empty means no wish about channels."""
    window_start: time | None = None
    window_end: time | None = None
    """Local time of the debtor; a window may cross midnight. ``None``: no wish about hours."""
    max_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    type: str
    at: datetime
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """An open request of the debtor."""

    ref: str
    type: str
    at: datetime
    due_at: datetime | None
    contact_point: str | None = None


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Everything about one debtor and one contact point that the policy decides on."""

    debtor: str
    creditor: str | None
    contact_point: ContactPointFacts
    timezone: str | None = "Asia/Shanghai"
    account: str | None = None
    agency: str | None = None
    """The outside agency that works the account; ``None`` where the creditor itself does."""
    agency_listed: bool | None = None
    """Whether the agency is on the creditor's public list (CN-AGENCY-01); ``None`` where no list is kept here."""
    agency_evaluated: date | None = None
    """When the agency was last evaluated (CN-AGENCY-02), the longest ago where several work for the debtor's creditors;
    ``None`` where no evaluation is kept here."""
    never_evaluated: tuple[date | None, ...] = ()
    """Of each agency without an evaluation: since when it has worked for its creditor, ``None`` where nobody knows."""
    line: str | None = None
    """The number that a call is made from or a text is sent from."""
    lines: tuple[str, ...] = ()
    """The creditor's registered numbers (CN-FORBID-07); empty where none are kept here."""
    assigned: bool = False
    """The claim was bought: an assignment notice is owed (CN-ID-06)."""
    days_past_due: int | None = None
    due_date: date | None = None
    settled: bool = False
    plan_in_force: bool | None = None
    plan_breached: bool | None = None
    vulnerable: tuple[str, ...] = ()
    """Flags in force: ``self_harm`` ``illness`` ``bereavement`` ``minor`` ``incapacity`` ``deceased`` ``disaster``
    ``job_loss``."""
    vulnerable_since: tuple[tuple[str, datetime], ...] = ()
    """Since when a flag is in force, where that is known; a pause without a beginning has no end."""
    bankruptcy: bool = False
    no_contact_order: bool = False
    attempts: tuple[AttemptFacts, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    notices: tuple[NoticeFacts, ...] = ()
    requests: tuple[RequestFacts, ...] = ()
    collector_trained_until: date | None = None
    paying: bool = False
    """What is said is just what this person needs to pay, as they offered on record (CN-TP-08): the judge takes it over
    from the message (``Message.pays``)."""
    visitors: int | None = None
