"""Signed heads, and the proofs that lead to them.

A signed head says: these were the first ``size`` entries at that moment. It is stored, and handed out; who keeps one
outside can have any entry proven against it, and any later head proven to be a continuation of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger.chain import head, stamp
from compliance.ledger.merkle import consistency_path, hash_leaf, inclusion_path
from compliance.ledger.models import LedgerEntry, SignedHead
from compliance.ledger.signing import LedgerKeys, head_message, is_signed
from compliance.ledger.tree import LedgerChanged, StoredTree, grow, lock_tree

FRESH = timedelta(minutes=1)
"""A signed head this young is handed out again rather than followed by another for every entry."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the ledger of ``head``: hashes in hexadecimal, from the leaf upwards."""

    seq: int
    hash: str
    leaf: str
    path: tuple[str, ...]
    head: SignedHead


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the first ``first`` entries of the ledger of ``second`` entries are those that were there before."""

    first: int
    second: int
    first_root: str
    second_root: str
    path: tuple[str, ...]


def sign_head(db: Database, keys: LedgerKeys, now: datetime, *, fresh: timedelta = timedelta(0)) -> SignedHead | None:
    """The signed head of the ledger as it is; ``None`` where there is no entry yet.

    One that covers every entry, or was signed less than ``fresh`` ago, is given again.

    Raises:
        LedgerChanged: the entries no longer lead to the last signed head: nothing is signed on top of that.
        DBAPIError: the database failed.
    """
    with db.read() as session:
        last, end = latest_head(session), head(session).seq
    if last is not None and last.key == keys.public and (last.size == end or now - last.at < fresh):
        return last
    grow(db)
    return db.run(lambda session: _sign(session, keys, now))


def latest_head(session: Session) -> SignedHead | None:
    """The last signed head."""
    return session.scalar(select(SignedHead).order_by(SignedHead.size.desc(), SignedHead.id.desc()).limit(1))


def signed_heads(session: Session) -> list[SignedHead]:
    """All signed heads, oldest first."""
    return list(session.scalars(select(SignedHead).order_by(SignedHead.size, SignedHead.id)))


def head_to_dict(signed: SignedHead) -> dict[str, object]:
    """A signed head as the API and the bundle write it; what was signed is ``head_message`` of it."""
    return {
        "size": signed.size,
        "root": signed.root,
        "hash": signed.hash,
        "at": stamp(signed.at),
        "key": signed.key,
        "signature": signed.signature,
    }


def is_genuine(signed: SignedHead, publics: tuple[str, ...]) -> bool:
    """Whether the head was signed with one of these keys."""
    message = head_message(size=signed.size, root=signed.root, hash=signed.hash, at=signed.at)
    return signed.key in publics and is_signed(message, signed.key, signed.signature)


def prove_entry(session: Session, seq: int, signed: SignedHead) -> Inclusion:
    """The proof that entry ``seq`` is among those of a signed head.

    Raises:
        InvalidInput: the head does not cover this number.
        LedgerChanged: the stored ledger is damaged.
    """
    if not 1 <= seq <= signed.size:
        raise InvalidInput(f"台账签名覆盖 1 至 {signed.size} 条，没有第 {seq} 条。", code="unknown_entry", field="seq")
    tree = StoredTree(session)
    path = inclusion_path(seq - 1, signed.size, tree.subtree)
    digest = session.scalar(select(LedgerEntry.hash).where(LedgerEntry.seq == seq))
    if digest is None:
        raise LedgerChanged(f"Entry {seq} is missing.")
    leaf = hash_leaf(bytes.fromhex(digest)).hex()
    return Inclusion(seq, digest, leaf, tuple(node.hex() for node in path), signed)


def prove_consistency(session: Session, first: int, second: int) -> Consistency:
    """The proof that the ledger of ``second`` entries continues the one of ``first``.

    Raises:
        InvalidInput: the numbers are not 1 ≤ first ≤ second ≤ number of entries.
        LedgerChanged: the stored ledger is damaged.
    """
    latest = latest_head(session)
    end = latest.size if latest else 0
    if not 1 <= first <= second <= end:
        raise InvalidInput(f"须满足 1 ≤ first ≤ second ≤ {end}（已签名的条数）。", code="unknown_size", field="second")
    tree = StoredTree(session)
    path = consistency_path(first, second, tree.subtree)
    roots = [tree.subtree(0, size).hex() for size in (first, second)]
    return Consistency(first, second, roots[0], roots[1], tuple(node.hex() for node in path))


def _sign(session: Session, keys: LedgerKeys, now: datetime) -> SignedHead | None:
    lock_tree(session)
    end = head(session)
    if end.seq == 0:
        return None
    last, tree = latest_head(session), StoredTree(session)
    if last is not None:
        _check_last(last, end.seq, tree)
        if last.size == end.seq and last.key == keys.public:
            return last
    root = tree.subtree(0, end.seq).hex()
    signed = SignedHead(
        size=end.seq, root=root, hash=end.hash, at=now, key=keys.public,
        signature=keys.sign(head_message(size=end.seq, root=root, hash=end.hash, at=now)),
    )  # fmt: skip
    session.add(signed)
    session.flush()
    return signed


def _check_last(last: SignedHead, end: int, tree: StoredTree) -> None:
    if last.size > end:
        raise LedgerChanged(f"The ledger ends at entry {end}, but {last.size} entries were signed: it was cut short.")
    if tree.subtree(0, last.size).hex() != last.root:
        raise LedgerChanged(f"The first {last.size} entries are not those that were signed: one of them was changed.")
