"""The queue: oldest first, one item to one officer. A taken item that nobody decides comes back after ``LEASE``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, and_, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from compliance import ledger
from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.record import stored_findings
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge.types import Finding, InvalidInput
from compliance.review.models import FindingDecision, Review

LEASE = timedelta(minutes=30)
ROLES = ("officer", "admin")
PATIENCE = timedelta(hours=4)
"""House policy: how long an item may wait before the queue says so."""


@dataclass(frozen=True, slots=True)
class Only:
    """Which items an officer wants to see; empty means all."""

    channel: str = ""
    collector: str = ""

    @property
    def args(self) -> dict[str, Any]:
        """For an address."""
        return {name: value for name, value in (("channel", self.channel), ("collector", self.collector)) if value}

    @property
    def where(self) -> ColumnElement[bool]:
        wanted = [column == value for column, value in self._columns if value]
        return and_(true(), *wanted)

    @property
    def _columns(self) -> tuple[tuple[InstrumentedAttribute[str], str], ...]:
        return (Outreach.channel, self.channel), (Outreach.collector, self.collector)


ALL = Only()


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One line of the queue. Words are masked."""

    id: int
    created_at: datetime
    state: str
    officer: str | None
    taken_at: datetime | None
    outreach: str
    """The sender's id."""
    debtor: str
    channel: str
    audience: str
    collector: str
    masked: str | None
    rules: tuple[str, ...]
    categories: tuple[str, ...]
    own: bool
    """Submitted by the officer who looks: for somebody else to decide."""

    @property
    def is_note(self) -> bool:
        return self.channel == "note"


@dataclass(frozen=True, slots=True)
class DecidedFinding:
    """An officer's word on one finding."""

    finding: int
    rule: str
    decision: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One item in full. ``text`` is not masked; ``None`` where it was erased or there is none."""

    line: QueueItem
    at: datetime
    stage: str | None
    contact_point: str | None
    text: str | None
    suggestion: str | None
    findings: tuple[Finding, ...]
    decisions: tuple[DecidedFinding, ...]
    decided_at: datetime | None
    reason: str | None


def queue(session: Session, officer: Actor, now: datetime, *, only: Only = ALL, limit: int = 100) -> list[QueueItem]:
    """What waits for this officer, and what this officer has taken, oldest first.

    Raises:
        Forbidden: not an officer.
    """
    require_officer(officer)
    rows = session.execute(
        _lines()
        .where(or_(and_(_is_free(now), only.where), held_by(officer)))
        .order_by(Review.created_at, Review.id)
        .limit(limit)
    )
    return [_line(review, outreach, debtor, officer) for review, outreach, debtor in rows]


def open_item(session: Session, review_id: int, officer: Actor) -> ReviewItem:
    """One item with its words, findings and what is decided so far.

    Raises:
        InvalidInput: there is none.
        Forbidden: not an officer.
    """
    require_officer(officer)
    row = session.execute(_lines().where(Review.id == review_id)).one_or_none()
    if row is None:
        raise unknown_review()
    review, outreach, debtor = row
    words = session.get(OutreachText, outreach.id)
    point = session.get(ContactPoint, outreach.contact_point_id) if outreach.contact_point_id else None
    return ReviewItem(
        line=_line(review, outreach, debtor, officer),
        at=outreach.at,
        stage=outreach.stage,
        contact_point=point.ref if point else None,
        text=words.text if words else None,
        suggestion=words.suggestion if words else None,
        findings=stored_findings(outreach, words),
        decisions=tuple(decisions_on(session, review_id)),
        decided_at=review.decided_at,
        reason=review.reason,
    )


def take(db: Database, review_id: int, officer: Actor, now: datetime) -> QueueItem:
    """Take an item by compare-and-set. Taking one's own item again renews the lease.

    Raises:
        InvalidInput: there is none.
        Forbidden: not an officer, or the officer's own submission.
        Conflict: somebody else has it, or it is decided.
    """
    require_officer(officer)
    return db.run(lambda session: _take(session, review_id, officer, now))


def count_free(session: Session, officer: Actor, now: datetime, *, only: Only = ALL) -> int:
    """How many items this officer could take now."""
    return session.scalar(select(func.count()).select_from(_free(officer, now, only).subquery())) or 0


def collectors_waiting(session: Session, now: datetime) -> list[str]:
    """Whose submissions wait, by login name."""
    query = select(Outreach.collector).join(Review, Review.outreach_id == Outreach.id).where(_is_free(now))
    return sorted(set(session.scalars(query.distinct())))


def take_next(db: Database, officer: Actor, now: datetime, *, only: Only = ALL) -> QueueItem | None:
    """Take the oldest item that is free, wanted and somebody else's; ``None`` where there is none.

    Raises:
        Forbidden: not an officer.
    """
    require_officer(officer)
    return db.run(lambda session: _take_next(session, officer, now, only))


def release_back(db: Database, review_id: int, officer: Actor, now: datetime) -> None:
    """Put a taken item back for others.

    Raises:
        Conflict: this officer does not hold it.
    """
    require_officer(officer)
    db.run(lambda session: _put_back(session, review_id, officer, now))


def require_officer(actor: Actor) -> None:
    """Raises ``Forbidden`` for anybody but an officer or an administrator."""
    if actor.role not in ROLES:
        raise Forbidden("只有合规人员可以复核。", code="not_an_officer")


def unknown_review() -> InvalidInput:
    """The error for an item that does not exist."""
    return InvalidInput("没有这条复核。", code="unknown_review", field="id")


def decisions_on(session: Session, review_id: int) -> list[DecidedFinding]:
    """What is decided on the findings of an item, in their order."""
    rows = session.scalars(
        select(FindingDecision).where(FindingDecision.review_id == review_id).order_by(FindingDecision.finding)
    )
    return [DecidedFinding(row.finding, row.rule, row.decision, row.reason) for row in rows]


def change_review(session: Session, review: Review, where: ColumnElement[bool], **values: Any) -> bool:
    """Compare-and-set on an item; the row is read again either way."""
    result = session.execute(
        update(Review)
        .where(Review.id == review.id, where)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    changed = cast("CursorResult[Any]", result).rowcount == 1
    session.refresh(review)
    return changed


def held_by(officer: Actor) -> ColumnElement[bool]:
    """The condition that this officer has taken an item."""
    return and_(Review.state == "taken", Review.officer == officer.name)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Review.state == "waiting", and_(Review.state == "taken", Review.taken_at < now - LEASE))


def _lines() -> Select[Review, Outreach, Debtor]:
    return (
        select(Review, Outreach, Debtor)
        .join(Outreach, Outreach.id == Review.outreach_id)
        .join(Debtor, Debtor.id == Outreach.debtor_id)
    )


def _line(review: Review, outreach: Outreach, debtor: Debtor, officer: Actor) -> QueueItem:
    findings = [finding for finding in outreach.verdict["findings"] if finding["decision"] != "allow"]
    return QueueItem(
        id=review.id,
        created_at=review.created_at,
        state=review.state,
        officer=review.officer,
        taken_at=review.taken_at,
        outreach=outreach.client_id,
        debtor=debtor.ref,
        channel=outreach.channel,
        audience=outreach.audience,
        collector=outreach.collector,
        masked=outreach.masked,
        rules=tuple(dict.fromkeys(finding["rule"] for finding in findings)),
        categories=tuple(dict.fromkeys(finding["category"] for finding in findings)),
        own=outreach.collector == officer.name,
    )


def _take(session: Session, review_id: int, officer: Actor, now: datetime) -> QueueItem:
    row = session.execute(_lines().where(Review.id == review_id)).one_or_none()
    if row is None:
        raise unknown_review()
    review, outreach, debtor = row
    if outreach.collector == officer.name:
        raise Forbidden("不能复核自己提交的内容。", code="own_submission")
    if not change_review(
        session, review, or_(_is_free(now), held_by(officer)), state="taken", officer=officer.name, taken_at=now
    ):
        raise Conflict("这条已经有人在处理，或已经处理完。", code="taken")
    enter(session, outreach, "review:taken", officer, now, {})
    return _line(review, outreach, debtor, officer)


def _free(officer: Actor, now: datetime, only: Only) -> Select[int]:
    return (
        select(Review.id)
        .join(Outreach, Outreach.id == Review.outreach_id)
        .where(_is_free(now), Outreach.collector != officer.name, only.where)
    )


def _take_next(session: Session, officer: Actor, now: datetime, only: Only) -> QueueItem | None:
    query = _free(officer, now, only).order_by(Review.created_at, Review.id).limit(1)
    # PostgreSQL: pass over what another officer is taking at this very moment. SQLite has one writer.
    review_id = session.scalar(query.with_for_update(skip_locked=True, of=Review))
    return None if review_id is None else _take(session, review_id, officer, now)


def _put_back(session: Session, review_id: int, officer: Actor, now: datetime) -> None:
    review = session.get(Review, review_id)
    if review is None:
        raise unknown_review()
    if not change_review(session, review, held_by(officer), state="waiting", officer=None, taken_at=None):
        raise Conflict("这条不在您手上。", code="not_yours")
    enter(session, session.get_one(Outreach, review.outreach_id), "review:put_back", officer, now, {})


def enter(session: Session, outreach: Outreach, kind: str, actor: Actor, now: datetime, body: dict[str, object]) -> int:
    """The ledger entry of an act of review; returns its number."""
    subject = f"outreach:{outreach.client_id}"
    return ledger.append(session, at=now, actor=actor.name, kind=kind, subject=subject, body=body).seq
