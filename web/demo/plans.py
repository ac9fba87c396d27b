"""The plans of instalments that were agreed before the fortnight begins: three are kept, one was broken."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook.models import Account, Debtor
from compliance.judge.contact.planning import PlanTerms
from compliance.rights.plans import CARDS, CURRENCY
from web.demo.people import Person

PLANS = (15, 21, 29)
"""Who keeps a plan that was agreed."""
BROKEN_PLAN = 32
OFFICER = "chen"
INSTALMENTS = 12
DUTIES = "债务人按期足额还款，可随时提前结清；履约期间债权人停止催收。连续两期未还的，协议终止，按原合同处理。"


def add_plans(session: Session, everybody: list[Person], start: datetime) -> None:
    """Offer and agree to each plan six weeks before ``start``; the first instalment fell due ten days before it."""
    agreed, due = start - timedelta(days=42, hours=-10), start - timedelta(days=10, hours=-9)
    for number in (*PLANS, BROKEN_PLAN):
        person = everybody[number - 1]
        account = session.scalars(select(Account).join(Debtor).where(Debtor.ref == person.ref)).one()
        terms = _terms(account, due)
        ref = rights.propose_plan(session, account_id=account.id, terms=terms, actor=person.collector, now=agreed).ref
        seen = agreed + timedelta(hours=3)
        rights.agree_plan(session, ref=ref, evidence=f"双方签字的协议 FQ-{number:04}", actor=OFFICER, now=seen)
        to, why = ("broken", "第1期逾期未还") if number == BROKEN_PLAN else ("kept", "第1期已按期入账")
        rights.move_plan(session, ref=ref, to=to, reason=why, actor=OFFICER, now=due + timedelta(days=3))


def _terms(account: Account, due: datetime) -> PlanTerms:
    amount = (account.total / INSTALMENTS).quantize(Decimal("0.01"), ROUND_DOWN)
    card = account.product in CARDS
    return PlanTerms(
        kind="individual" if card else "other",
        principal=account.principal,
        interest=account.interest,
        fees=account.fees,
        currency=CURRENCY,
        instalments=INSTALMENTS,
        cycle_months=1,
        first_due=due.date(),
        amount=amount,
        last_amount=account.total - amount * (INSTALMENTS - 1),
        method="从债务人本人绑定的账户自动扣款",
        charged=False,
        no_new_card=True if card else None,
        duties=DUTIES,
        other="无",
    )
