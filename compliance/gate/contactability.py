"""Whether somebody may be contacted: asked of the same judge, on the same facts, as the gate itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate.checking import check_aware
from compliance.gate.screening import Case, hold_unknown_relation, judge_safely, load_contact
from compliance.gate.types import KINDS_OF_CHANNEL
from compliance.judge import Judge
from compliance.judge.types import Decision, Finding, InvalidInput, Message

# Statements are built once: building them takes more time than running them.
_POINT = select(ContactPoint).where(ContactPoint.ref == bindparam("ref"), ContactPoint.debtor_id == bindparam("debtor"))
_ACCOUNTS = (
    select(Account)
    .where(Account.debtor_id == bindparam("debtor"))
    .options(joinedload(Account.creditor, innerjoin=True))  # the facts of the contact need it
    .limit(2)
)
_ACCOUNTS_OF_NUMBER = _ACCOUNTS.where(Account.account_no == bindparam("account_no"))


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
    debtor = session.scalar(select(Debtor).where(Debtor.ref == ref))
    if debtor is None:
        raise InvalidInput("没有这个债务人。", code="unknown_debtor", field="debtor")
    return Case(debtor, find_account(session, debtor, account_no), find_contact_point(session, debtor, point_ref))


def find_contact_point(session: Session, debtor: Debtor, ref: str) -> ContactPoint:
    """The debtor's contact point. One answer for "does not exist" and "is somebody else's".

    Raises:
        InvalidInput: the debtor has none of this reference.
    """
    point = session.scalar(_POINT, {"ref": ref, "debtor": debtor.id})
    if point is None:
        raise InvalidInput("该债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return point


def find_account(session: Session, debtor: Debtor, account_no: str | None) -> Account | None:
    """The debtor's account of this number; without a number the only account, where there is one only.

    Raises:
        InvalidInput: the debtor has no account of this number, or two creditors use the same.
    """
    query = _ACCOUNTS if account_no is None else _ACCOUNTS_OF_NUMBER
    accounts = list(session.scalars(query, {"debtor": debtor.id, "account_no": account_no}))
    if account_no is not None and not accounts:
        raise InvalidInput("该债务人没有这个账户。", code="unknown_account", field="account")
    if account_no is not None and len(accounts) > 1:
        raise InvalidInput("该账户号在多家委托方下存在，无法确定是哪一个。", code="ambiguous_account", field="account")
    return accounts[0] if len(accounts) == 1 else None
