"""Deciding on one submission while its debtor is locked: read what must be known, ask the judge, write nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from compliance.casebook import (
    AccountRow,
    DebtorRow,
    PointRow,
    account_of,
    accounts_of,
    gather_facts,
    lock_row,
    point_of,
)
from compliance.database import table_of
from compliance.gate.checking import check_clock, check_send_at
from compliance.gate.inputs import pack_inputs
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.record import first_answer
from compliance.gate.screening import (
    Case,
    build_message,
    hold_unknown_relation,
    judge_failed,
    judge_safely,
)
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import KINDS_OF_CHANNEL, Actor, Conflict, GateSettings, Receipt, Submission
from compliance.judge import Judge
from compliance.judge.facts import ContactFacts
from compliance.judge.types import Decision, InvalidInput, Message, Verdict
from compliance.prepared import Asked, Query
from compliance.together import ALONE, Alone

STATE_OF = {Decision.ALLOW: "permitted", Decision.REVIEW: "held", Decision.BLOCK: "blocked"}


@dataclass(frozen=True, slots=True)
class Gate:
    """What every submission of one process is decided with."""

    judge: Judge
    keys: PermitKeys
    settings: GateSettings


@dataclass(frozen=True, slots=True)
class Ticket:
    """A submission that waits to be decided on, with who submits it, when, and by what it is decided."""

    gate: Gate
    submission: Submission
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows that a submission is about. ``point`` is ``None`` for a note."""

    debtor: DebtorRow
    point: PointRow | None
    account: AccountRow | None
    accounts: list[AccountRow]
    """The account alone; where none is meant, every one of the debtor."""

    @property
    def case(self) -> Case:
        return Case(self.debtor, self.account, self.point)


@dataclass(frozen=True, slots=True)
class Decided:
    """A submission with all that was decided about it, about to be written down."""

    ticket: Ticket
    subject: Subject
    message: Message
    inputs: bytes
    """All that the judge was given but the words, to be decided on again."""
    verdict: Verdict
    state: str
    at: datetime


class _Known(NamedTuple):
    id: int
    body_digest: str


_ROWS = table_of(Outreach).c
_KNOWN = Query(select(_ROWS.id, _ROWS.body_digest).where(_ROWS.client_id == bindparam("client_id")), _Known)


def decide(connection: Connection, ticket: Ticket, *, wait: bool) -> Decided | Receipt | Alone:
    """Lock the debtor, and decide; or the first answer, where the submission has been decided on before.

    Without ``wait``: ``ALONE`` where somebody else has locked the debtor, or there is none.

    Raises:
        InvalidInput: the submission cannot be used.
        Conflict: the id was used for another body.
        Unavailable: the clock has been set back.
    """
    submission, now = ticket.submission, ticket.now
    debtor = lock_row(connection, submission.debtor, wait=wait)
    if debtor is None:
        if not wait:
            return ALONE
        raise InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
    earlier = earlier_answer(connection, submission, ticket.actor)
    if earlier is not None:
        return earlier
    subject = _find(connection, debtor, submission)
    case = subject.case
    at = check_send_at(submission.send_at, now, ticket.gate.settings)
    message = build_message(
        connection, case, channel=submission.channel, text=submission.text, lang=submission.lang, at=at,
        settings=ticket.gate.settings,
    )  # fmt: skip
    facts = _facts(connection, subject, ticket, at)
    verdict, state = settle(case, submission.channel, judge_safely(ticket.gate.judge, message, facts, at))
    return Decided(ticket, subject, message, pack_inputs(message, facts, at), verdict, state, at)


def earlier_answer(on: Asked, submission: Submission, actor: Actor) -> Receipt | None:
    """What was answered when this id came first.

    Raises:
        Conflict: it came with another body.
    """
    known = _KNOWN.first(on, {"client_id": submission.id})
    if known is None:
        return None
    if known.body_digest != digest_body(submission, actor):
        raise Conflict("这个编号已经用于另一条内容。", code="id_reused")
    if isinstance(on, Session):
        return first_answer(on.get_one(Outreach, known.id), on.get(OutreachText, known.id))
    with Session(on) as session:
        return earlier_answer(session, submission, actor)


def digest_body(submission: Submission, actor: Actor) -> str:
    """SHA-256 of everything that makes two submissions the same, who submits included."""
    body = {
        "actor": actor.name,
        "debtor": submission.debtor,
        "contact_point": submission.contact_point,
        "account": submission.account,
        "channel": submission.channel,
        "text": submission.text,
        "lang": submission.lang,
        "visitors": submission.visitors,
        "send_at": submission.send_at.astimezone(UTC).isoformat() if submission.send_at else None,
    }
    if submission.line is not None:  # what was submitted before there were lines keeps its digest
        body["line"] = submission.line
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def settle(case: Case, channel: str, verdict: Verdict) -> tuple[Verdict, str]:
    """The state that the verdict leads to. A note tells what has happened: it is never stopped."""
    if channel == "note":
        decision = min(verdict.decision, Decision.REVIEW, key=lambda decision: decision.rank)
        return replace(verdict, decision=decision), "recorded"
    if judge_failed(verdict):
        return verdict, "refused"
    verdict = hold_unknown_relation(case, verdict)
    return verdict, STATE_OF[verdict.decision]


def _find(connection: Connection, debtor: DebtorRow, submission: Submission) -> Subject:
    point = None
    if submission.contact_point is not None:
        point = point_of(connection, debtor.id, submission.contact_point)
        if point.kind not in KINDS_OF_CHANNEL[submission.channel]:
            raise InvalidInput("这个联系方式不能用于该渠道。", code="wrong_kind", field="contact_point")
    accounts = accounts_of(connection, debtor.id)
    account = account_of(accounts, submission.account)
    return Subject(debtor, point, account, accounts if account is None else [account])


def _facts(connection: Connection, subject: Subject, ticket: Ticket, at: datetime) -> ContactFacts | None:
    """``None`` for a note, which goes nowhere."""
    if subject.point is None:
        return None
    facts = gather_facts(connection, subject.debtor, subject.point, subject.accounts, at, ticket.now)
    check_clock(facts, ticket.now)
    submission, trained_until = ticket.submission, ticket.actor.trained_until
    return replace(
        facts, collector_trained_until=trained_until, visitors=submission.visitors, line=submission.line
    )  # fmt: skip
