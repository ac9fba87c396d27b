"""Having a request in hand, answering it, giving it more time, and what is due: by somebody without an interest in it.

Nobody handles a request that they recorded themselves, a complaint about themselves (CN-CMPL-05), or a review of what
they answered themselves (CN-CMPL-02).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import ContactAgreement, Debtor
from compliance.judge.contact import Policy
from compliance.judge.types import InvalidInput, check_code
from compliance.rights.clocks import clocks_of, extended_due_at, find_extension
from compliance.rights.evidence import check_text, digest
from compliance.rights.models import OUTCOMES, RightsRequest
from compliance.rights.record import enter, lock_debtor_row

SOON = timedelta(days=3)
"""House policy: how long before its day a request is called to mind."""
REMINDERS = ("overdue", "soon", "later")


@dataclass(frozen=True, slots=True)
class Reminder:
    """An open request and how urgent it is: one of ``REMINDERS``."""

    request: RightsRequest
    debtor: Debtor
    urgency: str


def state_of(request: RightsRequest) -> str:
    """``received``, ``in_hand``, or how it ended (one of ``OUTCOMES``)."""
    if request.closed_at is not None:
        return request.outcome or "answered"
    return "in_hand" if request.owner else "received"


def urgency_of(request: RightsRequest, now: datetime) -> str:
    """How urgent an open request is, one of ``REMINDERS``."""
    if request.due_at is None:
        return "later"
    if now > request.due_at:
        return "overdue"
    return "soon" if request.due_at - now <= SOON else "later"


def due_list(session: Session, now: datetime, *, owner: str | None = None) -> list[Reminder]:
    """Every open request, or those that ``owner`` has in hand, the most urgent first."""
    query = (
        select(RightsRequest, Debtor)
        .join(Debtor, Debtor.id == RightsRequest.debtor_id)
        .where(RightsRequest.closed_at.is_(None))
        .order_by(RightsRequest.due_at.is_(None), RightsRequest.due_at, RightsRequest.id)
    )
    if owner is not None:
        query = query.where(RightsRequest.owner == owner)
    return [Reminder(request, debtor, urgency_of(request, now)) for request, debtor in session.execute(query)]


def may_handle(request: RightsRequest, actor: str) -> bool:
    """Whether this person has no interest in the request: neither recorded it, nor is complained about in it, nor gave
    the answer that it asks to be reviewed."""
    return actor not in (request.recorded_by, request.about, request.decided_by)


def own_request(session: Session, *, ref: str, owner: str | None, actor: str, now: datetime) -> RightsRequest:
    """Give an open request to ``owner``, who answers for it from then on, or with ``None`` back to everybody.

    Raises:
        InvalidInput: no such open request, or ``owner`` recorded it or is complained about in it.
    """
    request = _lock_open(session, ref)
    if owner is not None:
        _check_handler(request, owner)
    request.owner, request.owned_at = owner, now if owner else None
    enter(session, "request:owned", f"request:{ref}", actor, now, {"owner": owner})
    return request


def close_request(
    session: Session, *, ref: str, answer: str, actor: str, now: datetime, outcome: str = "answered"
) -> RightsRequest:
    """Close an open request with the answer that was given. A wish that is granted becomes an agreement.

    Raises:
        InvalidInput: no such request, it is closed already, the answer is empty, the outcome unknown, ``actor``
            recorded it or is complained about in it, or a wish is granted to somebody who has not been identified.
    """
    check_text(answer, "answer", "请写明答复内容。")
    check_code(outcome, OUTCOMES, "办理结果", code="unknown_outcome", field="outcome")
    request = _lock_open(session, ref)
    _check_handler(request, actor)
    if outcome == "granted" and request.wish:
        _agree(session, request, actor, now)
    request.closed_at, request.closed_by = now, actor
    request.answer, request.outcome = answer.strip(), outcome
    late = request.due_at is not None and now > request.due_at
    enter(session, "request:closed", f"request:{ref}", actor, now, {
        "type": request.type, "outcome": outcome, "late": late, "answer_digest": digest(answer.strip()),
    })  # fmt: skip
    return request


def extend_request(
    session: Session,
    *,
    ref: str,
    extension: str,
    reason: str,
    actor: str,
    now: datetime,
    approved_by: str | None = None,
    told_at: datetime | None = None,
    policy: Policy | None = None,
) -> RightsRequest:
    """Give an open request a longer period of the pack (CN-CMPL-01), counted from receipt.

    Raises:
        InvalidInput: no such open request or extension, no reason, the period has run out or is no longer, ``actor``
            recorded it or is complained about in it, or an approval by somebody else without an interest and word to
            the person who asked are missing where they are needed.
    """
    check_text(reason, "reason", "请写明延期理由。")
    request = _lock_open(session, ref)
    _check_handler(request, actor)
    clocks = policy or clocks_of()
    debtor = session.get_one(Debtor, request.debtor_id)
    longer = find_extension(clocks, request.type, request.at, extension, review=request.review_of is not None)
    if longer.approval:
        _check_approval(request, approved_by, actor, told_at, now)
    due_at = extended_due_at(clocks, longer, request.at, debtor.timezone)
    if request.due_at is not None and (now > request.due_at or due_at <= request.due_at):
        raise InvalidInput("期限已过，或延期后并不更长。", code="not_extendable", field="extension")
    request.due_at = due_at
    enter(session, "request:extended", f"request:{ref}", actor, now, {
        "type": request.type, "extension": extension, "due_at": due_at.isoformat(), "approved_by": approved_by,
        "told_at": told_at.isoformat() if told_at else None, "reason_digest": digest(reason.strip()),
    })  # fmt: skip
    return request


def _check_approval(
    request: RightsRequest, approved_by: str | None, actor: str, told_at: datetime | None, now: datetime
) -> None:
    if not approved_by or approved_by == actor or told_at is None or not may_handle(request, approved_by):
        raise InvalidInput(
            "这种延期须由无利害关系的他人批准，并已告知请求人。", code="approval_needed", field="approved_by"
        )
    if told_at > now:
        raise InvalidInput("告知时间不能晚于现在。", code="future_time", field="told_at")


def _check_handler(request: RightsRequest, actor: str) -> None:
    if actor == request.recorded_by:
        raise InvalidInput("自己登记的请求由他人答复。", code="forbidden", field="ref")
    if actor == request.about:
        raise InvalidInput("投诉针对的人不能办理这项投诉。", code="forbidden", field="ref")
    if actor == request.decided_by:
        raise InvalidInput("作出原处理结果的人不能核查自己的决定。", code="forbidden", field="ref")


def _agree(session: Session, request: RightsRequest, actor: str, now: datetime) -> None:
    """What the debtor wished for becomes what was agreed, with the request as evidence."""
    if request.identified is False:
        raise InvalidInput("请求人尚未核验身份，不能登记为约定。", code="not_identified", field="outcome")
    wish = request.wish or {}
    start, end = _window(wish.get("window"))
    session.add(
        ContactAgreement(
            debtor_id=request.debtor_id, since=now, evidence=f"request:{request.ref}", window_start=start,
            window_end=end, channels=" ".join(wish.get("channels", ())), max_per_day=wish.get("max_per_day"),
            recorded_by=actor,
        )
    )  # fmt: skip
    enter(session, "agreement:recorded", f"request:{request.ref}", actor, now, {"wish": wish})


def _window(window: Sequence[str] | None) -> tuple[time | None, time | None]:
    return (time.fromisoformat(window[0]), time.fromisoformat(window[1])) if window else (None, None)


def _lock_open(session: Session, ref: str) -> RightsRequest:
    """The open request, its debtor's row locked before it is read."""
    debtor_id = session.scalar(select(RightsRequest.debtor_id).where(RightsRequest.ref == ref))
    if debtor_id is None:
        raise InvalidInput("没有这项请求。", code="unknown_request", field="ref")
    lock_debtor_row(session, debtor_id)
    request = session.scalars(
        select(RightsRequest).where(RightsRequest.ref == ref).execution_options(populate_existing=True)
    ).one()
    if request.closed_at is not None:
        raise InvalidInput("这项请求已经关闭。", code="already_closed", field="ref")
    return request
