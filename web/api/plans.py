"""Plans of a debtor: offered, agreed, kept or broken."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook.models import Account, Debtor
from compliance.judge.contact.planning import PlanTerms
from compliance.judge.types import InvalidInput
from compliance.rights.models import PlanAgreement, RightsRequest
from web.actor import actor
from web.api.document import documented
from web.api.reading import body_of, debtor_for
from web.api.shapes import PlanAnswer, PlanBody, PlansAnswer, PlanStateBody
from web.auth import requires, signed_in
from web.state import state

_SHOWN = ("principal", "interest", "fees", "currency", "as_of", "instalments", "cycle_months", "first_due", "amount",
          "last_amount", "charged", "no_new_card")  # fmt: skip


@requires("collector", "officer", "admin")
@documented(PlanAnswer, body=PlanBody, status=201, errors=(401, 403, 404, 422))
def propose_plan(ref: str) -> ResponseReturnValue:
    """Write down a plan that is offered; contact goes on as before until it is agreed."""
    body, edge = body_of(PlanBody), state()
    terms = PlanTerms(**body.model_dump(exclude={"account", "request"}))

    def work(session: Session) -> dict[str, Any]:
        account = _account(session, debtor_for(session, ref), body.account)
        plan = rights.propose_plan(
            session, account_id=account.id, terms=terms, actor=actor().name, now=edge.clock(),
            request_ref=body.request, policy=edge.judge.policy,
        )  # fmt: skip
        return _shown(session, plan)

    return jsonify(edge.db.run(work)), 201


@requires("officer")
@documented(PlanAnswer, body=PlanStateBody, errors=(401, 403, 404, 409, 422))
def move_plan(ref: str) -> ResponseReturnValue:
    """That both sides agreed, or what became of it; whoever proposed it does not say so."""
    body, edge = body_of(PlanStateBody), state()
    said: dict[str, Any] = {"ref": ref, "actor": actor().name, "now": edge.clock(), "policy": edge.judge.policy}

    def work(session: Session) -> dict[str, Any]:
        if body.state == "agreed":
            plan = rights.agree_plan(session, evidence=body.evidence, recording=body.recording, **said)
        else:
            plan = rights.move_plan(session, to=body.state, reason=body.evidence, **said)
        return _shown(session, plan)

    return jsonify(edge.db.run(work))


@signed_in
@documented(PlansAnswer, errors=(401, 403, 404))
def plans(ref: str) -> ResponseReturnValue:
    """The debtor's plans, the latest first."""
    with state().db.read() as session:
        found = rights.plans(session, debtor_for(session, ref).id)
        items = [_shown(session, plan) for plan in found]
    return jsonify(items=items)


def _account(session: Session, debtor: Debtor, account_no: str) -> Account:
    query = select(Account).where(Account.debtor_id == debtor.id, Account.account_no == account_no).limit(2)
    found = list(session.scalars(query))
    if len(found) != 1:
        raise InvalidInput("该债务人没有这个（或不止一个）account。", code="not_found", field="account")
    return found[0]


def _shown(session: Session, plan: PlanAgreement) -> dict[str, Any]:
    """Numbers and days; its words stand on the page."""
    values = {name: getattr(plan, name) for name in _SHOWN}
    shown = {name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in values.items()}
    shown |= {name: plan_day.isoformat() for name, plan_day in (("as_of", plan.as_of), ("first_due", plan.first_due))}
    last = rights.terms_of(plan).last_due
    return {
        **shown,
        "ref": plan.ref,
        "account": session.scalar(select(Account.account_no).where(Account.id == plan.account_id)),
        "request": session.scalar(select(RightsRequest.ref).where(RightsRequest.id == plan.request_id)),
        "kind": plan.kind,
        "state": plan.state,
        "last_due": last.isoformat() if last else None,
        "proposed_by": plan.proposed_by,
        "proposed_at": plan.proposed_at.isoformat(),
        "agreed_at": plan.agreed_at.isoformat() if plan.agreed_at else None,
        "recording": plan.recording,
    }


def add_routes(bp: Blueprint) -> None:
    bp.post("/debtors/<ref>/plans")(propose_plan)
    bp.get("/debtors/<ref>/plans", endpoint="plans")(plans)
    bp.post("/plans/<ref>/state")(move_plan)
