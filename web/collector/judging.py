"""Judging what a collector is typing: the text with what is known of the case, nothing recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, ContactPoint
from compliance.gate.screening import Case, build_message, judge_safely
from compliance.judge import Judge
from compliance.judge.types import Verdict
from web.marking import Piece, marks, pieces


@dataclass(frozen=True, slots=True)
class Draft:
    """Words, and whom by which channel they are meant for."""

    point: str | None
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft and its verdict. ``live`` leaves out the marked copy: the editor underlines the text itself."""

    text: str
    verdict: Verdict
    live: bool = False

    @property
    def pieces(self) -> list[Piece]:
        return pieces(self.text, self.verdict.findings)

    @property
    def marks(self) -> list[tuple[int, int, str]]:
        return marks(self.verdict.findings)


def judge_draft(
    session: Session, judge: Judge, account: Account, draft: Draft, now: datetime, *, live: bool = False
) -> Judged | None:
    """The verdict on the text alone; hours and frequency are the strip's. ``None`` where there is no text yet."""
    if not draft.text.strip():
        return None
    point = session.scalar(
        select(ContactPoint).where(ContactPoint.ref == draft.point, ContactPoint.debtor_id == account.debtor_id)
    )
    case = Case(account.debtor, account, None if draft.channel == "note" else point)
    message = build_message(session, case, channel=draft.channel, text=draft.text, lang=None, at=now)
    return Judged(draft.text, judge_safely(judge, message, None, now), live)
