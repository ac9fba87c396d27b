"""Calling to mind what falls due: once when it is soon, once when it is over, to whoever has the request in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.rights.handling import SOON, due_list
from compliance.rights.models import RequestReminder, RightsRequest
from compliance.rights.record import enter

NOBODY = ""
"""The owner of a reminder of a request that nobody has in hand: it goes to every officer."""
MAIL_FOR = timedelta(days=2)
"""How long a reminder that could not be mailed is tried again."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder and the request that it is about."""

    reminder: RequestReminder
    request: RightsRequest


def remind(session: Session, now: datetime, actor: str) -> list[Reminded]:
    """Write down a reminder of every open request that is due soon or overdue, each with its entry; those that are new.

    Again gives nothing: one for each urgency, due day and owner, whoever runs it and however often at once.
    """
    made = []
    for one in due_list(session, now):
        request = one.request
        if one.urgency == "later" or request.due_at is None:
            continue
        reminder = RequestReminder(
            request_id=request.id, urgency=one.urgency, due_at=request.due_at, owner=request.owner or NOBODY, at=now
        )
        if _is_known(session, reminder) or not _add(session, reminder):
            continue
        body = {"type": request.type, "urgency": one.urgency, "due_at": request.due_at.isoformat()}
        enter(session, "request:reminded", f"request:{request.ref}", actor, now, {**body, "owner": request.owner})
        made.append(Reminded(reminder, request))
    return made


def to_mail(session: Session, now: datetime) -> list[Reminded]:
    """Reminders of the last ``MAIL_FOR`` that nobody was mailed yet, of requests that are still open."""
    query = (
        select(RequestReminder, RightsRequest)
        .join(RightsRequest, RightsRequest.id == RequestReminder.request_id)
        .where(RequestReminder.mailed_at.is_(None), RequestReminder.at >= now - MAIL_FOR)
        .where(RightsRequest.closed_at.is_(None))
        .order_by(RequestReminder.due_at, RequestReminder.id)
    )
    return [Reminded(reminder, request) for reminder, request in session.execute(query)]


def note_mailed(session: Session, reminders: Sequence[int], now: datetime) -> None:
    """These were mailed to somebody."""
    for reminder in session.scalars(select(RequestReminder).where(RequestReminder.id.in_(reminders))):
        reminder.mailed_at = now


def count_urgent(session: Session, officer: str, now: datetime) -> int:
    """Open requests that are due soon or overdue and wait for this officer: in their hands, or in nobody's and free for
    them to take."""
    free = RightsRequest.owner.is_(None) & (RightsRequest.recorded_by != officer)
    free &= or_(RightsRequest.about.is_(None), RightsRequest.about != officer)
    free &= or_(RightsRequest.decided_by.is_(None), RightsRequest.decided_by != officer)
    query = (
        select(func.count())
        .select_from(RightsRequest)
        .where(RightsRequest.closed_at.is_(None), RightsRequest.due_at <= now + SOON)
        .where(or_(RightsRequest.owner == officer, free))
    )
    return session.scalar(query) or 0


def _is_known(session: Session, reminder: RequestReminder) -> bool:
    one = RequestReminder
    query = select(
        exists().where(
            one.request_id == reminder.request_id,
            one.urgency == reminder.urgency,
            one.due_at == reminder.due_at,
            one.owner == reminder.owner,
        )
    )
    return bool(session.scalar(query))


def _add(session: Session, reminder: RequestReminder) -> bool:
    """Whether it could be added; another process may have been first."""
    try:
        with session.begin_nested():
            session.add(reminder)
    except IntegrityError:
        return False
    return True
