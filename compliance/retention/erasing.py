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

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Update,
    and_,
    case,
    delete,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import lock_debtor
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach, OutreachText
from compliance.retention.finding import Due, find_due
from compliance.retention.policy import RetentionPolicy
from compliance.retention.tables import ERASED, GOES, MADE, NOW, Goes, root_of, rows_of


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
    went = (
        _erase_words(session, due.debtor_id, cutoff, now) if due.what == "words" else _erase_person(session, due, now)
    )
    body = {
        "what": due.what, "years": period.years, "before": cutoff.isoformat(), "oldest": again[0].oldest.isoformat(),
        "cites": [cite.rule for cite in period.cites], "policy": policy.version, **went,
    }  # fmt: skip
    ledger.append(session, at=now, actor=actor, kind="retention:erased", subject=f"debtor:{due.debtor}", body=body)
    return again[0].count


def _erase_words(session: Session, debtor_id: int, cutoff: datetime, now: datetime) -> dict[str, object]:
    """The words of messages, notes, calls and what came in, what verdicts were decided on, and what was said of them,
    which may quote them."""
    texts = session.execute(
        select(Outreach.client_id, Outreach.text_digest)
        .join(OutreachText, OutreachText.outreach_id == Outreach.id)
        .where(Outreach.debtor_id == debtor_id, Outreach.created_at < cutoff, OutreachText.erased_at.is_(None))
        .order_by(Outreach.id)
    ).all()
    counts = {}
    for goes in (one for one in GOES if one.what == "words"):
        root = root_of(goes)
        old = and_(root.c.debtor_id == debtor_id, root.c[MADE[root.name]] < cutoff)
        counts[goes.table.name] = _let_go(session, goes, rows_of(goes, old), now)
    listed = "".join(f"{row.client_id} {row.text_digest}\n" for row in texts)
    return {
        "texts": len(texts), "turns": counts["call_turns"], "inbound": counts["inbound_messages"], "rows": counts,
        "list_digest": hashlib.sha256(listed.encode()).hexdigest(),
    }  # fmt: skip


def _erase_person(session: Session, due: Due, now: datetime) -> dict[str, object]:
    """Name, numbers and addresses, and the words that were quoted as evidence. What is erased reaches nobody."""
    debtor = session.get_one(Debtor, due.debtor_id)
    debtor.name, debtor.id_number, debtor.erased_at = ERASED, None, now
    for point in session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == debtor.id)):
        point.value = f"erased:{point.ref}"
    for account in session.scalars(select(Account).where(Account.debtor_id == debtor.id)):
        account.account_no = f"erased:{account.id}"
    session.flush()
    counts = {}
    for goes in (one for one in GOES if one.what == "person"):
        columns = goes.table.c
        owner = columns.id if goes.table.name == Debtor.__tablename__ else columns.debtor_id
        counts[goes.table.name] = _let_go(session, goes, owner == debtor.id, now)
    return {"rows": counts}


def _let_go(session: Session, goes: Goes, chosen: ColumnElement[bool], now: datetime) -> int:
    """Erase it; how many rows held something of it. What is empty stays so."""
    columns = goes.table.c
    if not goes.gone:
        return _run(session, delete(goes.table).where(chosen))
    marks = [name for name, gone in goes.gone.items() if gone is NOW]
    there = columns[marks[0]].is_(None) if marks else or_(*(columns[name].is_not(None) for name in goes.gone))
    values: dict[str, Any] = {}
    for name, gone in goes.gone.items():
        values[name] = now if gone is NOW else gone
        if gone is not None and gone is not NOW:
            values[name] = case((columns[name].is_(None), null()), else_=literal(gone, columns[name].type))
    return _run(session, update(goes.table).where(chosen, there).values(values))


def _run(session: Session, statement: Update | Delete) -> int:
    """How many rows it changed."""
    return cast(
        "CursorResult[Any]", session.execute(statement, execution_options={"synchronize_session": False})
    ).rowcount
