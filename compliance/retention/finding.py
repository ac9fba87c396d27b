"""What has been kept for its years, debtor by debtor, and what holds it back. Nothing is changed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.casebook.models import Account, Debtor
from compliance.gate.models import Outreach, OutreachText
from compliance.retention.policy import Hold, RetentionPolicy
from compliance.retention.tables import CALLS, ERASED, TURNS
from compliance.review.models import Appeal, Review
from compliance.rights.models import Inbound, PlanAgreement, RightsRequest

OPEN_REVIEW = ("waiting", "taken")


@dataclass(frozen=True, slots=True)
class Due:
    """Something of one debtor that has been kept for its years. Held things stay until no hold is left."""

    debtor_id: int
    debtor: str
    """The debtor's reference."""
    what: str
    """``words`` or ``person``."""
    count: int
    """Messages that went out or came in, notes and turns; 1 for a person."""
    oldest: datetime
    holds: tuple[Hold, ...]


def find_due(
    session: Session, policy: RetentionPolicy, now: datetime, *, debtor_id: int | None = None, limit: int | None = None
) -> list[Due]:
    """Everything whose years are over, by debtor; with ``debtor_id`` of that debtor alone."""
    found: dict[tuple[int, str], tuple[int, datetime]] = {}
    for query, what in ((_texts, "words"), (_turns, "words"), (_inbound, "words"), (_people, "person")):
        for debtor, count, oldest in session.execute(query(policy.cutoff(what, now), debtor_id)):
            if oldest is not None:
                before = found.get((debtor, what), (0, oldest))
                found[debtor, what] = before[0] + count, min(before[1], oldest)
    places = sorted(found)[:limit]
    debtors = {debtor for debtor, _ in places}
    holds = find_holds(session, policy, debtors)
    refs = {id_: ref for part in _parts(debtors) for id_, ref in session.execute(
        select(Debtor.id, Debtor.ref).where(Debtor.id.in_(part)))}  # fmt: skip
    return [
        Due(debtor, refs[debtor], what, *found[debtor, what], tuple(holds.get(debtor, ()))) for debtor, what in places
    ]


def find_holds(session: Session, policy: RetentionPolicy, debtors: Collection[int]) -> dict[int, list[Hold]]:
    """The holds in force, by debtor."""
    queries = {
        "open_request": select(RightsRequest.debtor_id).where(RightsRequest.closed_at.is_(None)),
        "plan_unsettled": select(Account.debtor_id).where(
            or_(Account.plan_in_force, Account.plan_breached, Account.id.in_(_once_agreed())),
            Account.settled_at.is_(None),
        ),
        "in_court": select(Account.debtor_id).where(Account.case_no.is_not(None), Account.settled_at.is_(None)),
        "undecided": select(Outreach.debtor_id).where(_is_undecided()),
    }
    found: dict[int, list[Hold]] = defaultdict(list)
    for when, query in queries.items():
        column = query.selected_columns[0]
        for part in _parts(debtors):
            for debtor in session.scalars(query.where(column.in_(part)).distinct()):
                found[debtor].append(policy.holds[when])
    return found


def _once_agreed() -> Select[int]:
    """Accounts with a plan that was agreed, whatever became of it: what shows it is kept until they are settled."""
    return select(PlanAgreement.account_id).where(PlanAgreement.agreed_at.is_not(None))


def _texts(cutoff: datetime, debtor_id: int | None) -> Select[int, int, datetime]:
    query = (
        select(Outreach.debtor_id, func.count(), func.min(Outreach.created_at))
        .join(OutreachText, OutreachText.outreach_id == Outreach.id)
        .where(Outreach.created_at < cutoff, OutreachText.erased_at.is_(None))
        .group_by(Outreach.debtor_id)
    )
    return query if debtor_id is None else query.where(Outreach.debtor_id == debtor_id)


def _turns(cutoff: datetime, debtor_id: int | None) -> Select[int, int, datetime]:
    query = (
        select(CALLS.c.debtor_id, func.count(), func.min(CALLS.c.started_at))
        .join_from(CALLS, TURNS, TURNS.c.call_id == CALLS.c.id)
        .where(CALLS.c.started_at < cutoff, TURNS.c.text.is_not(None))
        .group_by(CALLS.c.debtor_id)
    )
    return query if debtor_id is None else query.where(CALLS.c.debtor_id == debtor_id)


def _inbound(cutoff: datetime, debtor_id: int | None) -> Select[int, int, datetime]:
    query = (
        select(Inbound.debtor_id, func.count(), func.min(Inbound.at))
        .where(Inbound.at < cutoff, Inbound.masked != ERASED)
        .group_by(Inbound.debtor_id)
    )
    return query if debtor_id is None else query.where(Inbound.debtor_id == debtor_id)


def _people(cutoff: datetime, debtor_id: int | None) -> Select[int, int, datetime | None]:
    """Who owes nothing since before ``cutoff``, with whom nothing has happened since, and who is not yet erased."""
    other = aliased(Account)
    query = (
        select(Debtor.id, func.count(Debtor.id.distinct()), func.max(Account.settled_at))
        .join(Account, Account.debtor_id == Debtor.id)
        .where(
            Debtor.erased_at.is_(None),
            ~exists().where(other.debtor_id == Debtor.id, or_(other.settled_at.is_(None), other.settled_at >= cutoff)),
            ~exists().where(Outreach.debtor_id == Debtor.id, or_(Outreach.created_at >= cutoff, Outreach.at >= cutoff)),
            ~exists().where(RightsRequest.debtor_id == Debtor.id, RightsRequest.closed_at >= cutoff),
            ~exists().where(Inbound.debtor_id == Debtor.id, Inbound.at >= cutoff),
            ~exists().where(CALLS.c.debtor_id == Debtor.id, CALLS.c.started_at >= cutoff),
        )
        .group_by(Debtor.id)
    )
    return query if debtor_id is None else query.where(Debtor.id == debtor_id)


def _is_undecided() -> ColumnElement[bool]:
    waiting = exists().where(Review.outreach_id == Outreach.id, Review.state.in_(OPEN_REVIEW))
    appealed = exists().where(Appeal.outreach_id == Outreach.id, Appeal.decided_at.is_(None))
    return or_(waiting, appealed)


def _parts(debtors: Collection[int], size: int = 500) -> list[list[int]]:
    """Lists short enough for one statement."""
    known = sorted(debtors)
    return [known[start : start + size] for start in range(0, len(known), size)]
