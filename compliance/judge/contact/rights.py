"""What the debtor is owed and asked for: nothing more to pay, a plan that is kept, a court's word, open requests."""

from __future__ import annotations

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment
from compliance.judge.contact.policy import RequestValue, Value
from compliance.judge.facts import RequestFacts
from compliance.judge.types import Decision


def check_settled(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nothing is owed any more."""
    return {} if case.facts.settled else None


def check_plan(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """A plan was signed and is kept."""
    return {} if case.facts.plan_in_force and case.facts.plan_breached is False else None


def check_unknown_plan(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows whether there is a plan, or whether it is kept."""
    if case.facts.plan_in_force is None:
        return {"what": "是否已签个性化分期协议"}
    if case.facts.plan_in_force and case.facts.plan_breached is None:
        return {"what": "分期协议是否正在正常履行"}
    return None


def check_bankruptcy(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """A court has taken on the debtor's bankruptcy."""
    return {} if case.facts.bankruptcy else None


def check_no_contact_order(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """An authority has forbidden contact."""
    return {} if case.facts.no_contact_order else None


def check_unknown_request(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """An open request of a type that the pack does not know."""
    unknown = sorted({request.type for request in case.facts.requests if request.type not in case.policy.requests})
    return {"types": "、".join(unknown)} if unknown else None


def decide_request(case: Case, request: RequestFacts, value: RequestValue) -> Decision:
    """What an open request does to contact at this contact point."""
    if request.contact_point is None:
        return value.unnamed
    return value.named if request.contact_point == case.facts.contact_point.ref else value.elsewhere
