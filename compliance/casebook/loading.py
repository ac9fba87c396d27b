"""Locking a debtor, and loading everything a verdict must know: at most seven statements, whatever the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from operator import attrgetter

from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from compliance.casebook.agencies import read_days
from compliance.casebook.history import NOTICES, OUTREACH, REQUESTS
from compliance.casebook.models import Account, ContactAgreement, ContactPoint, Debtor
from compliance.casebook.rows import AccountRow, DebtorRow, PointRow, account_row, accounts_of, debtor_row, point_row
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
from compliance.prepared import Answer, Asked, Query, Round

HISTORY = timedelta(days=30)
"""How far back attempts are loaded: further than the longest period that a contact limit counts over."""
MOST_ATTEMPTS = 500
"""The newest so many of them; every limit is reached long before."""
_NEVER_LEFT = ("blocked", "refused", "expired", "returned", "recorded")
"""States of an outreach that reached nobody and holds no slot. Leave to visit that ran out is loaded all the same,
until somebody says whether they went."""


_ACCOUNT = table_of(Account).c
_AGREED = table_of(ContactAgreement).c
_POINT = table_of(ContactPoint).c
_WITH_CREDITOR = joinedload(Account.creditor, innerjoin=True)
_DEBTOR = (
    select(Debtor).where(Debtor.ref == bindparam("ref")).with_for_update().execution_options(populate_existing=True)
)


def _agreement(
    since: datetime, until: datetime | None, evidence: str, channels: str, start: time | None, end: time | None,
    max_per_day: int | None,
) -> Agreement:  # fmt: skip
    return Agreement(since, until, evidence, tuple(channels.split()), start, end, max_per_day)


_AGREEMENTS = Query(
    select(
        _AGREED.since, _AGREED.until, _AGREED.evidence, _AGREED.channels, _AGREED.window_start, _AGREED.window_end,
        _AGREED.max_per_day,
    )
    .where(_AGREED.debtor_id == bindparam("debtor"), _AGREED.withdrawn_at.is_(None))
    .where(_AGREED.since <= bindparam("now"))
    .where(or_(_AGREED.until.is_(None), _AGREED.until > bindparam("now"))),
    _agreement,
)  # fmt: skip
_NOTICES_OF = Query(
    select(NOTICES.c.type, NOTICES.c.at, NOTICES.c.evidence)
    .where(NOTICES.c.debtor_id == bindparam("debtor"))
    .where(or_(NOTICES.c.account_id.is_(None), NOTICES.c.account_id == bindparam("account"))),
    NoticeFacts,
)


def _attempt(
    id: int, at: datetime, channel: str, state: str, outcome: str | None, recorded_at: datetime, ref: str | None,
    relation: str | None, reserved: bool | None, kind: str | None, account: str | None,
) -> AttemptFacts:  # fmt: skip
    reserved_mobile = bool(reserved) and kind == "mobile"
    return AttemptFacts(at, channel, ref or "", relation, state, outcome, reserved_mobile, account, recorded_at, id)


def _attempts_of(one_creditor: bool) -> Query[AttemptFacts]:
    """Newest first. The index (debtor_id, at) bounds what is read."""
    columns = OUTREACH.c
    untold = and_(columns.channel == "visit", columns.outcome.is_(None), or_(columns.state == "expired", _has_lapsed()))
    state = case((_has_lapsed(), "expired"), else_=columns.state)
    statement = (
        select(
            columns.id, columns.at, columns.channel, state, columns.outcome, columns.created_at,
            _POINT.ref, _POINT.relation, _POINT.reserved, _POINT.kind, _ACCOUNT.account_no,
        )
        .outerjoin_from(OUTREACH, _POINT.id.table, _POINT.id == columns.contact_point_id)
        .outerjoin(_ACCOUNT.id.table, _ACCOUNT.id == columns.account_id)
        .where(columns.debtor_id == bindparam("debtor"), columns.at >= bindparam("since"))
        .where(or_(and_(columns.state.not_in(_NEVER_LEFT), not_(_has_lapsed())), untold))
        .order_by(columns.at.desc(), columns.id.desc())
        .limit(MOST_ATTEMPTS)
    )  # fmt: skip
    if one_creditor:
        statement = statement.where(or_(columns.creditor_id == bindparam("creditor"), columns.creditor_id.is_(None)))
    return Query(statement, _attempt)


def _has_lapsed() -> ColumnElement[bool]:
    """A permit that ran out unused holds no slot, even where that is not yet written down."""
    columns = OUTREACH.c
    ran_out = func.coalesce(columns.permit_expires_at < bindparam("now", type_=UtcDateTime()), false())
    return and_(columns.state == "permitted", columns.tries == 0, ran_out)


def _requests_of(one_creditor: bool) -> Query[RequestFacts]:
    columns = REQUESTS.c
    statement = (
        select(columns.ref, columns.type, columns.at, columns.due_at, _POINT.ref.label("point"))
        .outerjoin_from(REQUESTS, _POINT.id.table, _POINT.id == columns.contact_point_id)
        .outerjoin(_ACCOUNT.id.table, _ACCOUNT.id == columns.account_id)
        .where(columns.debtor_id == bindparam("debtor"), columns.closed_at.is_(None))
    )
    if one_creditor:
        statement = statement.where(or_(columns.account_id.is_(None), _ACCOUNT.creditor_id == bindparam("creditor")))
    return Query(statement, RequestFacts)


_ATTEMPTS = {one_creditor: _attempts_of(one_creditor) for one_creditor in (True, False)}
_REQUESTS = {one_creditor: _requests_of(one_creditor) for one_creditor in (True, False)}


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
    debtor, point = debtor_row(session, debtor_id), point_row(session, contact_point_id)
    if debtor is None or point is None or point.debtor_id != debtor_id:
        raise InvalidInput("这位债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return gather_facts(session, debtor, point, _accounts(session, debtor_id, account_id), at, now or at)


def gather_facts(
    on: Asked, debtor: DebtorRow, point: PointRow, accounts: list[AccountRow], at: datetime, now: datetime
) -> ContactFacts:
    """As ``load_facts``, for whoever has the rows: ``accounts`` is the named account alone, else all of them."""
    questions = Round()
    facts = ask_facts(questions, debtor, point, accounts, at, now)
    questions.ask(on)
    return facts()


@dataclass(frozen=True, slots=True)
class _History:
    """What is asked of the debtor's past."""

    attempts: Answer[AttemptFacts]
    agreements: Answer[Agreement]
    notices: Answer[NoticeFacts]
    requests: Answer[RequestFacts]


def ask_facts(
    questions: Round, debtor: DebtorRow, point: PointRow, accounts: list[AccountRow], at: datetime, now: datetime
) -> Callable[[], ContactFacts]:
    """As ``gather_facts``, in a round with other questions: what tells the facts once the round has been asked."""
    named = accounts[0].id if len(accounts) == 1 else None
    creditors = {account.creditor_id for account in accounts}
    # An attempt whose creditor is not known counts for every creditor.
    creditor = next(iter(creditors)) if len(creditors) == 1 else None
    known = creditor is not None
    of = {"debtor": debtor.id, "creditor": creditor}
    history = _History(
        attempts=questions.add(_ATTEMPTS[known], of | {"since": at - HISTORY, "now": now}),
        agreements=questions.add(_AGREEMENTS, {"debtor": debtor.id, "now": at}),
        notices=questions.add(_NOTICES_OF, {"debtor": debtor.id, "account": named}),
        requests=questions.add(_REQUESTS[known], of),
    )
    return partial(_facts_of, debtor, point, accounts, at, history)


def _facts_of(
    debtor: DebtorRow, point: PointRow, accounts: list[AccountRow], at: datetime, history: _History
) -> ContactFacts:
    named = accounts[0] if len(accounts) == 1 else None
    creditors = {account.creditor_id: account for account in accounts}
    creditor = next(iter(creditors.values())) if len(creditors) == 1 else None
    return ContactFacts(
        debtor=debtor.ref,
        creditor=creditor.creditor if creditor else None,
        contact_point=_point_facts(point),
        timezone=debtor.timezone,
        account=named.account_no if named else None,
        agency=next((account.agency for account in accounts if account.agency), None),
        agency_listed=_is_listed(accounts),
        agency_evaluated=_evaluated(accounts),
        never_evaluated=_never_evaluated(accounts),
        lines=tuple(line.strip() for line in creditor.lines.splitlines()) if creditor else (),
        assigned=any(account.assigned for account in accounts),
        days_past_due=days_past_due(named.due_date, load_stages().local_day(at)) if named else None,
        due_date=named.due_date if named else None,
        settled=bool(accounts) and all(account.settled_at is not None for account in accounts),
        plan_in_force=any(account.plan_in_force for account in accounts),
        # Where one plan is kept and another broken, the one that is kept counts: it forbids more.
        plan_breached=any(account.plan_breached for account in accounts)
        and not any(account.plan_in_force and not account.plan_breached for account in accounts),
        vulnerable=tuple(debtor.vulnerable.split()),
        bankruptcy=debtor.bankruptcy,
        no_contact_order=debtor.no_contact_order,
        attempts=tuple(sorted(history.attempts.rows, key=attrgetter("at", "id"))),
        agreements=tuple(sorted(history.agreements.rows, key=attrgetter("since"))),
        notices=tuple(sorted(history.notices.rows, key=attrgetter("at"))),
        requests=tuple(sorted(history.requests.rows, key=attrgetter("at"))),
    )


def _accounts(session: Session, debtor_id: int, account_id: int | None) -> list[AccountRow]:
    """The named account alone, or every account."""
    if account_id is None:
        return accounts_of(session, debtor_id)
    account = account_row(session, account_id)
    if account is None or account.debtor_id != debtor_id:
        raise InvalidInput("这位债务人没有这个账户。", code="unknown_account", field="account")
    return [account]


def get_account(session: Session, account_id: int) -> Account | None:
    """An account with its creditor, in one statement, or in none where the session has it."""
    return session.get(Account, account_id, options=[_WITH_CREDITOR])


def _is_listed(accounts: list[AccountRow]) -> bool | None:
    """Whether every agency that works these accounts is on its creditor's public list; ``None`` where one has none."""
    lists = [(account.agency, account.agencies_public.splitlines()) for account in accounts if account.agency]
    if any(agency not in names for agency, names in lists if names):
        return False
    return True if lists and all(names for _, names in lists) else None


def _evaluated(accounts: list[AccountRow]) -> date | None:
    """When the agencies that work these accounts were last evaluated: the longest ago that is known."""
    known = [
        evaluated[account.agency]
        for account in accounts
        if account.agency and account.agency in (evaluated := read_days(account.agencies_evaluated))
    ]
    return min(known, default=None)


def _never_evaluated(accounts: list[AccountRow]) -> tuple[date | None, ...]:
    """Since when each agency that works these accounts has done so, of those that were never evaluated."""
    engaged = {
        (account.creditor_id, account.agency): read_days(account.agencies_engaged).get(account.agency)
        for account in accounts
        if account.agency and account.agency not in read_days(account.agencies_evaluated)
    }
    return tuple(engaged.values())


def _point_facts(point: PointRow) -> ContactPointFacts:
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
