"""Open requests of debtors: which is most urgent, what one does to the gate while it is open, and answering it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook import mask_contact, mask_name, mask_text
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.gate.types import Actor
from compliance.judge.contact import Policy
from compliance.judge.contact.days import find_zone
from compliance.judge.contact.policy import Extension, RequestRule, RequestValue
from compliance.judge.types import Citation, Decision, InvalidInput
from compliance.rights.clocks import extended_due_at
from compliance.rights.models import DEBTOR, RightsRequest
from web.accounts import User
from web.labels import label

CLOSED_SHOWN = 20
"""The latest answers under the list; older ones are in the ledger and on the case."""
APPROVERS = ("officer", "admin")
OWNERS = ("officer",)


@dataclass(frozen=True, slots=True)
class Line:
    """One request in a list, masked."""

    request: RightsRequest
    name: str
    debtor: str
    late: bool
    urgency: str | None = None
    """One of ``rights.REMINDERS`` while it is open."""

    @property
    def state(self) -> str:
        return rights.state_of(self.request)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which open requests are asked for; empty means all."""

    type: str = ""
    urgency: str = ""
    owner: str = ""
    """``mine`` or ``nobody``."""

    def fits(self, line: Line, officer: str) -> bool:
        owned = {"": True, "mine": line.request.owner == officer, "nobody": line.request.owner is None}
        right_type = self.type in ("", line.request.type)
        return right_type and self.urgency in ("", line.urgency) and owned.get(self.owner, True)


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """``open`` is what the filter asks for, most urgent first; ``closed`` latest first; the counts are of all."""

    open: list[Line]
    closed: list[Line]
    total: int
    late: int
    soon: int
    asked: Filter


@dataclass(frozen=True, slots=True)
class Effect:
    """What the gate answers for a contact point, masked, while the request is open; ``None`` stands for all others."""

    contact_point: str | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Rule:
    """What the pack says about this type of request: ``None`` in place of it means that a person must decide."""

    effects: tuple[Effect, ...]
    why: str
    house: bool
    cites: tuple[Citation, ...]
    days: int
    house_clock: bool
    clock_cites: tuple[Citation, ...]
    extensions: tuple[Extension, ...]
    """Those that would still be longer than the present period."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review is about: the request and its answer, masked, and who gave it."""

    ref: str
    evidence: str
    answer: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestPage:
    line: Line
    creditor: str | None
    evidence: str
    answer: str | None
    rule: Rule | None
    own: bool
    """Recorded by the officer who looks at it, or a complaint about them: to be answered by somebody else."""
    approvers: list[User]
    owners: list[User]
    """Officers who may have it in hand."""
    recorded_by: str
    wish: str | None
    review_until: datetime | None
    """Of an answer: until when a review of it may be asked for."""
    review_open: bool
    """Whether one may be asked for now."""
    review: str | None
    """Reference of the request that asks for the review of this one's answer."""
    reviewed: Reviewed | None
    """Where this one asks for the review of an answer: that answer."""


def requests_page(session: Session, officer: Actor, asked: Filter, now: datetime) -> RequestsPage:
    """What is open and asked for, and the latest answers."""
    lines = [
        Line(one.request, mask_name(one.debtor.name), one.debtor.ref, one.urgency == "overdue", one.urgency)
        for one in rights.due_list(session, now)
    ]
    answered = (
        select(RightsRequest, Debtor)
        .join(Debtor, Debtor.id == RightsRequest.debtor_id)
        .where(RightsRequest.closed_at.is_not(None))
        .order_by(RightsRequest.closed_at.desc(), RightsRequest.id.desc())
        .limit(CLOSED_SHOWN)
    )
    return RequestsPage(
        open=[line for line in lines if asked.fits(line, officer.name)],
        closed=[_line(request, debtor, now) for request, debtor in session.execute(answered)],
        total=len(lines),
        late=sum(line.urgency == "overdue" for line in lines),
        soon=sum(line.urgency == "soon" for line in lines),
        asked=asked,
    )


def request_page(session: Session, ref: str, officer: Actor, policy: Policy, now: datetime) -> RequestPage:
    """One request. Raises ``InvalidInput`` where there is none of that reference."""
    request = _find(session, ref)
    debtor = session.get_one(Debtor, request.debtor_id)
    until, review = rights.review_until(policy, request, debtor.timezone), rights.review_asked(session, request)
    return RequestPage(
        line=_line(request, debtor, now),
        creditor=_creditor(session, request),
        evidence=mask_text(request.evidence, (debtor.name,)),
        answer=mask_text(request.answer, (debtor.name,)) if request.answer else None,
        rule=_rule(session, request, debtor, policy, now),
        own=not rights.may_handle(request, officer.name),
        approvers=[user for user in _people(session, APPROVERS) if user.name != officer.name],
        owners=[user for user in _people(session, OWNERS) if rights.may_handle(request, user.name)],
        recorded_by=_("债务人（本人网页）") if request.recorded_by == DEBTOR else request.recorded_by,
        wish=_wish(request),
        review_until=until,
        review_open=review is None and until is not None and now <= until,
        review=review.ref if review else None,
        reviewed=_reviewed(session, request, debtor),
    )


def hand_over(session: Session, ref: str, owner: str, officer: Actor, now: datetime) -> None:
    """Give a request to an officer, or back to all where ``owner`` is empty. Raises as ``rights.own_request``, and
    where ``owner`` is no officer."""
    if owner and owner not in {user.name for user in _people(session, OWNERS)}:
        raise InvalidInput(_("经办人须为合规专员。"), code="unknown_owner", field="owner")
    rights.own_request(session, ref=ref, owner=owner or None, actor=officer.name, now=now)


def ask_review(
    session: Session, ref: str, channel: str, evidence: str, officer: Actor, policy: Policy, now: datetime
) -> RightsRequest:
    """Record that the debtor asks for a review of an answer. Raises as ``rights.receive_request``."""
    answered = _find(session, ref)
    return rights.receive_request(
        session, debtor_id=answered.debtor_id, account_id=answered.account_id, type=answered.type, channel=channel,
        evidence=evidence, at=now, actor=officer.name, now=now, review_of=ref, policy=policy,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Longer:
    """A longer period that is asked for, and what it may need: an approval by somebody else, word to the debtor."""

    extension: str
    reason: str
    approved_by: str | None
    told_at: datetime | None


def extend(session: Session, ref: str, longer: Longer, officer: Actor, policy: Policy, now: datetime) -> None:
    """Give a request more time. Raises as ``rights.extend_request``, and where the approver is nobody who may
    approve."""
    approvers = {user.name for user in _people(session, APPROVERS)} - {officer.name}
    if longer.approved_by and longer.approved_by not in approvers:
        raise InvalidInput(_("批准人须为其他合规专员或管理员。"), code="unknown_approver", field="approved_by")
    rights.extend_request(
        session, ref=ref, extension=longer.extension, reason=longer.reason, actor=officer.name, now=now,
        approved_by=longer.approved_by, told_at=longer.told_at, policy=policy,
    )  # fmt: skip


def _find(session: Session, ref: str) -> RightsRequest:
    request = session.scalar(select(RightsRequest).where(RightsRequest.ref == ref))
    if request is None:
        raise InvalidInput("没有这项请求。", code="unknown_request", field="ref")
    return request


def _line(request: RightsRequest, debtor: Debtor, now: datetime) -> Line:
    ended = request.closed_at or now
    late = request.due_at is not None and ended > request.due_at
    return Line(request, mask_name(debtor.name), debtor.ref, late)


def _reviewed(session: Session, request: RightsRequest, debtor: Debtor) -> Reviewed | None:
    if request.review_of is None:
        return None
    answered = _find(session, request.review_of)
    words, answer = (mask_text(text or "", (debtor.name,)) for text in (answered.evidence, answered.answer))
    return Reviewed(answered.ref, words, answer, answered.closed_by or "", answered.closed_at or answered.at)


def _creditor(session: Session, request: RightsRequest) -> str | None:
    query = select(Creditor.name).join(Account, Account.creditor_id == Creditor.id)
    return session.scalar(query.where(Account.id == request.account_id))


def _people(session: Session, roles: tuple[str, ...]) -> list[User]:
    query = select(User).where(User.role.in_(roles), User.disabled.is_(False))
    return list(session.scalars(query.order_by(User.role.desc(), User.name)))


def _wish(request: RightsRequest) -> str | None:
    """What the debtor chose on the page, in words."""
    wish = request.wish or {}
    parts = []
    if wish.get("channels"):
        parts.append(_("只用：%(channels)s", channels=_("、").join(label("channel", one) for one in wish["channels"])))
    if wish.get("window"):
        parts.append(_("每天 %(start)s 至 %(end)s", start=wish["window"][0], end=wish["window"][1]))
    if wish.get("max_per_day"):
        parts.append(_("每天最多 %(n)s 次", n=wish["max_per_day"]))
    return _("；").join(parts) or None


def _rule(session: Session, request: RightsRequest, debtor: Debtor, policy: Policy, now: datetime) -> Rule | None:
    """The effect is that of today, as the gate reads it; the clock is that of the day of receipt, as it was set."""
    rule, zone = policy.requests.get(request.type), find_zone(debtor.timezone or policy.default_zone)
    today = rule.at(now.astimezone(zone).date()) if rule else None
    received = rule.at(request.at.astimezone(zone).date()) if rule else None
    if rule is None or today is None or received is None:
        return None
    clock = received.review.clock if request.review_of and received.review else received.clock
    return Rule(
        effects=tuple(_effects(session, request, today)),
        why=_why(rule, request, debtor, policy),
        house=today.house,
        cites=today.cites,
        days=clock.days,
        house_clock=clock.house,
        clock_cites=clock.cites,
        extensions=tuple(one for one in clock.extensions if _is_longer(one, request, debtor, policy, now)),
    )


def _effects(session: Session, request: RightsRequest, value: RequestValue) -> Iterator[Effect]:
    if request.contact_point_id is None:
        yield Effect(None, value.unnamed)
        return
    point = session.get_one(ContactPoint, request.contact_point_id)
    yield Effect(mask_contact(point.kind, point.value), value.named)
    yield Effect(None, value.elsewhere)


def _why(rule: RequestRule, request: RightsRequest, debtor: Debtor, policy: Policy) -> str:
    zone = find_zone(debtor.timezone or policy.default_zone)
    due = request.due_at.astimezone(zone).date().isoformat() if request.due_at else "尽快"
    return rule.why.format(day=request.at.astimezone(zone).date(), due=due)


def _is_longer(extension: Extension, request: RightsRequest, debtor: Debtor, policy: Policy, now: datetime) -> bool:
    """Whether ``rights.extend_request`` could still give it."""
    if request.closed_at is not None or request.due_at is None or now > request.due_at:
        return False
    return extended_due_at(policy, extension, request.at, debtor.timezone) > request.due_at
