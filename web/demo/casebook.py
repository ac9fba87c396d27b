"""The rows that come from the creditors' files: creditors, debtors, accounts, contact points, agreements."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, ContactAgreement, ContactPoint, Creditor, Debtor
from web.demo.people import CREDITORS, Person

FLAGS = {11: "illness", 26: "self_harm", 31: "bereavement", 36: "deceased"}
"""Debtor's number and what puts them under protection."""
SETTLED = (9, 40)
BANKRUPT = 38
SUED = {37: "（2026）示0101民初0042号", 39: "（2026）示0101民初0077号"}


def add_casebook(session: Session, everybody: list[Person], now: datetime) -> None:
    """Creditors, debtors, accounts, contact points and what debtors agreed to; ``now`` is when the fortnight begins."""
    creditors = [
        Creditor(name=name, kind=kind, phone=phone, agencies_public=agencies, agencies_engaged=_engaged(agencies, now))
        for name, kind, phone, agencies in CREDITORS
    ]
    session.add_all(creditors)
    session.flush()
    for person in everybody:
        debtor = _add_debtor(session, person)
        session.add(_account(person, debtor.id, creditors[person.creditor].id, now))
        session.add_all(_points(person, debtor.id, now))
    session.flush()
    _add_agreements(session, everybody, now)


def _engaged(agencies: str, now: datetime) -> str:
    """Since when the agencies have worked for their creditor: their first evaluation is not due yet."""
    day = (now - timedelta(days=200)).date()
    return "\n".join(f"{day.isoformat()} {agency}" for agency in agencies.splitlines())


def settle(session: Session, numbers: tuple[int, ...], at: datetime) -> None:
    """The creditor's file of the day says that these debts are paid."""
    for number in numbers:
        account = session.scalars(select(Account).join(Debtor).where(Debtor.ref == f"D{number:04}")).one()
        account.settled_at = at


def _add_debtor(session: Session, person: Person) -> Debtor:
    debtor = Debtor(
        ref=person.ref,
        name=person.name,
        id_number=person.id_number,
        vulnerable=FLAGS.get(person.number, ""),
        bankruptcy=person.number == BANKRUPT,
    )
    session.add(debtor)
    session.flush()
    return debtor


def _account(person: Person, debtor_id: int, creditor_id: int, now: datetime) -> Account:
    return Account(
        creditor_id=creditor_id,
        debtor_id=debtor_id,
        agency=person.agency,
        product=person.product,
        account_no=person.account_no,
        principal=person.principal,
        interest=person.interest,
        fees=person.fees,
        due_date=person.due_date,
        contract_date=person.due_date - timedelta(days=500),
        collector=person.collector,
        case_no=SUED.get(person.number),
    )


def _points(person: Person, debtor_id: int, now: datetime) -> list[ContactPoint]:
    return [
        ContactPoint(
            ref=person.point_ref(index),
            debtor_id=debtor_id,
            kind=point.kind,
            value=point.value,
            relation=point.relation,
            label=point.label,
            source=point.source,
            reserved=point.reserved,
            agreed_contact=point.agreed,
            liable_evidence=point.liable_evidence,
            refused_at=now if point.label == "同事" and person.number == 14 else None,
        )
        for index, point in enumerate(person.points, 1)
    ]


def _add_agreements(session: Session, everybody: list[Person], now: datetime) -> None:
    wishes = {
        8: ContactAgreement(window_start=time(19), window_end=time(21), evidence="通话录音 REC-0008：希望下班后联系"),
        17: ContactAgreement(channels="sms email", evidence="官方App留言 APP-0017：只接受短信和邮件"),
        25: ContactAgreement(max_per_day=1, evidence="通话录音 REC-0025：每天最多联系一次"),
    }
    for number, agreement in wishes.items():
        ref = everybody[number - 1].ref
        agreement.debtor_id = session.scalars(select(Debtor.id).where(Debtor.ref == ref)).one()
        agreement.since, agreement.recorded_by = now, everybody[number - 1].collector
        session.add(agreement)
