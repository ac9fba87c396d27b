"""A judge that holds state, and a small casebook: what the tests of the gate and of review start from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.submit import submit
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import Actor, Conflict, GateSettings, Receipt, Submission
from compliance.judge.facts import UNCOUNTED_STATES, ContactFacts
from compliance.judge.types import Decision, Finding, InvalidInput, Message, Verdict, strictest

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEYS = PermitKeys.from_secret("a secret of the tests that is long enough")
MING = Actor("ming", "collector", date(2027, 1, 1))
LI = Actor("li", "officer")
WANG = Actor("wang", "officer")
MOBILE = "13800138000"
EMAIL = "zhang@example.com"


@dataclass
class FakeJudge:
    """Blocks 坐牢, holds 起诉, wants quiet from 22:00 to 08:00 and at most ``limit`` contacts a day. Remembers."""

    limit: int = 3
    broken: bool = False
    bars: set[str] = field(default_factory=set)
    """Debtors whom nobody may contact any more."""
    doubts: set[str] = field(default_factory=set)
    """Debtors whose contact needs an officer."""
    threats: list[str] = field(default_factory=lambda: ["坐牢"])
    messages: list[Message] = field(default_factory=list)
    facts: list[ContactFacts | None] = field(default_factory=list)

    def screen(self, message: Message, contact: ContactFacts | None = None, now: datetime | None = None) -> Verdict:
        self.messages.append(message)
        self.facts.append(contact)
        if self.broken:
            raise RuntimeError(f"cannot read {message.text}")
        findings = self._words(message)
        remaining, next_allowed_at = {}, None
        if contact is not None and now is not None:
            contact_findings, left, next_allowed_at = self._contact(contact, now)
            findings += contact_findings
            remaining = {"day": left}
        decision = strictest([finding.decision for finding in findings])
        suggestion = message.text.replace("坐牢", "依法处理") if "坐牢" in message.text else None
        return Verdict(decision, tuple(findings), suggestion, "fake", "1", "f" * 64, next_allowed_at, remaining)

    def _words(self, message: Message) -> list[Finding]:
        found = []
        text = "".join(message.previous) + message.text
        if any(threat in text for threat in self.threats):
            found.append(Finding("fake.jail", "threat", Decision.BLOCK, "不得恐吓。", instead="请依法处理。"))
        if "起诉" in text:
            found.append(Finding("fake.suit", "false_consequence", Decision.REVIEW, "须核实是否已起诉。"))
        return found

    def _contact(self, facts: ContactFacts, now: datetime) -> tuple[list[Finding], int, datetime | None]:
        local = now.astimezone(SHANGHAI)
        used = sum(
            attempt.at.astimezone(SHANGHAI).date() == local.date() and attempt.state not in UNCOUNTED_STATES
            for attempt in facts.attempts
        )
        findings, opens = [], None
        if not 8 <= local.hour < 22:
            opens = local.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=local.hour >= 22)
            findings.append(_objection("fake.hours", "hours", Decision.BLOCK, opens))
        if used >= self.limit:
            opens = local.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
            findings.append(_objection("fake.frequency", "frequency", Decision.BLOCK, opens))
        if facts.debtor in self.bars:
            findings.append(_objection("fake.barred", "rights", Decision.BLOCK, None))
            opens = None
        if facts.debtor in self.doubts:
            findings.append(_objection("fake.doubt", "rights", Decision.REVIEW, None))
        return findings, max(self.limit - used, 0), opens


def _objection(rule: str, category: str, decision: Decision, opens: datetime | None) -> Finding:
    return Finding(rule, category, decision, f"不可联系：{rule}。", source="contact", next_allowed_at=opens)


def populate(db: Database, debtors: int = 2) -> None:
    """Debtors D1, D2, …, each with an account A1, …, a mobile M1, an e-mail E1 and a colleague's mobile C1."""

    def work(session: Session) -> None:
        session.add(Creditor(id=1, name="示例银行", kind="bank"))
        session.flush()
        for number in range(1, debtors + 1):
            _add_debtor(session, number)

    db.run(work)


def _add_debtor(session: Session, number: int) -> None:
    session.add(Debtor(id=number, ref=f"D{number}", name="张三"))
    session.flush()
    session.add(
        Account(
            id=number, creditor_id=1, debtor_id=number, product="credit_card", account_no=f"A{number}",
            principal=Decimal("1000.00"), interest=Decimal("20.50"), fees=Decimal("3.00"), due_date=date(2026, 10, 1),
            collector="ming", case_no="(2026)京0101民初1号",
        )
    )  # fmt: skip
    points: list[dict[str, Any]] = [
        {"ref": f"M{number}", "kind": "mobile", "value": MOBILE, "relation": "self", "reserved": True},
        {"ref": f"E{number}", "kind": "email", "value": EMAIL, "relation": "self"},
        {"ref": f"C{number}", "kind": "mobile", "value": "13900139000", "relation": "other_third_party"},
        {"ref": f"U{number}", "kind": "mobile", "value": "13700137000", "relation": None},
    ]
    session.add_all(ContactPoint(debtor_id=number, source="contract", **point) for point in points)


def sms(id: str, text: str | None = "您好，您的账单已逾期，请尽快还款。", **fields: Any) -> Submission:
    """A text message to the first debtor's own mobile."""
    values = {"debtor": "D1", "contact_point": "M1", "channel": "sms", **fields}
    return Submission(id=id, text=text, **values)


def email(id: str, text: str = "您好，您的账单已逾期，请尽快还款。", **fields: Any) -> Submission:
    """An e-mail to the first debtor."""
    return sms(id, text, **{"contact_point": "E1", "channel": "email", **fields})


def call(id: str, **fields: Any) -> Submission:
    """A call to dial."""
    return sms(id, None, **{"channel": "call", **fields})


def note(id: str, text: str, **fields: Any) -> Submission:
    """A collector's note."""
    return sms(id, text, **{"channel": "note", "contact_point": None, **fields})


def send(
    db: Database, judge: FakeJudge, submission: Submission, now: datetime, actor: Actor = MING, **settings: Any
) -> Receipt:
    """Submit as Ming."""
    return submit(db, judge, submission, actor, now, keys=KEYS, settings=GateSettings(**settings))  # type: ignore[arg-type]


def row(db: Database, client_id: str) -> Outreach:
    """The stored outreach."""
    with db.read() as session:
        return session.scalars(select(Outreach).where(Outreach.client_id == client_id)).one()


def entries(db: Database) -> list[tuple[str, str]]:
    """Kind and subject of every ledger entry, oldest first."""
    with db.read() as session:
        return [(entry.kind, entry.subject) for entry in ledger.entries(session, limit=1_000)]


def at_once(work: list[Any]) -> list[Any]:
    """Each piece of work in a thread of its own, all let go at the same moment; results or what was raised."""
    barrier = Barrier(len(work))

    def run(piece: Any) -> Any:
        barrier.wait()
        try:
            return piece()
        except (Conflict, InvalidInput) as error:
            return error

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))
