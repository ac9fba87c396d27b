"""What shows a notice or a request: words or a pointer, the subject in the ledger that they belong to, a recording."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import BigInteger, String, column, select, table
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, Debtor
from compliance.judge.types import InvalidInput

MAX_TEXT = 20_000
_SOURCE = re.compile(r"(outreach|call|inbound):([^\0-\x1f\ud800-\udfff]{1,100})")
_RECORDING = 100
_OUTREACH = table(
    "outreach",
    column("client_id", String),
    column("debtor_id", BigInteger),
    column("collector", String),
)
"""What is read of the gate's table: the gate reads this room's, so this one does not import the gate's."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the debtor or where they stand; ``source`` is a ledger subject, ``recording`` an id of the recorder."""

    words: str
    source: str | None = None
    recording: str | None = None

    @property
    def digest(self) -> str:
        return digest(self.words)


def check_evidence(session: Session, debtor: Debtor, evidence: Evidence) -> Evidence:
    """The evidence, trimmed.

    Raises:
        InvalidInput: no words, a source of another kind or of another debtor, too long a recording id.
    """
    check_text(evidence.words, "evidence", "请写明证据：哪次通话、哪段原话或哪份文件。")
    source, recording = (evidence.source or "").strip() or None, (evidence.recording or "").strip() or None
    if recording is not None:
        check_text(recording, "recording", "")
        if len(recording) > _RECORDING:
            raise InvalidInput(f"录音编号不能超过 {_RECORDING} 个字符。", code="too_long", field="recording")
    if source is not None:
        _check_source(session, debtor, source)
    return Evidence(evidence.words.strip(), source, recording)


def collector_of(session: Session, source: str | None, account_id: int | None) -> str | None:
    """Who made the contact that is complained about; else who works the account."""
    kind, _, ref = (source or "").partition(":")
    if kind == "outreach":
        author: str | None = session.scalar(select(_OUTREACH.c.collector).where(_OUTREACH.c.client_id == ref))
        if author is not None:
            return author
    account = session.get(Account, account_id) if account_id is not None else None
    return account.collector if account else None


def check_text(text: str, field: str, missing: str) -> None:
    """Something is said, and it can be stored.

    Raises:
        InvalidInput: empty, too long, or with characters that no database holds.
    """
    if not text.strip():
        raise InvalidInput(missing, code="missing", field=field)
    # PostgreSQL stores no NUL, and a lone surrogate is no character: neither may end in half a record.
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput("文字中有无法保存的字符。", code="bad_text", field=field)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"文字不能超过 {MAX_TEXT} 字。", code="too_long", field=field)


def digest(text: str) -> str:
    """SHA-256, for the ledger, which holds no words."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check_source(session: Session, debtor: Debtor, source: str) -> None:
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise InvalidInput("来源应写作 outreach:编号、call:编号或 inbound:编号。", code="bad_source", field="source")
    if match.group(1) != "outreach":
        return
    owner = session.scalar(select(_OUTREACH.c.debtor_id).where(_OUTREACH.c.client_id == match.group(2)))
    if owner != debtor.id:
        raise InvalidInput("这位债务人没有这条触达。", code="unknown_outreach", field="source")
