"""Verifying the chain: whatever was changed past the triggers is named, with constant memory.

Rows are read as they lie in the database, without trusting it to decode them: on SQLite every text comes as
bytes, since a byte changed in the file may be no UTF-8 any more, and ``at`` must be written exactly as the
project writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, cast, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance.judge.types import InvalidInput
from compliance.ledger.chain import GENESIS, HEAD_ID, Head, hash_entry
from compliance.ledger.heads import is_genuine, signed_heads
from compliance.ledger.merkle import Frontier, hash_leaf
from compliance.ledger.models import LedgerEntry, LedgerHead, SignedHead

_SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"
_TEXTS = ("actor", "kind", "subject", "body", "prev", "hash")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. ``count`` entries from the first one on are as they were written."""

    ok: bool
    count: int
    first_bad: int | None = None
    """Number of the first entry that was changed, removed or replaced."""
    problem: str | None = None
    """One plain sentence about it."""

    @property
    def sentence(self) -> str:
        """The result for a person: how many entries are sound, or what is wrong first."""
        if self.ok:
            return f"The ledger is sound: {self.count} entries, every hash and link checked up to the head."
        return f"The ledger was changed. {self.problem} {self.count} entries before that are sound."


class _Bad(Exception):
    def __init__(self, seq: int | None, problem: str) -> None:
        super().__init__(problem)
        self.seq = seq
        self.problem = problem


def verify(session: Session, *, batch: int = 1000, publics: tuple[str, ...] | None = None) -> Verification:
    """Recompute every hash and link up to the head, and the root of every signed head; ``batch`` rows are held at once.

    ``publics`` are the keys that sign this ledger, in hexadecimal; without them signatures are not checked. Entries
    that others append meanwhile are left for the next time.
    """
    good = Head(0, GENESIS)
    try:
        # Read before the head: what is signed meanwhile is for the next time.
        signed = _Signed(signed_heads(session), publics)
        end = _head(session)
        for row in _rows(session, end.seq, batch):
            good = _check(_decoded(row, good), good)
            signed.follow(good)
        _check_end(session, good, end)
        signed.check_rest(end)
    except _Bad as bad:
        return Verification(False, good.seq if bad.seq is None else min(good.seq, bad.seq - 1), bad.seq, bad.problem)
    except DBAPIError as error:
        return Verification(
            False, good.seq, good.seq + 1, f"Entry {good.seq + 1} cannot be read from the database: {error.orig}"
        )
    return Verification(True, good.seq)


class _Signed:
    """The signed heads, each compared when the entries have been followed as far as it reaches."""

    def __init__(self, heads: Sequence[SignedHead], publics: tuple[str, ...] | None) -> None:
        self._heads = list(reversed(heads))
        self._publics = publics
        self._tree = Frontier()
        self._covered = 0

    def follow(self, good: Head) -> None:
        """Go on to the next entry, which has been found sound."""
        self._tree.add(hash_leaf(bytes.fromhex(good.hash)))
        while self._heads and self._heads[-1].size <= good.seq:
            self._compare(self._heads.pop(), good)

    def check_rest(self, end: Head) -> None:
        """Nothing may have been signed beyond the end."""
        if self._heads:
            size = self._heads[0].size
            raise _Bad(end.seq + 1, f"Entries {end.seq + 1} to {size} were removed: a head over {size} was signed.")

    def _compare(self, signed: SignedHead, good: Head) -> None:
        if (signed.size, signed.root, signed.hash) != (good.seq, self._tree.root().hex(), good.hash):
            first, last = self._covered + 1, signed.size
            where = f"entry {first}" if first == last else f"one of the entries {first} to {last}"
            raise _Bad(first, f"These are not the entries that were signed: {where} is another, or the head is.")
        if self._publics is not None and not is_genuine(signed, self._publics):
            raise _Bad(None, f"The signed head over {signed.size} entries was not signed with this ledger's key.")
        self._covered = signed.size


def _check(entry: dict[str, Any], good: Head) -> Head:
    """The head after ``entry``, where it follows ``good``."""
    seq, digest = entry["seq"], entry.pop("hash")
    if seq != good.seq + 1:
        raise _Bad(good.seq + 1, f"Entry {good.seq + 1} was removed.")
    linked = entry["prev"] == good.hash
    sound = _hash(entry) == digest
    if linked and sound:
        return Head(seq, digest)
    if linked:
        raise _Bad(seq, f"Entry {seq} was changed: its fields do not give its hash.")
    if _hash(entry | {"prev": good.hash}) == digest:
        raise _Bad(seq, f"Entry {seq} was changed: its link to the entry before is wrong.")
    if sound and seq > 1:
        raise _Bad(seq - 1, f"Entry {seq - 1} was replaced: entry {seq} was linked to another.")
    raise _Bad(seq, f"Entry {seq} was changed: its fields do not give its hash, and its link is wrong.")


def _check_end(session: Session, good: Head, end: Head) -> None:
    if good.seq < end.seq:
        raise _Bad(good.seq + 1, f"Entries {good.seq + 1} to {end.seq} were removed: the head is at {end.seq}.")
    if good.hash != end.hash:
        raise _Bad(good.seq or None, f"The head does not match entry {good.seq}: one of the two was changed.")
    last = session.scalar(select(func.max(LedgerEntry.seq))) or 0
    if last > _head(session).seq:  # read after ``last``, so that an entry appended meanwhile is no error
        raise _Bad(end.seq + 1, f"Entry {end.seq + 1} lies beyond the head: it was not appended.")


def _hash(entry: dict[str, Any]) -> str | None:
    try:
        return hash_entry(**entry)
    except InvalidInput:  # a lone surrogate has no canonical form, so no hash either
        return None


def _head(session: Session) -> Head:
    row = session.execute(select(LedgerHead.seq, LedgerHead.hash).where(LedgerHead.id == HEAD_ID)).one_or_none()
    if row is None:
        raise _Bad(None, "The head is missing.")
    return Head(row.seq, row.hash)


def _rows(session: Session, last: int, batch: int) -> Iterator[Any]:
    columns = _columns(sqlite=session.get_bind().dialect.name == "sqlite")
    after: int | None = None
    while True:
        page = select(*columns).where(LedgerEntry.seq <= last).order_by(LedgerEntry.seq).limit(batch)
        if after is not None:
            page = page.where(LedgerEntry.seq > after)
        rows = session.execute(page).all()
        yield from rows
        if len(rows) < batch:
            return
        after = rows[-1].seq


def _columns(*, sqlite: bool) -> list[ColumnElement[Any]]:
    if not sqlite:
        return [LedgerEntry.seq.expression, LedgerEntry.at.expression, *(getattr(LedgerEntry, name) for name in _TEXTS)]
    raw = [cast(getattr(LedgerEntry, name), LargeBinary).label(name) for name in ("at", *_TEXTS)]
    return [LedgerEntry.seq.expression, *raw]


def _decoded(row: Any, good: Head) -> dict[str, Any]:
    """The row's fields as :func:`hash_entry` takes them, with ``hash``."""
    fields: dict[str, Any] = dict(row._mapping)
    if isinstance(fields["at"], datetime):
        return fields
    seq = fields["seq"]
    for name in ("at", *_TEXTS):
        try:
            fields[name] = fields[name].decode()
        except UnicodeDecodeError:
            raise _Bad(max(seq, good.seq + 1), f"Entry {seq} was changed: its field {name} is no text.") from None
    fields["at"] = _instant(seq, fields["at"])
    return fields


def _instant(seq: int, written: str) -> datetime:
    try:
        at = datetime.strptime(written, _SQLITE_TIME).replace(tzinfo=UTC)
    except ValueError:
        at = None
    if at is None or at.strftime(_SQLITE_TIME) != written:
        raise _Bad(seq, f"Entry {seq} was changed: its field at is not an instant as it is written here.")
    return at
