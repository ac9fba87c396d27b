"""``submit``: the one way out. Everything that may reach somebody, and every note, comes through here.

One transaction, in this order:

1. lock the debtor's row, in a statement of its own: a count taken in the same statement sees a snapshot older
   than the lock, and limits are exceeded;
2. look for the sender's id: the same body gets the first answer again, another body a ``Conflict``;
3. read the history and ask the judge, who does no I/O; whatever it raises is a refusal;
4. write the ledger entry, whose head everybody waits for, and outreach, words and review item;
5. commit. A database failure raises and nothing is kept.

What threads of one process submit at the same time for different debtors goes through these steps together, each step
once for all, and is answered after the commit (``compliance.together``). A group waits for nobody's debtor: who finds
the debtor locked by somebody else waits by itself, and holds up no other. What fails together is tried one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import mask_text
from compliance.database import Database, RowIds, table_of
from compliance.gate import permits
from compliance.gate.checking import check_submission
from compliance.gate.deciding import Decided, Gate, Ticket, decide, digest_body, earlier_answer, refusal
from compliance.gate.inputs import digest_inputs
from compliance.gate.models import Outreach, OutreachText, Review
from compliance.gate.notes import flag_unrecorded
from compliance.gate.record import store_answer, store_verdict
from compliance.gate.screening import local_day
from compliance.gate.tokens import PermitKeys, digest_text
from compliance.gate.types import DEFAULTS, Actor, Condition, GateSettings, Receipt, Submission
from compliance.judge import Judge
from compliance.judge.types import Decision
from compliance.ledger import Act
from compliance.prepared import Change, Round, one_trip
from compliance.together import Alone

_OUTREACH = table_of(Outreach)
_REVIEW = table_of(Review)
_IDS, _REVIEW_IDS = RowIds(_OUTREACH), RowIds(_REVIEW)
_ADD, _ADD_TEXT, _ADD_REVIEW = (
    Change(insert(_OUTREACH)),
    Change(insert(table_of(OutreachText))),
    Change(insert(_REVIEW)),
)
_EMPTY = dict.fromkeys(_OUTREACH.c.keys())
_EMPTY_REVIEW = dict.fromkeys(_REVIEW.c.keys())


def submit(
    db: Database,
    judge: Judge,
    submission: Submission,
    actor: Actor,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
    conditions: Sequence[Condition] = (),
) -> Receipt:
    """Decide on one message, call or note, and record it. ``conditions``: what else must hold when that is done.

    Raises:
        InvalidInput: the submission cannot be used; nothing is kept.
        Conflict: the id was used for another body.
        Unavailable: the clock has been set back; nothing is kept.
        DBAPIError: the database failed; nothing is kept.
        what a condition gives that does not hold; nothing is kept.
    """
    checked = check_submission(submission, settings)
    ticket = Ticket(Gate(judge, keys, settings), checked, actor, now, conditions)
    try:
        return db.together(_submit_all, ticket, checked.debtor)
    except IntegrityError:
        # The same id for another debtor was committed while this one waited on no common lock.
        with db.read() as session:
            refused = refusal(session, conditions)
            earlier = earlier_answer(session, checked, actor)
        if refused is not None:
            raise refused from None
        if earlier is None:
            raise
        return earlier


def _submit_all(db: Database, tickets: Sequence[Ticket], alone: bool) -> Sequence[Receipt | Exception | Alone]:
    """For each ticket, all of different debtors, its receipt or what is to be raised for it."""
    return db.run_rows(lambda connection: _submit(connection, tickets, wait=alone))


def _submit(connection: Connection, tickets: Sequence[Ticket], *, wait: bool) -> list[Receipt | Exception | Alone]:
    questions = Round()
    tell_ids = _IDS.ask(questions, connection, len(tickets))
    found = decide(connection, tickets, questions, wait=wait)
    decided = [one for one in found if isinstance(one, Decided)]
    receipts = iter(_write(connection, decided, tell_ids()) if decided else ())
    return [next(receipts) if isinstance(one, Decided) else one for one in found]


def _write(connection: Connection, decided: Sequence[Decided], free: Sequence[int]) -> list[Receipt]:
    """The ledger's entries, the rows of the outreach, their words and what waits for an officer. ``free``: ids for
    the rows, at least as many as were decided."""
    ids = free[: len(decided)]
    rows = [{**_row(one, id_), **_permit(one, id_)} for one, id_ in zip(decided, ids, strict=True)]
    notes = [(one, id_) for one, id_ in zip(decided, ids, strict=True) if one.ticket.submission.channel == "note"]
    with one_trip(connection, last=not notes):
        heads = ledger.append_all(connection, [_act(one, row) for one, row in zip(decided, rows, strict=True)])
        _ADD.run(connection, *({**row, "ledger_seq": head.seq} for row, head in zip(rows, heads, strict=True)))
        _ADD_TEXT.run(connection, *(_words(one, id_) for one, id_ in zip(decided, ids, strict=True)))
        held = [(one, id_) for one, id_ in zip(decided, ids, strict=True) if _waits_for_officer(one)]
        if held:
            numbers = _REVIEW_IDS.take(connection, len(held))
            _ADD_REVIEW.run(connection, *(
                _EMPTY_REVIEW | {"id": number, "outreach_id": id_, "created_at": one.ticket.now, "state": "waiting"}
                for (one, id_), number in zip(held, numbers, strict=True)
            ))  # fmt: skip
    for one, id_ in notes:
        _read_note(connection, id_, one.ticket.now)
    return [_receipt(*three) for three in zip(decided, rows, heads, strict=True)]


def _row(decided: Decided, id: int) -> dict[str, Any]:
    ticket, subject, verdict = decided.ticket, decided.subject, decided.verdict
    submission, debtor, account, text = ticket.submission, subject.debtor, subject.account, ticket.submission.text
    return _EMPTY | {
        "id": id,
        "client_id": submission.id,
        "body_digest": digest_body(submission, ticket.actor),
        "debtor_id": debtor.id,
        "account_id": account.id if account else None,
        "contact_point_id": subject.point.id if subject.point else None,
        "creditor_id": account.creditor_id if account else None,
        "channel": submission.channel,
        "audience": decided.message.audience,
        "stage": decided.message.stage,
        "lang": submission.lang,
        "collector": ticket.actor.name,
        "trained_until": ticket.actor.trained_until,
        "visitors": submission.visitors,
        "line": submission.line,
        "at": decided.at,
        "local_day": local_day(debtor, decided.at),
        "created_at": ticket.now,
        "state": decided.state,
        "decision": verdict.decision.value,
        "text_digest": digest_text(text) if text else None,
        "masked": mask_text(text, (debtor.name,)) if text else None,
        "verdict": store_verdict(verdict),
        "answer": store_answer(verdict, decided.state),
        "pack_digest": verdict.digest,
        "tries": 0,
    }


def _permit(decided: Decided, id: int) -> dict[str, Any]:
    """The columns of the permit, where there is one."""
    submission, point, gate = decided.ticket.submission, decided.subject.point, decided.ticket.gate
    if decided.state != "permitted" or point is None:
        return {}
    digest = digest_text(submission.text)
    return permits.make(id, submission.channel, digest, point.value, gate.keys, decided.at, gate.settings)


def _words(decided: Decided, id: int) -> dict[str, Any]:
    verdict = decided.verdict
    return {
        "outreach_id": id,
        "text": decided.ticket.submission.text,
        "suggestion": verdict.suggestion,
        "instead": [finding.instead for finding in verdict.findings],
        "inputs": decided.inputs,
        "erased_at": None,
    }


def _waits_for_officer(decided: Decided) -> bool:
    return decided.state != "permitted" and decided.verdict.decision is Decision.REVIEW


def _read_note(connection: Connection, id: int, now: datetime) -> None:
    with Session(connection, expire_on_commit=False) as session:
        flag_unrecorded(session, session.get_one(Outreach, id), now)
        session.flush()


def _act(decided: Decided, row: dict[str, Any]) -> Act:
    ticket, subject, verdict = decided.ticket, decided.subject, decided.verdict
    body = {
        "debtor": subject.debtor.ref,
        "account": subject.account.account_no if subject.account else None,
        "contact_point": subject.point.ref if subject.point else None,
        "channel": row["channel"],
        "audience": row["audience"],
        "stage": row["stage"],
        "at": decided.at.astimezone(UTC).isoformat(),
        "text": row["masked"],
        "text_digest": row["text_digest"],
        "inputs_digest": digest_inputs(decided.inputs),
        "decision": row["decision"],
        "state": row["state"],
        "findings": [[finding.rule, finding.category, finding.decision.value] for finding in verdict.findings],
        "pack": [verdict.pack, verdict.version, verdict.digest],
        "permit": row["permit_nonce"],
    }
    return Act(ticket.now, ticket.actor.name, "outreach:decided", f"outreach:{ticket.submission.id}", body)


def _receipt(decided: Decided, row: dict[str, Any], head: ledger.Head) -> Receipt:
    verdict = decided.verdict
    return Receipt(
        id=decided.ticket.submission.id,
        decision=verdict.decision,
        state=decided.state,
        findings=verdict.findings,
        suggestion=verdict.suggestion,
        permit=row["permit"],
        next_allowed_at=verdict.next_allowed_at,
        remaining=dict(verdict.remaining),
        ledger_seq=head.seq,
    )
