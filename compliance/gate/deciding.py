"""Deciding on submissions while their debtors are locked: read what must be known, ask the judge, write nothing.

What is asked of the database for several of them is asked together, in rounds: where the answer to one question
decides the next, everybody's next questions make the next round.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from compliance.casebook import (
    ACCOUNTS_OF,
    POINT_OF,
    AccountRow,
    DebtorRow,
    PointRow,
    account_of,
    ask_facts,
    in_order,
    lock_free_rows,
    lock_row,
    the_point,
)
from compliance.database import table_of
from compliance.gate.checking import check_clock, check_send_at
from compliance.gate.inputs import pack_inputs
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.record import first_answer
from compliance.gate.screening import (
    Case,
    ask_message,
    hold_unknown_relation,
    judge_failed,
    judge_safely,
)
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import (
    KINDS_OF_CHANNEL,
    Actor,
    Condition,
    Conflict,
    GateSettings,
    Receipt,
    Submission,
    Unavailable,
)
from compliance.judge import Judge
from compliance.judge.facts import ContactFacts
from compliance.judge.types import Decision, InvalidInput, Message, Verdict
from compliance.prepared import Answer, Asked, Query, Round
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
    conditions: Sequence[Condition] = ()


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
_BODY = json.JSONEncoder(sort_keys=True)
_KNOWN = Query(select(_ROWS.id, _ROWS.body_digest).where(_ROWS.client_id == bindparam("client_id")), _Known)


Outcome = Decided | Receipt | Exception | Alone


def decide(connection: Connection, tickets: Sequence[Ticket], questions: Round, *, wait: bool) -> list[Outcome]:
    """Lock the debtors, all different, and decide; for each ticket what was decided, or the first answer where it has
    been decided on before, or what is to be raised:

        InvalidInput: the submission cannot be used.
        Conflict: the id was used for another body.
        Unavailable: the clock has been set back.
        what a condition of the ticket gives, where it does not hold.

    ``questions``: what else is to be asked, with the first that is asked for a debtor.
    Without ``wait``: ``ALONE`` where somebody else has locked the debtor, or there is none. With it there is one
    ticket.
    """
    found: dict[int, Outcome] = {}
    going: dict[int, Generator[None, None, Decided | Receipt | Exception]] = {}
    locked = _lock(connection, tickets, wait=wait)
    for place, ticket in enumerate(tickets):
        debtor = locked.get(ticket.submission.debtor)
        if debtor is not None:
            going[place] = _decide(connection, questions, debtor, ticket)
        elif wait:
            unknown = InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
            found[place] = refusal(connection, ticket.conditions) or unknown
        else:
            found[place] = ALONE
    while going:
        for place, steps in list(going.items()):
            try:
                next(steps)
            except StopIteration as end:
                found[place] = end.value
            except (InvalidInput, Conflict, Unavailable) as error:
                found[place] = error
            if place in found:
                del going[place]
        questions.ask(connection)
    return [found[place] for place in range(len(tickets))]


def _lock(connection: Connection, tickets: Sequence[Ticket], *, wait: bool) -> dict[str, DebtorRow]:
    """The debtors that are locked now, by reference."""
    refs = sorted(ticket.submission.debtor for ticket in tickets)
    if not wait:
        return lock_free_rows(connection, refs)
    (ref,) = refs
    debtor = lock_row(connection, ref)
    return {} if debtor is None else {ref: debtor}


def _decide(
    connection: Connection, questions: Round, debtor: DebtorRow, ticket: Ticket
) -> Generator[None, None, Decided | Receipt | Exception]:
    """The steps of one decision; between them the round of questions is asked. Raises what ``decide`` names, and gives
    what a condition raises."""
    submission, now, settings = ticket.submission, ticket.now, ticket.gate.settings
    conditions = [(one, questions.add(one.query, one.values)) for one in ticket.conditions]
    known = questions.add(_KNOWN, {"client_id": submission.id})
    accounts = questions.add(ACCOUNTS_OF, {"debtor": debtor.id})
    points: Answer[PointRow] | None = None
    if submission.contact_point is not None:
        points = questions.add(POINT_OF, {"ref": submission.contact_point, "debtor": debtor.id})
    yield
    for condition, found in conditions:
        if refused := condition.refusal(found.rows):
            return refused
    if known.rows:
        return _told_again(connection, known.rows[0], submission, ticket.actor)
    subject = _find(debtor, points, in_order(accounts.rows), submission)
    at = check_send_at(submission.send_at, now, settings)
    tell_message = ask_message(
        questions, subject.case, channel=submission.channel, text=submission.text, lang=submission.lang, at=at,
        settings=settings,
    )  # fmt: skip
    tell_facts = ask_facts(questions, debtor, subject.point, subject.accounts, at, now) if subject.point else None
    yield
    message = tell_message()
    facts = _facts(tell_facts(), ticket) if tell_facts else None
    verdict, state = settle(subject.case, submission.channel, judge_safely(ticket.gate.judge, message, facts, at))
    return Decided(ticket, subject, message, pack_inputs(message, facts, at), verdict, state, at)


def refusal(on: Asked, conditions: Sequence[Condition]) -> Exception | None:
    """What the first condition gives that does not hold."""
    refused = (one.refusal(one.query.all(on, one.values)) for one in conditions)
    return next((one for one in refused if one is not None), None)


def earlier_answer(session: Session, submission: Submission, actor: Actor) -> Receipt | None:
    """What was answered when this id came first.

    Raises:
        Conflict: it came with another body.
    """
    known = _KNOWN.first(session, {"client_id": submission.id})
    return None if known is None else _told_again(session.connection(), known, submission, actor)


def _told_again(connection: Connection, known: _Known, submission: Submission, actor: Actor) -> Receipt:
    """The first answer. Raises ``Conflict`` where another body came with this id."""
    if known.body_digest != digest_body(submission, actor):
        raise Conflict("这个编号已经用于另一条内容。", code="id_reused")
    with Session(connection) as session:
        return first_answer(session.get_one(Outreach, known.id), session.get(OutreachText, known.id))


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
    return hashlib.sha256(_BODY.encode(body).encode()).hexdigest()


def settle(case: Case, channel: str, verdict: Verdict) -> tuple[Verdict, str]:
    """The state that the verdict leads to. A note tells what has happened: it is never stopped."""
    if channel == "note":
        decision = min(verdict.decision, Decision.REVIEW, key=lambda decision: decision.rank)
        return replace(verdict, decision=decision), "recorded"
    if judge_failed(verdict):
        return verdict, "refused"
    verdict = hold_unknown_relation(case, verdict)
    return verdict, STATE_OF[verdict.decision]


def _find(
    debtor: DebtorRow, points: Answer[PointRow] | None, accounts: list[AccountRow], submission: Submission
) -> Subject:
    point = None if points is None else the_point(points.rows)
    if point is not None and point.kind not in KINDS_OF_CHANNEL[submission.channel]:
        raise InvalidInput("这个联系方式不能用于该渠道。", code="wrong_kind", field="contact_point")
    account = account_of(accounts, submission.account)
    return Subject(debtor, point, account, accounts if account is None else [account])


def _facts(facts: ContactFacts, ticket: Ticket) -> ContactFacts:
    """With what the submission itself tells."""
    check_clock(facts, ticket.now)
    submission, trained_until = ticket.submission, ticket.actor.trained_until
    return replace(
        facts, collector_trained_until=trained_until, visitors=submission.visitors, line=submission.line
    )  # fmt: skip
