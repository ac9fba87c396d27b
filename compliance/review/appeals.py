"""Appeals: the author objects to a decision, once, and somebody else than whoever decided answers.

An appeal that is upheld sends nothing: a ``block`` is released by nobody, and what was returned or refused is submitted
anew. It says that the decision was wrong, to the author, to the officers and to those who keep the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.casebook import mask_text
from compliance.database import Database
from compliance.gate.checking import check_reason
from compliance.gate.models import Outreach
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge.types import InvalidInput
from compliance.review.models import Appeal, Review
from compliance.review.queue import LEASE, enter, require_officer

APPEALABLE = ("blocked", "returned", "refused", "noted")
"""What may be objected to: a message that was stopped, or a note that an officer found fault with."""
OPEN = ("waiting", "taken")


@dataclass(frozen=True, slots=True)
class AppealLine:
    """One appeal with its outreach. ``barred``: the officer who looks reviewed it, or is its author."""

    appeal: Appeal
    outreach: Outreach
    barred: bool


def appealable(outreach: Outreach, review: Review | None) -> str | None:
    """What an appeal would be against, one of ``APPEALABLE``; ``None`` where there is nothing to object to."""
    if outreach.channel == "note":
        return "noted" if review is not None and review.state == "noted" and review.officer else None
    return outreach.state if outreach.state in APPEALABLE else None


def file_appeal(db: Database, client_id: str, reason: str, author: Actor, now: datetime) -> int:
    """Object to what was decided about one's own outreach; the number of the appeal.

    Raises:
        InvalidInput: no such outreach, or no reason.
        Forbidden: somebody else's.
        Conflict: there is nothing to object to, or one has objected already.
    """
    plain = check_reason(reason)
    try:
        return db.run(lambda session: _file(session, client_id, plain, author, now))
    except IntegrityError as error:
        raise Conflict("这条内容已经申诉过。", code="appealed") from error


def appeals(session: Session, officer: Actor, now: datetime, *, limit: int = 200) -> list[AppealLine]:
    """What waits for an answer and what this officer has taken, oldest first.

    Raises:
        Forbidden: not an officer.
    """
    require_officer(officer)
    rows = session.execute(
        select(Appeal, Outreach)
        .join(Outreach, Outreach.id == Appeal.outreach_id)
        .where(or_(_is_free(now), and_(Appeal.state == "taken", Appeal.officer == officer.name)))
        .order_by(Appeal.created_at, Appeal.id)
        .limit(limit)
    )
    return [AppealLine(appeal, outreach, _is_barred(appeal, outreach, officer)) for appeal, outreach in rows]


def open_appeal(session: Session, appeal_id: int, officer: Actor) -> AppealLine:
    """One appeal. Raises ``InvalidInput`` where there is none, ``Forbidden`` for anybody but an officer."""
    require_officer(officer)
    appeal, outreach = _find(session, appeal_id)
    return AppealLine(appeal, outreach, _is_barred(appeal, outreach, officer))


def take_appeal(db: Database, appeal_id: int, officer: Actor, now: datetime) -> None:
    """Take an appeal by compare-and-set; it comes back after ``LEASE``.

    Raises:
        InvalidInput: there is none.
        Forbidden: not an officer, the officer who decided, or the author.
        Conflict: somebody else has it, or it is answered.
    """
    require_officer(officer)
    db.run(lambda session: _take(session, appeal_id, officer, now))


def decide_appeal(db: Database, appeal_id: int, upheld: bool, answer: str, officer: Actor, now: datetime) -> str:
    """Answer an appeal; ``upheld`` or ``rejected``. Raises as ``take_appeal``; ``Conflict`` where it is not taken."""
    require_officer(officer)
    plain = check_reason(answer)
    return db.run(lambda session: _decide(session, appeal_id, upheld, plain, officer, now))


def appeals_of(session: Session, outreach_ids: list[int]) -> dict[int, Appeal]:
    """The appeals about these outreach, by the outreach's row id."""
    found = session.scalars(select(Appeal).where(Appeal.outreach_id.in_(outreach_ids)))
    return {appeal.outreach_id: appeal for appeal in found}


def mark_appeal_seen(db: Database, appeal_id: int, author: Actor, now: datetime) -> None:
    """Note that the author has seen the answer; the first time counts. Raises ``Forbidden`` for somebody else."""

    def work(session: Session) -> None:
        appeal, outreach = _find(session, appeal_id)
        if outreach.collector != author.name:
            raise Forbidden("这不是您提交的内容。", code="not_the_author")
        if appeal.seen_at is None and appeal.decided_at is not None:
            appeal.seen_at = now

    db.run(work)


def _file(session: Session, client_id: str, reason: str, author: Actor, now: datetime) -> int:
    row = session.execute(
        select(Outreach, Review)
        .outerjoin(Review, Review.outreach_id == Outreach.id)
        .where(Outreach.client_id == client_id)
    ).one_or_none()
    if row is None:
        raise InvalidInput("没有这条触达记录。", code="unknown_outreach", field="outreach")
    outreach, review = row
    if outreach.collector != author.name:
        raise Forbidden("只能对自己提交的内容申诉。", code="not_the_author")
    against = appealable(outreach, review)
    if against is None:
        raise Conflict("这条内容没有可以申诉的决定。", code="not_appealable")
    reviewer = review.officer if review is not None and against != "blocked" else None
    appeal = Appeal(
        outreach_id=outreach.id, against=against, reviewer=reviewer, reason=reason, created_at=now, state="waiting"
    )
    session.add(appeal)
    session.flush()
    body: dict[str, object] = {"against": against, "reviewer": reviewer, "reason": mask_text(reason)}
    enter(session, outreach, "appeal:filed", author, now, body)
    return appeal.id


def _take(session: Session, appeal_id: int, officer: Actor, now: datetime) -> None:
    appeal, outreach = _find(session, appeal_id)
    _require_stranger(appeal, outreach, officer)
    own = and_(Appeal.state == "taken", Appeal.officer == officer.name)
    if not _change(session, appeal, or_(_is_free(now), own), state="taken", officer=officer.name, taken_at=now):
        raise Conflict("这条申诉已经有人在处理，或已经答复。", code="taken")
    enter(session, outreach, "appeal:taken", officer, now, {})


def _decide(session: Session, appeal_id: int, upheld: bool, answer: str, officer: Actor, now: datetime) -> str:
    appeal, outreach = _find(session, appeal_id)
    _require_stranger(appeal, outreach, officer)
    state = "upheld" if upheld else "rejected"
    own = and_(Appeal.state == "taken", Appeal.officer == officer.name)
    if not _change(session, appeal, own, state=state, decided_at=now, answer=answer):
        raise Conflict("请先领取这条申诉。", code="not_yours")
    body: dict[str, object] = {"against": appeal.against, "reviewer": appeal.reviewer, "answer": mask_text(answer)}
    enter(session, outreach, "appeal:upheld" if upheld else "appeal:rejected", officer, now, body)
    return state


def _find(session: Session, appeal_id: int) -> tuple[Appeal, Outreach]:
    row = session.execute(
        select(Appeal, Outreach).join(Outreach, Outreach.id == Appeal.outreach_id).where(Appeal.id == appeal_id)
    ).one_or_none()
    if row is None:
        raise InvalidInput("没有这条申诉。", code="not_found", field="id")
    return row[0], row[1]


def _require_stranger(appeal: Appeal, outreach: Outreach, officer: Actor) -> None:
    if _is_barred(appeal, outreach, officer):
        raise Forbidden("申诉须由原决定人和申诉人以外的人处理。", code="own_decision")


def _is_barred(appeal: Appeal, outreach: Outreach, officer: Actor) -> bool:
    return officer.name in (appeal.reviewer, outreach.collector)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Appeal.state == "waiting", and_(Appeal.state == "taken", Appeal.taken_at < now - LEASE))


def _change(session: Session, appeal: Appeal, where: ColumnElement[bool], **values: Any) -> bool:
    """Compare-and-set; the row is read again either way."""
    result = session.execute(
        update(Appeal)
        .where(Appeal.id == appeal.id, where)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(appeal)
    return cast("CursorResult[Any]", result).rowcount == 1
