"""Whether somebody may be contacted: asked of the same judge, on the same facts, as the gate itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from compliance.casebook import account_of, accounts_of, debtor_of, get_account, point_of
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate.checking import check_aware
from compliance.gate.screening import Case, hold_unknown_relation, judge_safely, load_contact
from compliance.gate.types import KINDS_OF_CHANNEL
from compliance.judge import Judge
from compliance.judge.types import Decision, Finding, InvalidInput, Message


@dataclass(frozen=True, slots=True)
class Contactability:
    """``allowed`` is true only where nothing objects; ``review`` means that it would be held."""

    allowed: bool
    decision: Decision
    findings: tuple[Finding, ...]
    remaining: dict[str, int]
    next_allowed_at: datetime | None


def contactability(
    session: Session,
    judge: Judge,
    debtor: str,
    contact_point: str,
    channel: str,
    at: datetime,
    *,
    now: datetime | None = None,
    account: str | None = None,
    trained_until: date | None = None,
    visitors: int | None = None,
    line: str | None = None,
) -> Contactability:
    """What the contact policy says about one contact point of a debtor on a channel at an instant.

    ``now`` where ``at`` is another instant: permits that have run out by then hold no slot.

    Raises:
        InvalidInput: unknown debtor, contact point, account or channel, or an instant without offset.
    """
    check_aware(at, "at")
    if channel not in KINDS_OF_CHANNEL:
        raise InvalidInput(f"未知渠道：{channel[:20]!r}。", code="unknown_channel", field="channel")
    case = _find_case(session, debtor, contact_point, account)
    # No words: what is said is judged when it is said.
    message = Message("", channel=channel, audience=case.audience)
    facts = load_contact(session, case, at, now or at, trained_until=trained_until, visitors=visitors, line=line)
    verdict = hold_unknown_relation(case, judge_safely(judge, message, facts, at))
    return Contactability(
        allowed=verdict.decision is Decision.ALLOW,
        decision=verdict.decision,
        findings=verdict.findings,
        remaining=dict(verdict.remaining),
        next_allowed_at=verdict.next_allowed_at,
    )


def _find_case(session: Session, ref: str, point_ref: str, account_no: str | None) -> Case:
    debtor = debtor_of(session, ref)
    if debtor is None:
        raise InvalidInput("没有这个债务人。", code="unknown_debtor", field="debtor")
    account = account_of(accounts_of(session, debtor.id), account_no)
    return Case(debtor, account, point_of(session, debtor.id, point_ref))


def find_contact_point(session: Session, debtor: Debtor, ref: str) -> ContactPoint:
    """The debtor's contact point. Raises what ``point_of`` raises."""
    return session.get_one(ContactPoint, point_of(session, debtor.id, ref).id)


def find_account(session: Session, debtor: Debtor, account_no: str | None) -> Account | None:
    """The debtor's account of this number, or the only one. Raises what ``account_of`` raises."""
    account = account_of(accounts_of(session, debtor.id), account_no)
    return None if account is None else get_account(session, account.id)
