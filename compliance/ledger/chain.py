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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance.database import table_of
from compliance.judge.types import InvalidInput
from compliance.ledger.models import LedgerEntry, LedgerHead
from compliance.prepared import Asked, Change, Query

GENESIS = "0" * 64
"""``prev`` of the first entry, and the head of an empty ledger."""
HEAD_ID = 1


class Head(NamedTuple):
    """The last entry's number and hash; 0 and zeros where there is none."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be entered."""

    at: datetime
    """Aware; when it happened."""
    actor: str
    """Login name, or ``system``."""
    kind: str
    """``outreach:decided``-like."""
    subject: str
    """What it is about, for instance ``outreach:17``."""
    body: Mapping[str, object]
    """JSON values only, masked."""


# While these run every other writer waits.
_HEAD = table_of(LedgerHead)
_LOCK = Query(select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.id == HEAD_ID).with_for_update(), Head)
_MOVE = Change(
    update(_HEAD).where(_HEAD.c.id == HEAD_ID).values(seq=bindparam("to"), hash=bindparam("digest"))
)  # fmt: skip
_ADD = Change(insert(table_of(LedgerEntry)))
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_LONGEST = {"actor": 80, "kind": 60, "subject": 120}


def canonical(value: object) -> str:
    """``value`` as canonical JSON.

    Raises:
        InvalidInput: it holds a lone surrogate, NaN, or what JSON does not know; the caller turns decimals and
            instants into text.
    """
    try:
        text = _CANONICAL.encode(value)
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
    try:
        written = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)  # of texts and a number: canonical, and faster
    except TypeError:
        written = canonical(fields).encode()
    return hashlib.sha256(written).hexdigest()


def stamp(at: datetime) -> str:
    """An instant as the ledger writes it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def append(session: Session, *, at: datetime, actor: str, kind: str, subject: str, body: Mapping[str, object]) -> Head:
    """Add one entry to the chain, as ``append_all`` does; the head that it makes."""
    return append_all(session, [Act(at, actor, kind, subject, body)])[0]


def append_all(on: Asked, acts: Sequence[Act]) -> list[Head]:
    """Add entries to the chain, in their order, inside the caller's write transaction; the heads that they make.

    Every other writer waits for the head from here until the commit: call this last.

    Raises:
        InvalidInput: a field is too long or holds what cannot be stored.
        ValueError: an instant has no time zone.
    """
    texts = [_checked_body(act) for act in acts]  # what can be done before others have to wait
    last = _LOCK.first(on, {})
    assert last is not None  # noqa: S101 - the migrations make the row
    heads: list[Head] = []
    rows = []
    for act, text in zip(acts, texts, strict=True):
        fields: dict[str, Any] = {
            "at": act.at,
            "actor": act.actor,
            "kind": act.kind,
            "subject": act.subject,
            "body": text,
        }
        seq, prev = last.seq + 1, last.hash
        last = Head(seq, hash_entry(seq=seq, prev=prev, **fields))
        heads.append(last)
        rows.append({**fields, "seq": seq, "prev": prev, "hash": last.hash})
    _ADD.run(on, *rows)
    _MOVE.run(on, {"to": last.seq, "digest": last.hash})
    return heads


def _checked_body(act: Act) -> str:
    """The body as it is stored."""
    if act.at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be stored")
    text = canonical(dict(act.body))
    for name, value in (("actor", act.actor), ("kind", act.kind), ("subject", act.subject)):
        _check(name, value)
    return text


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
