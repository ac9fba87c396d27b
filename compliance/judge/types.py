"""The values that judging takes and returns: frozen, without I/O, comparable in tests.

Texts are Python strings; a span counts code points of the raw text, half-open. Every instant is an aware
``datetime``. Words follow DESIGN.md, labels follow ``compliance/corpus/GUIDE.md``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

CHANNELS = ("sms", "im", "call", "email", "letter", "visit", "note")
AUDIENCES = ("debtor", "liable_third_party", "other_third_party", "internal")
STAGES = ("initial", "middle", "late", "final")
CATEGORIES = (
    "threat", "insult", "exposure_threat", "third_party_disclosure", "third_party_pressure",
    "pii_leak", "impersonation", "false_consequence", "deception", "harassment",
    "improper_payment", "unlawful_data", "rights_denial", "vulnerability", "missing_disclosure",
)  # fmt: skip
CONTACT_CATEGORIES = ("hours", "frequency", "third_party", "notice", "rights", "vulnerability", "data", "permit")
"""Categories of findings that come from the contact policy rather than from the text."""


class InvalidInput(ValueError):
    """Input that cannot be used. ``message`` is one sentence for the person who sent it."""

    def __init__(self, message: str, *, code: str = "invalid", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


def check_code(value: str, codes: Collection[str], what: str, *, code: str, field: str) -> None:
    """``value`` is one of ``codes``.

    Raises:
        InvalidInput: it is none; ``what`` is the Chinese word for such a code, and all of them are named.
    """
    if value not in codes:
        known = "、".join(codes)
        raise InvalidInput(f"未知的{what} {value[:20]!r}，可用：{known}。", code=code, field=field)


class Decision(StrEnum):
    """``allow`` < ``review`` < ``block``; a verdict is the greatest of its findings."""

    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {Decision.ALLOW: 0, Decision.REVIEW: 1, Decision.BLOCK: 2}


def strictest(decisions: list[Decision]) -> Decision:
    """The greatest decision, ``allow`` where there is none."""
    return max(decisions, key=lambda decision: decision.rank, default=Decision.ALLOW)


@dataclass(frozen=True, slots=True)
class Message:
    """Words about to leave, or a note about what was done. Unknown facts are ``None``, never a guess."""

    text: str
    channel: str = "sms"
    audience: str = "debtor"
    lang: str | None = None
    stage: str | None = None
    first_contact: bool | None = None
    amounts: tuple[Decimal, ...] | None = None
    """The account's true figures in yuan (total, principal, interest, fees), where an account is known."""
    case_no: str | None = None
    """The registered court case number, where there is one."""
    previous: tuple[str, ...] = ()
    """Texts sent to the same debtor within the last minutes, oldest first (split messages)."""
    agency: str | None = None
    """The outside agency that speaks for the creditor; ``None`` where the creditor itself does, or nobody knows."""
    owed: tuple[Decimal, Decimal, Decimal] | None = None
    """The account's principal, interest and fees in yuan, in this order, where an account is known."""
    pays: bool = False
    """It is for somebody who does not owe but offered on record to pay this account, and says just what is needed for
    that, in the words set for it (CN-TP-08)."""


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule comes from. ``confidence`` is that of ``rules-cn.csv``; "not verified" is never shown as law."""

    rule: str
    """Id of the row of the jurisdiction's rule table, for instance ``CN-FORBID-01``."""
    source: str
    article: str
    confidence: str = "verified"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, from the text, the contact policy or the learned reader."""

    rule: str
    """Stable id, for instance ``cn.threat.violence`` or ``cn.contact.hours``."""
    category: str
    decision: Decision
    why: str
    """One plain sentence in Chinese (English for English packs)."""
    cites: tuple[Citation, ...] = ()
    span: Span | None = None
    instead: str | None = None
    """The sentence that holds the span, reworded or masked; ``None`` where it is left out or nothing is offered."""
    fix: str | None = None
    """What becomes of that sentence: ``replace`` and ``mask`` (by ``instead``), ``drop`` (left out: nothing in it can
    be saved), or ``None`` (nothing is offered: a note, the contact policy, a message as a whole)."""
    source: str = "text"
    """``text``, ``contact``, ``reader`` or ``call``."""
    soft: bool = False
    """A sign rather than a proof: a learned reader may lift such a ``review`` and lower such a ``block`` to one."""
    confidence: float | None = None
    next_allowed_at: datetime | None = None
    turn: int | None = None
    """Number of the turn that the finding and its span are about, for ``call``; ``None`` for a whole call."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided and why. Same message, facts, pack digest and time give the same verdict."""

    decision: Decision
    findings: tuple[Finding, ...]
    suggestion: str | None
    """The whole message reworded so that it passes, or ``None`` where nothing can be saved or nothing is wrong."""
    pack: str
    version: str
    digest: str
    next_allowed_at: datetime | None = None
    remaining: dict[str, int] = field(default_factory=dict)

    @property
    def categories(self) -> list[str]:
        """Text categories of all findings, each once, in the guide's order."""
        found = {finding.category for finding in self.findings}
        return [category for category in CATEGORIES if category in found]
