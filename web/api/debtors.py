"""Debtors, masked: whether they may be contacted, what they were told, what they asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import gate, rights
from compliance.casebook import mask_contact, mask_name
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.judge.types import InvalidInput
from compliance.judge.wire import finding_to_dict
from compliance.rights.models import Notice, RightsRequest
from web.actor import actor
from web.api.document import documented
from web.api.reading import body_of, debtor_for, query_of
from web.api.shapes import (
    ContactabilityAnswer,
    ContactabilityQuery,
    DebtorAnswer,
    NoticeBody,
    RequestBody,
    RightAnswer,
    RightsAnswer,
)
from web.auth import requires, signed_in
from web.state import state

CLOCKS_APART = timedelta(minutes=5)
"""How far the clock of who asks may be behind before its now is a time that has passed."""
Right = TypeVar("Right", Notice, RightsRequest)


@signed_in
@documented(DebtorAnswer, errors=(401, 403, 404))
def show(ref: str) -> ResponseReturnValue:
    """A debtor with contact points, masked."""
    with state().db.read() as session:
        debtor = debtor_for(session, ref)
        points = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == debtor.id))
        shown = [
            {
                "ref": point.ref,
                "kind": point.kind,
                "relation": point.relation,
                "masked": mask_contact(point.kind, point.value),
                "valid": point.valid,
            }
            for point in points
        ]
    return jsonify(ref=debtor.ref, name=mask_name(debtor.name), timezone=debtor.timezone, contact_points=shown)


@signed_in
@documented(ContactabilityAnswer, query=ContactabilityQuery, errors=(401, 403, 404, 422))
def contactability(ref: str) -> ResponseReturnValue:
    """Whether a contact point may be used on a channel at a time (now, where none is given)."""
    query = query_of(ContactabilityQuery)
    edge = state()
    now = edge.clock()
    at = query.at or now
    if at < now - CLOCKS_APART:
        raise InvalidInput("这个时间已经过去，只能问现在或以后能否联系。", code="past_time", field="at")
    with edge.db.read() as session:
        debtor_for(session, ref)
        answer = gate.contactability(
            session,
            edge.judge,
            ref,
            query.contact_point,
            query.channel,
            max(at, now),
            now=now,
            trained_until=actor().trained_until,
            line=query.line,
        )
    return jsonify(
        allowed=answer.allowed,
        decision=answer.decision.value,
        findings=[finding_to_dict(finding) for finding in answer.findings],
        remaining=answer.remaining,
        next_allowed_at=answer.next_allowed_at.isoformat() if answer.next_allowed_at else None,
    )


@requires("collector", "officer", "admin")
@documented(RightAnswer, body=NoticeBody, status=201, errors=(401, 403, 404, 422))
def give_notice(ref: str) -> ResponseReturnValue:
    """Record something that the debtor was told, with evidence."""
    return jsonify(_shown(_record(ref, body_of(NoticeBody), rights.give_notice))), 201


@requires("collector", "officer", "admin")
@documented(RightAnswer, body=RequestBody, status=201, errors=(401, 403, 404, 422))
def receive_request(ref: str) -> ResponseReturnValue:
    """Record something that the debtor asked for; the answer says until when it is owed."""
    return jsonify(_shown(_record(ref, body_of(RequestBody), rights.receive_request))), 201


def _record(ref: str, body: NoticeBody | RequestBody, record: Callable[..., Right]) -> Right:
    """One act on the debtor's rights in a transaction of its own, by the caller, now."""
    edge = state()

    def work(session: Session) -> Right:
        debtor = debtor_for(session, ref)
        act: dict[str, Any] = body.model_dump(exclude={"account", "contact_point"})
        if isinstance(body, RequestBody):
            act["contact_point_id"] = _contact_point_id(session, debtor, body.contact_point)
            act["policy"] = edge.judge.policy
        account_id = _account_id(session, debtor, body.account)
        return record(session, debtor_id=debtor.id, account_id=account_id, actor=actor().name, now=edge.clock(), **act)

    return edge.db.run(work)


def _shown(right: Notice | RightsRequest) -> dict[str, str | None]:
    shown = {
        "ref": right.ref,
        "type": right.type,
        "at": right.at.isoformat(),
        "source": right.source,
        "recording": right.recording,
    }
    if isinstance(right, Notice):
        return shown
    return {
        **shown,
        "due_at": right.due_at.isoformat() if right.due_at else None,
        "closed_at": right.closed_at.isoformat() if right.closed_at else None,
        "state": rights.state_of(right),
    }


@signed_in
@documented(RightsAnswer, errors=(401, 403, 404))
def notices(ref: str) -> ResponseReturnValue:
    """Notices given, oldest first."""
    return _listed(ref, rights.notices)


@signed_in
@documented(RightsAnswer, errors=(401, 403, 404))
def requests(ref: str) -> ResponseReturnValue:
    """Requests received, oldest first, open and closed."""
    return _listed(ref, rights.requests)


def _listed(ref: str, listed: Callable[[Session, int], Sequence[Notice | RightsRequest]]) -> ResponseReturnValue:
    with state().db.read() as session:
        found = listed(session, debtor_for(session, ref).id)
    return jsonify(items=[_shown(right) for right in found])


def _account_id(session: Session, debtor: Debtor, account_no: str | None) -> int | None:
    if account_no is None:
        return None
    query = select(Account.id).where(Account.debtor_id == debtor.id, Account.account_no == account_no)
    return _one(list(session.scalars(query.limit(2))), "account")


def _contact_point_id(session: Session, debtor: Debtor, ref: str | None) -> int | None:
    if ref is None:
        return None
    query = select(ContactPoint.id).where(ContactPoint.debtor_id == debtor.id, ContactPoint.ref == ref)
    return _one(list(session.scalars(query)), "contact_point")


def _one(found: list[int], field: str) -> int:
    if len(found) != 1:
        raise InvalidInput(f"该债务人没有这个（或不止一个）{field}。", code="not_found", field=field)
    return found[0]


def add_routes(bp: Blueprint) -> None:
    bp.get("/debtors/<ref>", endpoint="debtor")(show)
    bp.get("/debtors/<ref>/contactability")(contactability)
    bp.post("/debtors/<ref>/notices")(give_notice)
    bp.post("/debtors/<ref>/requests")(receive_request)
    bp.get("/debtors/<ref>/notices", endpoint="notices")(notices)
    bp.get("/debtors/<ref>/requests", endpoint="requests")(requests)
