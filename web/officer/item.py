"""What an officer sees beside one item: the words, the findings, the case, the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from compliance import review, rights
from compliance.casebook import days_past_due, load_stages, mask_contact, mask_name, mask_text
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate import visit_told_by
from compliance.gate.models import Outreach, VisitRecord
from compliance.gate.types import Actor
from compliance.judge.types import Decision, Finding
from compliance.review import DecidedFinding, ReviewItem
from compliance.review.models import Review
from compliance.rights.models import PaymentOffer, RightsRequest
from compliance.rights.offers import PAYER
from web.lawbook import RuleText, rule_text
from web.marking import Piece, pieces
from web.outreach import Shown, timeline
from web.scripts import product_name


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding with its place in the verdict, the law behind it, and the officer's word where there is one."""

    index: int
    finding: Finding
    law: tuple[RuleText, ...]
    decided: DecidedFinding | None


@dataclass(frozen=True, slots=True)
class Facts:
    """The case, masked."""

    debtor: str
    name: str
    account: Account | None
    product: str
    days_past_due: int | None
    contact_point: str | None
    relation: str | None


@dataclass(frozen=True, slots=True)
class ItemPage:
    item: ReviewItem
    reasons: list[Reason]
    pieces: list[Piece]
    facts: Facts
    history: list[Shown]
    requests: list[RightsRequest]
    mine: bool
    visit: VisitRecord | None
    """The sheet that the note goes with, where it tells of a visit."""
    visit_outcome: str | None
    """What came of that visit."""
    offer: tuple[PaymentOffer, str] | None
    """That this person offered to pay this account, with their words masked, while it holds."""

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids release, whoever asks."""
        return any(reason.finding.decision is Decision.BLOCK for reason in self.reasons)

    @property
    def decided(self) -> bool:
        return self.item.decided_at is not None


def open_page(session: Session, review_id: int, officer: Actor, pack: str, now: datetime) -> ItemPage:
    """The item and what surrounds it. Raises as ``review.open_item``."""
    item = review.open_item(session, review_id, officer)
    outreach = _outreach(session, review_id)
    debtor = session.get_one(Debtor, outreach.debtor_id)
    earlier: list[Shown] = []
    if outreach.creditor_id is not None:
        earlier = [
            one for one in timeline(session, debtor.id, outreach.creditor_id, 12) if one.outreach.id != outreach.id
        ]
    line = item.line
    visit = visit_told_by(session, outreach) if outreach.channel == "note" else None
    return ItemPage(
        item=item,
        reasons=_reasons(item, pack),
        pieces=pieces(item.text, item.findings) if item.text else [],
        facts=_facts(session, outreach, debtor, now),
        history=earlier,
        requests=rights.open_requests(session, debtor.id),
        mine=line.state == "taken" and line.officer == officer.name and not line.own,
        visit=visit,
        visit_outcome=session.get_one(Outreach, visit.outreach_id).outcome if visit else None,
        offer=_offer(session, outreach, debtor),
    )


def _offer(session: Session, outreach: Outreach, debtor: Debtor) -> tuple[PaymentOffer, str] | None:
    if outreach.account_id is None or outreach.audience != PAYER:
        return None
    for offer in rights.open_offers(session, outreach.account_id):
        if offer.contact_point_id == outreach.contact_point_id:
            return offer, mask_text(offer.words, (debtor.name,))
    return None


def _outreach(session: Session, review_id: int) -> Outreach:
    query = (
        select(Outreach)
        .join(Review, Review.outreach_id == Outreach.id)
        .options(joinedload(Outreach.contact_point))
        .where(Review.id == review_id)
    )
    return session.scalars(query).one()


def _reasons(item: ReviewItem, pack: str) -> list[Reason]:
    """The gravest first, then in the order of the text."""
    words = {one.finding: one for one in item.decisions}
    reasons = [
        Reason(index, finding, tuple(rule_text(pack, cite) for cite in finding.cites), words.get(index))
        for index, finding in enumerate(item.findings)
    ]
    return sorted(reasons, key=lambda reason: (-reason.finding.decision.rank, reason.index))


def _facts(session: Session, outreach: Outreach, debtor: Debtor, now: datetime) -> Facts:
    account = None
    if outreach.account_id is not None:
        account = session.get(Account, outreach.account_id, options=[joinedload(Account.creditor)])
    point: ContactPoint | None = outreach.contact_point
    return Facts(
        debtor=debtor.ref,
        name=mask_name(debtor.name),
        account=account,
        product=product_name(account.product) if account else "",
        days_past_due=days_past_due(account.due_date, load_stages().local_day(now)) if account else None,
        contact_point=mask_contact(point.kind, point.value) if point else None,
        relation=point.relation if point else None,
    )
