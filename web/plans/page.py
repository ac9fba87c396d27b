"""What the pages of plans show: whose account it is, what the plan says, how it stands, words to tell the debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from compliance import rights
from compliance.casebook import mask_account_no, mask_name, mask_text
from compliance.casebook.models import Account
from compliance.judge.contact.planning import PlanTerms
from compliance.judge.types import InvalidInput
from compliance.rights.models import PlanAgreement, RightsRequest
from web.scripts import product_name

SHOWN = 100
"""Plans in the list; older ones stand on the page of their case's latest plan and in the ledger."""


@dataclass(frozen=True, slots=True)
class Line:
    """One plan and whose it is, masked."""

    plan: PlanAgreement
    name: str
    debtor: str

    @property
    def last_due(self) -> date | None:
        return rights.terms_of(self.plan).last_due


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan on a page of its own; words are masked."""

    line: Line
    account: Account
    account_no: str
    product: str
    terms: PlanTerms
    words: dict[str, str]
    request: str | None
    """Reference of the request that it answers."""
    own: bool
    """Proposed by whoever looks at it."""
    told: str
    """The plan in a few words, to be sent to the debtor through the gate."""


def visible_account(session: Session, account_id: int | None) -> Account:
    """The account, if the caller may see it: collectors see their own cases only.

    Raises:
        InvalidInput: there is none, or not for this caller; the two are not told apart.
    """
    query = select(Account).options(joinedload(Account.debtor), joinedload(Account.creditor))
    query = query.where(Account.id == account_id)
    if current_user.role == "collector":
        query = query.where(Account.collector == current_user.name)
    account = session.scalar(query)
    if account is None:
        raise InvalidInput("没有这个案件 / there is no such case", code="not_found")
    return account


def lines(session: Session, account_id: int | None = None) -> list[Line]:
    """The latest plans, of one account or of all that the caller may see."""
    query = (
        select(PlanAgreement, Account)
        .join(Account, Account.id == PlanAgreement.account_id)
        .options(joinedload(Account.debtor))
        .order_by(PlanAgreement.proposed_at.desc(), PlanAgreement.id.desc())
        .limit(SHOWN)
    )
    if current_user.role == "collector":
        query = query.where(Account.collector == current_user.name)
    if account_id is not None:
        query = query.where(Account.id == account_id)
    return [_line(plan, account) for plan, account in session.execute(query)]


def plan_page(session: Session, ref: str) -> PlanPage:
    """One plan. Raises ``InvalidInput`` where there is none of that reference, or not for this caller."""
    plan = session.scalar(select(PlanAgreement).where(PlanAgreement.ref == ref))
    if plan is None:
        raise InvalidInput("没有这份分期协议。", code="unknown_plan", field="ref")
    account = visible_account(session, plan.account_id)
    said = {name: getattr(plan, name) for name in ("method", "charges", "duties", "other", "evidence", "reason")}
    terms = rights.terms_of(plan)
    return PlanPage(
        line=_line(plan, account),
        account=account,
        account_no=mask_account_no(account.account_no),
        product=product_name(account.product),
        terms=terms,
        words={name: mask_text(words, (account.debtor.name,)) for name, words in said.items() if words},
        request=session.scalar(select(RightsRequest.ref).where(RightsRequest.id == plan.request_id)),
        own=plan.proposed_by == current_user.name,
        told=_told(account, terms),
    )


def _line(plan: PlanAgreement, account: Account) -> Line:
    return Line(plan, mask_name(account.debtor.name), account.debtor.ref)


def _told(account: Account, terms: PlanTerms) -> str:
    every = "每月" if terms.cycle_months == 1 else f"每 {terms.cycle_months} 个月"
    runs = "还款期间按约定计收利息或费用" if terms.charged else "还款期间不计收年费、利息和其他费用"
    return (
        f"【{account.creditor.name}】您的{product_name(account.product)}账户（尾号{account.account_no[-4:]}）拟定分期"
        f"还款方案：分{terms.instalments}期，{every}一期，每期{terms.amount:,.2f}元，首期还款日{terms.first_due}，"
        f"{runs}。是否接受由您自愿决定，以双方签订的协议为准；有疑问可致电{account.creditor.phone or '官方客服'}。"
    )
