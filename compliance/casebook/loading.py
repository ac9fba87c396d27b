"""Locking a debtor, and loading everything a verdict must know: at most seven statements, whatever the history."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from compliance.casebook.history import NOTICES, OUTREACH, REQUESTS
from compliance.casebook.models import Account, ContactAgreement, ContactPoint, Creditor, Debtor
from compliance.casebook.stages import days_past_due, load_stages
from compliance.database import UtcDateTime, table_of
from compliance.judge.facts import (
    Agreement,
    AttemptFacts,
    ContactFacts,
    ContactPointFacts,
    NoticeFacts,
    RequestFacts,
)
from compliance.judge.types import InvalidInput

HISTORY = timedelta(days=30)
"""How far back attempts are loaded: further than the longest period that a contact limit counts over."""
MOST_ATTEMPTS = 500
"""The newest so many of them; every limit is reached long before."""
_NEVER_LEFT = ("blocked", "refused", "expired", "returned", "recorded")
"""States of an outreach that reached nobody and holds no slot."""


# Statements are built once: building them took more time than running them. Those that fill facts ask for columns of
# tables: making objects of the rows took more time than finding them.
_ACCOUNT = table_of(Account).c
_AGREED = table_of(ContactAgreement).c
_POINT = table_of(ContactPoint).c
_WITH_CREDITOR = joinedload(Account.creditor, innerjoin=True)
_DEBTOR = (
    select(Debtor).where(Debtor.ref == bindparam("ref")).with_for_update().execution_options(populate_existing=True)
)
_AGREEMENTS = (
    select(
        _AGREED.since, _AGREED.until, _AGREED.evidence, _AGREED.channels, _AGREED.window_start, _AGREED.window_end,
        _AGREED.max_per_day,
    )
    .where(_AGREED.debtor_id == bindparam("debtor"), _AGREED.withdrawn_at.is_(None))
    .where(_AGREED.since <= bindparam("now"))
    .where(or_(_AGREED.until.is_(None), _AGREED.until > bindparam("now")))
    .order_by(_AGREED.since)
)  # fmt: skip
_NOTICES_OF = (
    select(NOTICES.c.type, NOTICES.c.at, NOTICES.c.evidence)
    .where(NOTICES.c.debtor_id == bindparam("debtor"))
    .where(or_(NOTICES.c.account_id.is_(None), NOTICES.c.account_id == bindparam("account")))
    .order_by(NOTICES.c.at)
)


_ACCOUNTS_OF = (
    select(Account).where(Account.debtor_id == bindparam("debtor")).order_by(Account.id).options(_WITH_CREDITOR)
)


@cache
def _attempts_of(one_creditor: bool) -> Select[Any]:
    """Newest first. The index (debtor_id, at) bounds what is read."""
    columns = OUTREACH.c
    statement = (
        select(
            columns.id, columns.at, columns.channel, columns.state, columns.outcome, columns.created_at,
            _POINT.ref, _POINT.relation, _POINT.reserved, _POINT.kind, _ACCOUNT.account_no,
        )
        .outerjoin_from(OUTREACH, _POINT.id.table, _POINT.id == columns.contact_point_id)
        .outerjoin(_ACCOUNT.id.table, _ACCOUNT.id == columns.account_id)
        .where(columns.debtor_id == bindparam("debtor"), columns.at >= bindparam("since"))
        .where(columns.state.not_in(_NEVER_LEFT), not_(_has_lapsed()))
        .order_by(columns.at.desc(), columns.id.desc())
        .limit(MOST_ATTEMPTS)
    )  # fmt: skip
    if one_creditor:
        statement = statement.where(or_(columns.creditor_id == bindparam("creditor"), columns.creditor_id.is_(None)))
    return statement


def _has_lapsed() -> ColumnElement[bool]:
    """A permit that ran out unused holds no slot, even where that is not yet written down."""
    columns = OUTREACH.c
    ran_out = func.coalesce(columns.permit_expires_at < bindparam("now", type_=UtcDateTime()), false())
    return and_(columns.state == "permitted", columns.tries == 0, ran_out)


@cache
def _requests_of(one_creditor: bool) -> Select[Any]:
    columns = REQUESTS.c
    statement = (
        select(columns.ref, columns.type, columns.at, columns.due_at, _POINT.ref.label("point"))
        .outerjoin_from(REQUESTS, _POINT.id.table, _POINT.id == columns.contact_point_id)
        .outerjoin(_ACCOUNT.id.table, _ACCOUNT.id == columns.account_id)
        .where(columns.debtor_id == bindparam("debtor"), columns.closed_at.is_(None))
        .order_by(columns.at)
    )
    if one_creditor:
        statement = statement.where(or_(columns.account_id.is_(None), _ACCOUNT.creditor_id == bindparam("creditor")))
    return statement


def lock_debtor(session: Session, ref: str) -> Debtor:
    """The debtor's row, locked until the transaction ends. Lock first, then read the history in later statements.

    On SQLite the write transaction itself is the lock.

    Raises:
        InvalidInput: there is no such debtor.
    """
    debtor = session.scalar(_DEBTOR, {"ref": ref})
    if debtor is None:
        raise InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
    return debtor


def load_facts(
    session: Session,
    debtor_id: int,
    contact_point_id: int,
    account_id: int | None,
    at: datetime,
    *,
    now: datetime | None = None,
) -> ContactFacts:
    """What the contact policy decides on when this debtor is contacted at this point about this account ``at``.

    ``now`` where it is another instant: permits that have run out unused by then hold no slot.

    Attempts are those of every collector, agency, account and number of the same creditor within ``HISTORY``, those
    planned for later included. Without an account, the strictest of the debtor's accounts counts: the only one where
    there is one, else what holds for any of them.

    Raises:
        InvalidInput: the contact point or the account is not this debtor's.
    """
    debtor, point = _debtor_and_point(session, debtor_id, contact_point_id)
    accounts = _accounts(session, debtor_id, account_id)
    named = accounts[0][0] if len(accounts) == 1 else None
    creditors = {creditor.id: creditor for _, creditor in accounts}
    creditor_id, creditor = next(iter(creditors.items())) if len(creditors) == 1 else (None, None)
    return ContactFacts(
        debtor=debtor.ref,
        creditor=creditor.name if creditor else None,
        contact_point=_point_facts(point),
        timezone=debtor.timezone,
        account=named.account_no if named else None,
        agency=next((account.agency for account, _ in accounts if account.agency), None),
        agency_listed=_is_listed(accounts),
        lines=tuple(line.strip() for line in creditor.lines.splitlines()) if creditor else (),
        assigned=any(account.assigned for account, _ in accounts),
        days_past_due=days_past_due(named.due_date, load_stages().local_day(at)) if named else None,
        due_date=named.due_date if named else None,
        settled=bool(accounts) and all(account.settled_at is not None for account, _ in accounts),
        plan_in_force=any(account.plan_in_force for account, _ in accounts),
        plan_breached=any(account.plan_breached for account, _ in accounts),
        vulnerable=tuple(debtor.vulnerable.split()),
        bankruptcy=debtor.bankruptcy,
        no_contact_order=debtor.no_contact_order,
        attempts=_attempts(session, debtor_id, creditor_id, at, now or at),
        agreements=_agreements(session, debtor_id, at),
        notices=_notices(session, debtor_id, named.id if named else None),
        requests=_requests(session, debtor_id, creditor_id),
    )


def _debtor_and_point(session: Session, debtor_id: int, contact_point_id: int) -> tuple[Debtor, ContactPoint]:
    """Without a statement where the session has them: the gate has just locked the one and found the other."""
    debtor, point = session.get(Debtor, debtor_id), session.get(ContactPoint, contact_point_id)
    if debtor is None or point is None or point.debtor_id != debtor_id:
        raise InvalidInput("这位债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return debtor, point


def _accounts(session: Session, debtor_id: int, account_id: int | None) -> list[tuple[Account, Creditor]]:
    """The named account, without a statement where the session has it, or every account; each with its creditor."""
    if account_id is None:
        return [(account, account.creditor) for account in session.scalars(_ACCOUNTS_OF, {"debtor": debtor_id})]
    account = get_account(session, account_id)
    if account is None or account.debtor_id != debtor_id:
        raise InvalidInput("这位债务人没有这个账户。", code="unknown_account", field="account")
    return [(account, session.get_one(Creditor, account.creditor_id))]


def get_account(session: Session, account_id: int) -> Account | None:
    """An account with its creditor, in one statement, or in none where the session has it."""
    return session.get(Account, account_id, options=[_WITH_CREDITOR])


def _is_listed(accounts: list[tuple[Account, Creditor]]) -> bool | None:
    """Whether every agency that works these accounts is on its creditor's public list; ``None`` where one has none."""
    lists = [
        (account.agency, creditor.agencies_public.splitlines()) for account, creditor in accounts if account.agency
    ]
    if any(agency not in names for agency, names in lists if names):
        return False
    return True if lists and all(names for _, names in lists) else None


def _point_facts(point: ContactPoint) -> ContactPointFacts:
    return ContactPointFacts(
        ref=point.ref,
        kind=point.kind,
        relation=point.relation,
        source=point.source,
        valid=point.valid,
        liable_evidence=point.liable_evidence,
        agreed_contact=point.agreed_contact,
        refused_at=point.refused_at,
        reserved=point.reserved,
    )


def _attempts(
    session: Session, debtor_id: int, creditor_id: int | None, at: datetime, now: datetime
) -> tuple[AttemptFacts, ...]:
    """Oldest first. An attempt whose creditor is not known counts for every creditor."""
    values = {"debtor": debtor_id, "creditor": creditor_id, "since": at - HISTORY, "now": now}
    found = session.execute(_attempts_of(creditor_id is not None), values)
    return tuple(
        AttemptFacts(
            at=row.at,
            channel=row.channel,
            contact_point=row.ref or "",
            relation=row.relation,
            state=row.state,
            outcome=row.outcome,
            reserved_mobile=bool(row.reserved) and row.kind == "mobile",
            account=row.account_no,
            recorded_at=row.created_at,
            id=row.id,
        )
        for row in reversed(found.all())
    )


def _agreements(session: Session, debtor_id: int, now: datetime) -> tuple[Agreement, ...]:
    """Those in force: begun, not over, not withdrawn."""
    rows = session.execute(_AGREEMENTS, {"debtor": debtor_id, "now": now})
    return tuple(
        Agreement(
            since=row.since,
            until=row.until,
            evidence=row.evidence,
            channels=tuple(row.channels.split()),
            window_start=row.window_start,
            window_end=row.window_end,
            max_per_day=row.max_per_day,
        )
        for row in rows
    )


def _notices(session: Session, debtor_id: int, account_id: int | None) -> tuple[NoticeFacts, ...]:
    """Those that speak of no account, or of this one."""
    rows = session.execute(_NOTICES_OF, {"debtor": debtor_id, "account": account_id})
    return tuple(NoticeFacts(row.type, row.at, row.evidence) for row in rows)


def _requests(session: Session, debtor_id: int, creditor_id: int | None) -> tuple[RequestFacts, ...]:
    """Open ones that speak of no account, or of any account of the same creditor."""
    rows = session.execute(_requests_of(creditor_id is not None), {"debtor": debtor_id, "creditor": creditor_id})
    return tuple(RequestFacts(row.ref, row.type, row.at, row.due_at, row.point) for row in rows)
