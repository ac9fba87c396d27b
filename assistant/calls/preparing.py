"""The card that is read before a call: what it is for, what was said and promised last time, what the debtor has asked
for, and no more of their data than the call needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.models import Call, Promise
from assistant.calls.reading import CallCase
from compliance import rights
from compliance.casebook import days_past_due, load_stages, mask_account_no, mask_contact, mask_name, stage_of
from compliance.gate.models import Outreach


@dataclass(frozen=True, slots=True)
class LastTime:
    """The conversation before this one. ``note`` is masked."""

    at: datetime
    outcome: str | None
    next_step: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class LastPromise:
    """``kept`` is ``None`` until somebody knows (an account that is settled has kept it); ``overdue`` says that its day
    has passed."""

    due: date
    amount: Decimal | None
    kept: bool | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class OpenRight:
    """A request of the debtor that is not answered yet."""

    type: str
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """The preparation card, masked."""

    goal: str
    """One of ``GOALS``."""
    name: str
    number: str
    account_no: str | None
    creditor: str | None
    agency: str | None
    product: str | None
    stage: str | None
    days_past_due: int | None
    total: Decimal | None
    flags: tuple[str, ...]
    last_time: LastTime | None
    promise: LastPromise | None
    rights: tuple[OpenRight, ...]


GOALS = (
    "spare", "relay", "dispute", "requests", "plan", "promise", "introduce", "initial", "middle", "late", "final",
)  # fmt: skip
"""What a call may be for, the most careful first: care only; ask to be rung back; progress of a dispute; answer
requests; an agreed plan; a promise that is due; a first call; and what its stage asks for."""


def prepare(session: Session, case: CallCase, now: datetime) -> Card:
    """The card of a call as of ``now``."""
    account = case.account
    today = load_stages().local_day(now)
    requests = tuple(OpenRight(one.type, one.at, one.due_at) for one in rights.open_requests(session, case.debtor.id))
    promise = _last_promise(session, case, today)
    last = _last_time(session, case)
    return Card(
        goal=_goal(case, requests, promise, last, stage_of(account, now) if account else "initial"),
        name=mask_name(case.debtor.name),
        number=mask_contact(case.point.kind, case.point.value),
        account_no=mask_account_no(account.account_no) if account else None,
        creditor=case.creditor.name if case.creditor else None,
        agency=account.agency if account else None,
        product=account.product if account else None,
        stage=stage_of(account, now) if account else None,
        days_past_due=days_past_due(account.due_date, today) if account else None,
        total=account.total if account else None,
        flags=tuple(case.debtor.vulnerable.split()),
        last_time=last,
        promise=promise,
        rights=requests,
    )


def _goal(
    case: CallCase, requests: tuple[OpenRight, ...], promise: LastPromise | None, last: LastTime | None, stage: str
) -> str:
    types = {one.type for one in requests}
    account = case.account
    reasons = (
        ("spare", bool(case.debtor.vulnerable.split())),
        ("relay", case.point.relation not in ("self", "liable_third_party")),
        ("dispute", not types.isdisjoint({"dispute", "complaint", "credit_dispute"})),
        ("requests", bool(types)),
        ("plan", account is not None and account.plan_in_force and not account.plan_breached),
        ("promise", promise is not None and promise.kept is None),
        ("introduce", last is None),
    )
    return next((goal for goal, holds in reasons if holds), stage)


def _last_promise(session: Session, case: CallCase, today: date) -> LastPromise | None:
    query = select(Promise).where(
        Promise.debtor_id == case.debtor.id,
        Promise.recorded_at <= case.call.opened_at,
        Promise.call_id.is_distinct_from(case.call.id),
    )
    if case.account is not None:
        query = query.where(Promise.account_id == case.account.id)
    promise = session.scalar(query.order_by(Promise.recorded_at.desc(), Promise.id.desc()).limit(1))
    if promise is None:
        return None
    settled = case.account is not None and case.account.settled_at is not None
    kept = True if promise.kept is None and settled else promise.kept
    return LastPromise(promise.due, promise.amount, kept, promise.due < today)


def _last_time(session: Session, case: CallCase) -> LastTime | None:
    """The last call that was closed; where there is none, the last dial with an outcome and the note after it."""
    query = (
        select(Call)
        .where(Call.debtor_id == case.debtor.id, Call.closed_at.is_not(None), Call.id != case.call.id)
        .order_by(Call.closed_at.desc(), Call.id.desc())
    )
    call = session.scalar(query.limit(1))
    if call is not None:
        note = session.scalar(select(Outreach.masked).where(Outreach.client_id == call.note)) if call.note else None
        return LastTime(call.started_at, call.outcome, call.next_step, note)
    dialled = (
        select(Outreach)
        .where(Outreach.debtor_id == case.debtor.id, Outreach.channel == "call", Outreach.outcome.is_not(None))
        .order_by(Outreach.at.desc(), Outreach.id.desc())
    )
    dial = session.scalar(dialled.limit(1))
    return LastTime(dial.at, dial.outcome, None, _note_after(session, dial)) if dial is not None else None


def _note_after(session: Session, dial: Outreach) -> str | None:
    """What was written down after a dial, masked."""
    query = select(Outreach.masked).where(
        Outreach.debtor_id == dial.debtor_id, Outreach.channel == "note", Outreach.at >= dial.at
    )
    return session.scalar(query.order_by(Outreach.at, Outreach.id).limit(1))
