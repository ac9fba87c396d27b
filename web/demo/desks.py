"""What else an officer finds on the first day: appeals, a sample, messages of debtors, and a debtor's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.review import draw, file_appeal, give_opinion, take_sample
from compliance.rights.models import DebtorCode
from web.demo.floor import Floor
from web.demo.people import Person

SHARE = 0.2
"""Of what was allowed on a day; more than usual, so that a small floor has a sample."""
INBOUND = (
    (6, "sms", 12, "账单上那笔违约金我不认，金额不对，麻烦重新核对一下再联系我。"),
    (20, "im", 12, "我白天上班不方便接电话，晚上七点以后再打，也别打到单位去。"),
    (33, "sms", 13, "我妈住院了，这个月实在还不上，能不能分期？"),
)
"""Debtor's number, channel, day, words."""
APPEALS = {
    "blocked": "只是复述客户自己说的话，不是我的意思，请复核。",
    "returned": "月底是账单上的约定还款日，不是我自己定的期限。",
}
"""Against what, and the collector's reason."""

Act = tuple[datetime, Callable[[datetime], object]]


def desk_acts(floor: Floor, everybody: list[Person], start: datetime, secret: str) -> Iterator[Act]:
    """What happens beside the calls and messages of the fortnight that begins at ``start``."""
    for number, channel, days, words in INBOUND:
        at = start + timedelta(days=days, hours=20, minutes=number)
        yield at, partial(_receive, floor, everybody[number - 1], channel, words)
    for index, (against, reason) in enumerate(APPEALS.items()):
        yield start + timedelta(days=13, hours=9, minutes=30 + index), partial(_appeal, floor, against, reason)
    for days in (11, 12, 13):
        yield start + timedelta(days=days, hours=8, minutes=5), partial(_draw, floor, secret)
    yield start + timedelta(days=13, hours=8, minutes=20), partial(_look, floor)
    yield start + timedelta(days=13, hours=9), partial(_offer, floor, secret)


def code_of(db: Database, secret: str) -> str | None:
    """The code that opens a debtor's page; ``None`` where the demo offered none."""
    with db.read() as session:
        outreach = session.scalar(select(DebtorCode.outreach).where(DebtorCode.outreach.startswith("demo-")).limit(1))
    return rights.make_code(secret, outreach) if outreach else None


def _receive(floor: Floor, person: Person, channel: str, words: str, at: datetime) -> None:
    def work(session: Session) -> None:
        debtor = session.scalars(select(Debtor.id).where(Debtor.ref == person.ref)).one()
        rights.receive_inbound(
            session, ref=f"demo-in-{person.number:02}", debtor_id=debtor, channel=channel, text=words, at=at,
            actor="gateway", now=at + timedelta(minutes=1),
        )  # fmt: skip

    floor.db.run(work)


def _appeal(floor: Floor, against: str, reason: str, at: datetime) -> None:
    query = select(Outreach.client_id, Outreach.collector).where(
        Outreach.state == against, Outreach.channel.in_(("sms", "im", "email")), Outreach.created_at < at
    )
    with floor.db.read() as session:
        found = session.execute(query.order_by(Outreach.id.desc()).limit(1)).one_or_none()
    if found is not None:
        file_appeal(floor.db, found.client_id, reason, floor.actor(found.collector), at)


def _draw(floor: Floor, secret: str, at: datetime) -> None:
    """The sample of the day before."""
    today = at.date()
    draw(floor.db, secret, today - timedelta(days=1), today, SHARE, floor.actor("zhao"), at)


def _look(floor: Floor, at: datetime) -> None:
    """One officer has looked at two of them."""
    for minutes in (0, 3):
        officer, later = floor.actor("zhao"), at + timedelta(minutes=minutes)
        sample = take_sample(floor.db, officer, later)
        if sample is not None:
            give_opinion(floor.db, sample, "allow", "", officer, later)


def _offer(floor: Floor, secret: str, at: datetime) -> None:
    """A page for the debtor who was written to last."""
    query = select(Outreach.client_id).where(
        Outreach.state == "sent", Outreach.channel == "sms", Outreach.audience == "debtor", Outreach.created_at < at
    )
    with floor.db.write() as session:
        outreach = session.scalar(query.order_by(Outreach.id.desc()).limit(1))
        if outreach is not None:
            rights.offer_code(session, secret, outreach, at)
