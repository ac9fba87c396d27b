"""One collection floor and its clock: every act of the demo goes through the same functions as a real one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from compliance import rights
from compliance.casebook.models import Account, Creditor, Debtor
from compliance.database import Database
from compliance.gate.channels.protocol import Delivery
from compliance.gate.dispatch import dispatch_once
from compliance.gate.outcome import record_outcome
from compliance.gate.submit import submit
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import Actor, Receipt, Submission
from compliance.judge import Judge
from scripts_library import account_slots, fill
from scripts_library.slots import day
from web.demo.people import STAFF, STAFF_NO, Person
from web.demo.texts import NOTES

TRAINED = timedelta(days=200)
_DISPLAY = {name: shown for name, shown, _, _ in STAFF}


class Nowhere:
    """A channel that delivers to nobody and keeps the references: the past is told, not sent again."""

    accepts_keys = True

    def __init__(self) -> None:
        self.kept: list[str] = []

    def deliver(self, delivery: Delivery) -> str:
        """The delivery's own key as the receiver's reference."""
        self.kept.append(delivery.key)
        return f"demo:{delivery.key[:12]}"


@dataclass
class Floor:
    """The people at work, and how each act is done."""

    db: Database
    judge: Judge
    keys: PermitKeys
    rng: Random
    now: datetime
    """The present; every act lies before it."""
    count: int = 0
    channel: Nowhere = field(default_factory=Nowhere)

    def actor(self, name: str) -> Actor:
        role = next(role for known, _, role, _ in STAFF if known == name)
        return Actor(name, role, (self.now + TRAINED).date())

    def call(self, person: Person, outcome: str, at: datetime) -> None:
        """Ask for a permit, dial, write down what came of it, and a note."""
        receipt = self._submit(person, "call", at, point=1)
        if receipt.permit is None:
            return
        actor, later = self.actor(person.collector), at + timedelta(minutes=3)
        record_outcome(self.db, receipt.id, outcome, at + timedelta(minutes=1), actor, later)
        promise = day((at + timedelta(days=self.rng.randrange(3, 9))).date())
        self.note(person, self.rng.choice(NOTES[outcome]).replace("{promise}", promise), later + timedelta(minutes=2))

    def write(self, person: Person, channel: str, text: str, at: datetime) -> Receipt:
        """Submit words to the debtor; what is permitted is dispatched within the minute."""
        index = 1 + next(i for i, point in enumerate(person.points) if point.kind == _KIND[channel])
        receipt = self._submit(person, channel, at, point=index, text=self.filled(person, text, at))
        if receipt.permit is not None:
            dispatch_once(
                self.db, self.judge, {channel: self.channel}, "demo", at + timedelta(seconds=30), self.keys, limit=1
            )
        return receipt

    def note(self, person: Person, text: str, at: datetime) -> Receipt:
        return self._submit(person, "note", at, text=text)

    def ring_third_party(self, person: Person, at: datetime) -> Receipt:
        """Dial the first contact who is not liable, if the policy lets it."""
        index = 1 + next(i for i, point in enumerate(person.points) if point.relation == "other_third_party")
        return self._submit(person, "call", at, point=index)

    def give_notice(self, person: Person, type: str, evidence: str, at: datetime) -> None:
        debtor_id, account_id = self._ids(person)
        self.db.run(
            lambda session: rights.give_notice(
                session,
                debtor_id=debtor_id,
                account_id=account_id,
                type=type,
                channel="sms",
                evidence=evidence,
                at=at,
                actor=person.collector,
                now=at + timedelta(minutes=1),
            )
        )

    def receive_request(self, person: Person, type: str, channel: str, evidence: str, at: datetime) -> str:
        debtor_id, account_id = self._ids(person)
        request = self.db.run(
            lambda session: rights.receive_request(
                session,
                debtor_id=debtor_id,
                account_id=account_id,
                type=type,
                channel=channel,
                evidence=evidence,
                at=at,
                actor=person.collector,
                now=at + timedelta(minutes=5),
            )
        )
        return request.ref

    def filled(self, person: Person, text: str, at: datetime) -> str:
        """``text`` with the facts of the person's account."""
        with self.db.read() as session:
            account = session.scalars(select(Account).where(Account.account_no == person.account_no)).one()
            slots = account_slots(
                session.get_one(Debtor, account.debtor_id), account, session.get_one(Creditor, account.creditor_id),
                on=at.date(), collector_no=STAFF_NO[person.collector], caller=_DISPLAY[person.collector],
            )  # fmt: skip
        return fill(text, slots)

    def _submit(
        self, person: Person, channel: str, at: datetime, *, point: int | None = None, text: str | None = None
    ) -> Receipt:
        self.count += 1
        submission = Submission(
            id=f"demo-{self.count:04}",
            debtor=person.ref,
            channel=channel,
            contact_point=person.point_ref(point) if point else None,
            text=text,
            account=person.account_no,
        )
        return submit(self.db, self.judge, submission, self.actor(person.collector), at, keys=self.keys)

    def _ids(self, person: Person) -> tuple[int, int]:
        with self.db.read() as session:
            query = select(Account.debtor_id, Account.id).where(Account.account_no == person.account_no)
            debtor_id, account_id = session.execute(query).one()
        return debtor_id, account_id


_KIND = {"sms": "mobile", "im": "mobile", "email": "email", "letter": "address"}
