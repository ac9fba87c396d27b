"""The list of a collector's cases: what each row shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from compliance.casebook import days_past_due, is_personal, load_stages, mask_account_no, mask_name, stage_of
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate import contactability
from compliance.gate.models import Outreach
from compliance.gate.types import Actor
from compliance.judge import Judge
from compliance.rights.models import RightsRequest
from web.outreach import unseen_by_account
from web.scripts import product_name

PAGE = 25
"""Rows of one page; each asks the contact policy once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case. ``decision`` and ``next_allowed_at`` are those of a call to the debtor's own number."""

    account_id: int
    account_no: str
    name: str
    stage: str
    days_past_due: int
    total: Decimal
    creditor: str
    product: str
    decision: str
    next_allowed_at: datetime | None
    last: Outreach | None
    unseen: int
    open_requests: int


@dataclass(frozen=True, slots=True)
class Board:
    rows: list[Row]
    total: int
    page: int
    pages: int
    query: str
    stage: str


def board(session: Session, judge: Judge, me: Actor, now: datetime, query: str, stage: str, page: int) -> Board:
    """One page of the cases assigned to ``me``, the longest overdue first.

    ``query`` is a whole or partial name, account number or debtor reference.
    """
    accounts = [one for one in _assigned(session, me.name, query) if not stage or stage_of(one, now) == stage]
    pages = max(1, -(-len(accounts) // PAGE))
    page = min(max(page, 1), pages)
    shown = accounts[(page - 1) * PAGE : page * PAGE]
    return Board(_rows(session, judge, shown, me, now), len(accounts), page, pages, query, stage)


def _assigned(session: Session, collector: str, query: str) -> list[Account]:
    mine = (Account.collector == collector, Account.settled_at.is_(None))
    statement = (
        select(Account)
        .join(Account.debtor)
        .options(joinedload(Account.debtor), joinedload(Account.creditor))
        .where(*mine)
        .order_by(Account.due_date, Account.id)
    )
    accounts = list(session.scalars(statement))
    if not query:
        return accounts
    # A part of a name cannot be looked for in what is sealed; a collector's own cases are few enough to be read.
    columns = (Account.account_no, Debtor.ref)
    written = or_(is_personal(query), *(one.contains(query, autoescape=True) for one in columns))
    found = set(session.scalars(select(Account.id).join(Account.debtor).where(*mine, written)))
    return [account for account in accounts if account.id in found or query in account.debtor.name]


def _rows(session: Session, judge: Judge, accounts: list[Account], me: Actor, now: datetime) -> list[Row]:
    ids = [account.id for account in accounts]
    unseen, last, requests = unseen_by_account(session, ids, me.name), _last(session, ids), _open(session, accounts)
    rows = []
    for account in accounts:
        decision, next_at = _may_call(session, judge, account, me, now)
        rows.append(
            Row(
                account_id=account.id,
                account_no=mask_account_no(account.account_no),
                name=mask_name(account.debtor.name),
                stage=stage_of(account, now),
                days_past_due=days_past_due(account.due_date, load_stages().local_day(now)),
                total=account.total,
                creditor=account.creditor.name,
                product=product_name(account.product),
                decision=decision,
                next_allowed_at=next_at,
                last=last.get(account.id),
                unseen=unseen.get(account.id, 0),
                open_requests=requests.get(account.debtor_id, 0),
            )
        )
    return rows


def _may_call(
    session: Session, judge: Judge, account: Account, me: Actor, now: datetime
) -> tuple[str, datetime | None]:
    """Whether the debtor's own number may be called now; a debtor without one cannot be."""
    query = (
        select(ContactPoint.ref)
        .where(
            ContactPoint.debtor_id == account.debtor_id,
            ContactPoint.relation == "self",
            ContactPoint.kind.in_(("mobile", "landline")),
        )
        .order_by(ContactPoint.reserved.desc(), ContactPoint.id)
        .limit(1)
    )
    ref = session.scalar(query)
    if ref is None:
        return "block", None
    answer = contactability(
        session, judge, account.debtor.ref, ref, "call", now,
        account=account.account_no, trained_until=me.trained_until,
    )  # fmt: skip
    return answer.decision.value, answer.next_allowed_at


def _last(session: Session, account_ids: list[int]) -> dict[int | None, Outreach]:
    """The latest outreach of each account; notes are not outreach to anybody."""
    newest = (
        select(func.max(Outreach.id))
        .where(Outreach.account_id.in_(account_ids), Outreach.channel != "note")
        .group_by(Outreach.account_id)
    )
    return {one.account_id: one for one in session.scalars(select(Outreach).where(Outreach.id.in_(newest)))}


def _open(session: Session, accounts: Iterable[Account]) -> dict[int, int]:
    """Open requests by debtor."""
    debtors = {account.debtor_id for account in accounts}
    query = (
        select(RightsRequest.debtor_id, func.count().label("open"))
        .where(RightsRequest.debtor_id.in_(debtors), RightsRequest.closed_at.is_(None))
        .group_by(RightsRequest.debtor_id)
    )
    return {row.debtor_id: row.open for row in session.execute(query)}
