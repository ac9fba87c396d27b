"""Erasing what is due and not held: full words and personal fields go, masked text, digests and the ledger stay.

One transaction a debtor: the debtor's row is locked, what is due and what holds it is looked up again, the words go,
and an entry says how many, from when and why. Killed in between, the rest is done the next time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import lock_debtor
from compliance.casebook.models import ContactAgreement, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach, OutreachText
from compliance.retention.finding import Due, find_due
from compliance.retention.policy import RetentionPolicy
from compliance.retention.rows import CALLS, ERASED, TURNS
from compliance.rights.models import Notice, RightsRequest


@dataclass(frozen=True, slots=True)
class Erased:
    """How many words (messages, notes, turns) and people were erased, and how many due things are held."""

    words: int = 0
    people: int = 0
    held: int = 0


def erase(db: Database, policy: RetentionPolicy, now: datetime, actor: str, *, limit: int | None = None) -> Erased:
    """Erase everything that is due and not held; at most ``limit`` things in one go.

    Raises:
        DBAPIError: the database failed; what was erased before stays erased, with its entries.
    """
    with db.read() as session:
        due = find_due(session, policy, now)
    free = [one for one in due if not one.holds]
    words = people = 0
    for one in free[:limit]:
        count = db.run(partial(_erase, policy=policy, due=one, now=now, actor=actor))
        if one.what == "words":
            words += count
        else:
            people += count
    return Erased(words, people, len(due) - len(free))


def _erase(session: Session, policy: RetentionPolicy, due: Due, now: datetime, actor: str) -> int:
    """What is still due under the lock; 0 where a hold came in between or somebody else was first."""
    lock_debtor(session, due.debtor)
    again = [one for one in find_due(session, policy, now, debtor_id=due.debtor_id) if one.what == due.what]
    if not again or again[0].holds:
        return 0
    cutoff, period = policy.cutoff(due.what, now), policy.periods[due.what]
    went = _erase_words(session, due.debtor_id, cutoff, now) if due.what == "words" else _erase_person(session, due)
    body = {
        "what": due.what, "years": period.years, "before": cutoff.isoformat(), "oldest": again[0].oldest.isoformat(),
        "cites": [cite.rule for cite in period.cites], "policy": policy.version, **went,
    }  # fmt: skip
    ledger.append(session, at=now, actor=actor, kind="retention:erased", subject=f"debtor:{due.debtor}", body=body)
    return again[0].count


def _erase_words(session: Session, debtor_id: int, cutoff: datetime, now: datetime) -> dict[str, object]:
    """The words of messages, notes and calls, and what verdicts were decided on, which may quote them."""
    rows = session.execute(
        select(Outreach.id, Outreach.client_id, Outreach.text_digest)
        .join(OutreachText, OutreachText.outreach_id == Outreach.id)
        .where(Outreach.debtor_id == debtor_id, Outreach.created_at < cutoff, OutreachText.erased_at.is_(None))
        .order_by(Outreach.id)
    ).all()
    for start in range(0, len(rows), 500):
        ids = [row.id for row in rows[start : start + 500]]
        gone: dict[str, Any] = {"text": None, "suggestion": None, "instead": [], "inputs": None, "erased_at": now}
        _run(session, update(OutreachText).where(OutreachText.outreach_id.in_(ids)).values(**gone))
    calls = select(CALLS.c.id).where(CALLS.c.debtor_id == debtor_id, CALLS.c.started_at < cutoff)
    turns = (
        update(TURNS)
        .where(TURNS.c.call_id.in_(calls), TURNS.c.text.is_not(None))
        .values(text=None, verdict={}, slots={})
    )
    listed = "".join(f"{row.client_id} {row.text_digest}\n" for row in rows)
    return {
        "texts": len(rows), "turns": _run(session, turns), "list_digest": hashlib.sha256(listed.encode()).hexdigest(),
    }  # fmt: skip


def _erase_person(session: Session, due: Due) -> dict[str, object]:
    """Name, numbers and addresses, and the words that were quoted as evidence. What is erased reaches nobody."""
    debtor = session.get_one(Debtor, due.debtor_id)
    debtor.name, debtor.id_number = ERASED, None
    points = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == debtor.id)).all()
    for point in points:
        point.value, point.label, point.liable_evidence, point.valid = f"erased:{point.ref}", None, None, False
    session.flush()
    closed = update(RightsRequest).where(RightsRequest.debtor_id == debtor.id)
    return {
        "contact_points": len(points),
        "notices": _run(session, update(Notice).where(Notice.debtor_id == debtor.id).values(evidence=ERASED)),
        "requests": _run(session, closed.values(evidence=ERASED, answer=ERASED, wish=None)),
        "agreements": _run(
            session,
            update(ContactAgreement).where(ContactAgreement.debtor_id == debtor.id).values(evidence=ERASED),
        ),
    }


def _run(session: Session, statement: Update) -> int:
    """How many rows it changed."""
    return cast(
        "CursorResult[Any]", session.execute(statement, execution_options={"synchronize_session": False})
    ).rowcount
