"""Appending to the chain and reading it.

An entry's hash is the SHA-256 (hexadecimal) of the canonical JSON of ``{actor, at, body, kind, prev, seq,
subject}``, where ``at`` is ISO 8601 in UTC with microseconds and ``body`` is the stored text itself, so that a
changed blank in it shows as well. Canonical JSON: UTF-8, keys sorted, no blanks, no NaN. ``prev`` is the hash
of the entry before, 64 zeros for the first.

The ledger holds masked text and digests only; what may have to be erased one day does not belong in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance.database import table_of
from compliance.judge.types import InvalidInput
from compliance.ledger.models import LedgerEntry, LedgerHead

GENESIS = "0" * 64
"""``prev`` of the first entry, and the head of an empty ledger."""
HEAD_ID = 1
# Statements are built once, on the tables: while they run every other writer waits.
_HEAD = table_of(LedgerHead)
_LOCK = select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.id == HEAD_ID).with_for_update()
_MOVE = update(_HEAD).where(_HEAD.c.id == HEAD_ID).values(seq=bindparam("to"), hash=bindparam("digest"))
_ADD = insert(table_of(LedgerEntry))
_LONGEST = {"actor": 80, "kind": 60, "subject": 120}


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash; 0 and zeros where there is none."""

    seq: int
    hash: str


def canonical(value: object) -> str:
    """``value`` as canonical JSON.

    Raises:
        InvalidInput: it holds a lone surrogate, NaN, or what JSON does not know; the caller turns decimals and
            instants into text.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the ledger cannot hold this: {error}", code="ledger_body", field="body") from error
    return text


def hash_entry(*, seq: int, at: datetime, actor: str, kind: str, subject: str, body: str, prev: str) -> str:
    """The hash of an entry with these fields; ``body`` is canonical JSON already."""
    fields = {
        "seq": seq,
        "at": stamp(at),
        "actor": actor,
        "kind": kind,
        "subject": subject,
        "body": body,
        "prev": prev,
    }
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def stamp(at: datetime) -> str:
    """An instant as the ledger writes it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def append(session: Session, *, at: datetime, actor: str, kind: str, subject: str, body: Mapping[str, object]) -> Head:
    """Add an entry to the chain, inside the caller's write transaction; the head that it makes.

    Every other writer waits for the head from here until the commit: call this last.

    Args:
        at: aware; when it happened.
        actor: login name, or ``system``.
        kind: ``outreach:decided``-like.
        subject: what it is about, for instance ``outreach:17``.
        body: JSON values only, masked.

    Raises:
        InvalidInput: a field is too long or holds what cannot be stored.
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be stored")
    text = canonical(dict(body))
    for name, value in (("actor", actor), ("kind", kind), ("subject", subject)):
        _check(name, value)
    session.flush()  # what can be done before others have to wait
    last = session.execute(_LOCK).one()
    seq, prev = last.seq + 1, last.hash
    digest = hash_entry(seq=seq, at=at, actor=actor, kind=kind, subject=subject, body=text, prev=prev)
    session.execute(
        _ADD,
        {
            "seq": seq, "at": at, "actor": actor, "kind": kind, "subject": subject, "body": text, "prev": prev,
            "hash": digest,
        },
    )  # fmt: skip
    session.execute(_MOVE, {"to": seq, "digest": digest})
    return Head(seq, digest)


def head(session: Session) -> Head:
    """The head as it is stored."""
    row = session.execute(select(LedgerHead.seq, LedgerHead.hash).where(LedgerHead.id == HEAD_ID)).one()
    return Head(row.seq, row.hash)


def entries(session: Session, *, after: int = 0, limit: int = 100) -> list[LedgerEntry]:
    """At most ``limit`` entries after number ``after``, oldest first."""
    return list(session.scalars(select(LedgerEntry).where(LedgerEntry.seq > after).order_by("seq").limit(limit)))


def _check(name: str, value: str) -> None:
    if not value or len(value) > _LONGEST[name] or "\0" in value:
        raise InvalidInput(
            f"{name} must have 1 to {_LONGEST[name]} characters and no NUL", code="ledger_field", field=name
        )
