"""Signed heads and the proofs that lead to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger import bundle_verifier
from compliance.ledger.heads import is_genuine
from compliance.ledger.merkle import Frontier, hash_leaf
from compliance.ledger.models import LedgerNode, SignedHead
from compliance.ledger.signing import head_message
from compliance.ledger.tree import WIDTH

KEYS = ledger.LedgerKeys.parse("1f" * 32)
OTHERS = ledger.LedgerKeys.parse("2e" * 32)


def fill(db: Database, now: datetime, count: int) -> None:
    def work(session):  # type: ignore[no-untyped-def]
        for number in range(count):
            ledger.append(session, at=now, actor="alice", kind="note:made", subject="debtor:1", body={"n": number})

    db.run(work)


def sign(db: Database, now: datetime, keys: ledger.LedgerKeys = KEYS) -> SignedHead:
    signed = ledger.sign_head(db, keys, now)
    assert signed is not None
    return signed


def root_of_all(db: Database) -> str:
    tree = Frontier()
    with db.read() as session:
        for entry in ledger.entries(session, limit=10_000):
            tree.add(hash_leaf(bytes.fromhex(entry.hash)))
    return tree.root().hex()


def test_an_empty_ledger_has_no_signed_head(db: Database, now: datetime) -> None:
    assert ledger.sign_head(db, KEYS, now) is None


@pytest.mark.parametrize("count", [1, 5, WIDTH - 1, WIDTH, WIDTH + 1, 3 * WIDTH + 77])
def test_the_root_is_that_of_all_entries(db: Database, now: datetime, count: int) -> None:
    fill(db, now, count)
    signed = sign(db, now)
    assert (signed.size, signed.root) == (count, root_of_all(db))


def test_growing_step_by_step_gives_the_same_tree(db: Database, now: datetime) -> None:
    for count in (100, 156, 1, 300, 467):
        fill(db, now, count)
        sign(db, now)
    assert sign(db, now).root == root_of_all(db)


def test_a_tile_of_tiles_is_stored_once(db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.ledger.tree.WIDTH", 4)
    monkeypatch.setattr("compliance.ledger.tree.BITS", 2)
    fill(db, now, 70)
    assert sign(db, now).root == root_of_all(db)
    with db.read() as session:
        stored = session.execute(text("SELECT level, count(*) FROM ledger_nodes GROUP BY level ORDER BY level")).all()
    assert [tuple(row) for row in stored] == [(1, 17), (2, 4), (3, 1)]


def test_a_head_is_signed_with_the_key(db: Database, now: datetime) -> None:
    fill(db, now, 3)
    signed = sign(db, now)
    assert is_genuine(signed, KEYS.publics)
    assert not is_genuine(signed, OTHERS.publics)


def test_the_standard_librarys_verifier_agrees_on_signatures(db: Database, now: datetime) -> None:
    fill(db, now, 3)
    signed = sign(db, now)
    message = head_message(size=signed.size, root=signed.root, hash=signed.hash, at=signed.at)
    key, signature = bytes.fromhex(signed.key), bytes.fromhex(signed.signature)
    assert bundle_verifier.is_signed(message, key, signature)
    assert not bundle_verifier.is_signed(message + b" ", key, signature)


def test_nothing_new_is_not_signed_again(db: Database, now: datetime) -> None:
    fill(db, now, 3)
    assert sign(db, now).id == sign(db, now + timedelta(hours=1)).id


def test_a_fresh_head_is_given_again_for_a_while(db: Database, now: datetime) -> None:
    fill(db, now, 3)
    first = sign(db, now)
    fill(db, now, 1)
    soon, later = now + timedelta(seconds=59), now + timedelta(seconds=60)
    sizes = [
        head.size for at in (soon, later) if (head := ledger.sign_head(db, KEYS, at, fresh=ledger.FRESH)) is not None
    ]
    assert sizes == [first.size, 4]


def test_a_new_key_signs_again_and_the_old_heads_stay_the_ledgers_own(db: Database, now: datetime) -> None:
    fill(db, now, 3)
    old = sign(db, now)
    both = ledger.LedgerKeys(OTHERS.seeds + KEYS.seeds)
    new = sign(db, now, both)
    assert (old.size, new.size, new.key) == (3, 3, OTHERS.public)
    with db.read() as session:
        assert ledger.verify(session, publics=both.publics).ok


def test_every_entry_is_proven(db: Database, now: datetime) -> None:
    fill(db, now, 2 * WIDTH + 3)
    signed = sign(db, now)
    with db.read() as session:
        proofs = [ledger.prove_entry(session, seq, signed) for seq in (1, 2, WIDTH, WIDTH + 1, 2 * WIDTH + 3)]
    roots = {
        bundle_verifier.root_of_inclusion(
            bytes.fromhex(proof.leaf), proof.seq - 1, signed.size, [bytes.fromhex(node) for node in proof.path]
        )
        for proof in proofs
    }
    assert roots == {bytes.fromhex(signed.root)}


@pytest.mark.parametrize("seq", [0, -1, 4])
def test_what_a_head_does_not_cover_is_not_proven(db: Database, now: datetime, seq: int) -> None:
    fill(db, now, 3)
    signed = sign(db, now)
    with db.read() as session, pytest.raises(InvalidInput, match="没有第"):
        ledger.prove_entry(session, seq, signed)


@pytest.mark.parametrize("first", [1, 7, WIDTH, WIDTH + 9])
def test_a_later_head_is_proven_to_go_on_from_an_earlier(db: Database, now: datetime, first: int) -> None:
    fill(db, now, first)
    early = sign(db, now)
    fill(db, now, 300)
    late = sign(db, now)
    with db.read() as session:
        proof = ledger.prove_consistency(session, early.size, late.size)
    assert (proof.first_root, proof.second_root) == (early.root, late.root)
    assert bundle_verifier.is_consistent(
        early.size, late.size, bytes.fromhex(early.root), bytes.fromhex(late.root),
        [bytes.fromhex(node) for node in proof.path],
    )  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [(0, 2), (3, 2), (1, 4)])
def test_sizes_that_were_not_signed_are_refused(db: Database, now: datetime, first: int, second: int) -> None:
    fill(db, now, 3)
    sign(db, now)
    with db.read() as session, pytest.raises(InvalidInput):
        ledger.prove_consistency(session, first, second)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_proof_in_a_long_ledger_reads_a_few_tiles(db: Database, now: datetime) -> None:
    """At most one tile of leaves or nodes a level for the way down, and one for the ragged right end."""
    fill(db, now, 20 * WIDTH + 100)
    signed = sign(db, now)
    rows = 0

    def count(*args: object) -> None:
        nonlocal rows
        rows += 1

    event.listen(db.engine, "before_cursor_execute", count)
    with db.read() as session:
        proof = ledger.prove_entry(session, 3 * WIDTH + 5, signed)
    assert rows <= 5
    assert len(proof.path) == 13


@pytest.mark.parametrize("statement", ["UPDATE ledger_signed_heads SET size = 2", "DELETE FROM ledger_signed_heads"])
def test_signed_heads_are_neither_changed_nor_removed(db: Database, now: datetime, statement: str) -> None:
    fill(db, now, 1)
    sign(db, now)
    with pytest.raises(DBAPIError, match="never"), db.write() as session:
        session.execute(text(statement))


def rewrite(db: Database, *statements: str) -> None:
    """As somebody who may do anything to the tables."""
    with db.write() as session:
        if db.is_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("ledger_entries", "ledger_signed_heads"):
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))


def forge(db: Database, now: datetime, seq: int, count: int) -> None:
    """A whole new chain, sound in itself, in which one entry is another."""
    rewrite(db, "DELETE FROM ledger_entries", f"UPDATE ledger_head SET seq = 0, hash = '{'0' * 64}'")  # noqa: S608
    with db.write() as session:
        for number in range(count):
            actor = "mallory" if number + 1 == seq else "alice"
            ledger.append(session, at=now, actor=actor, kind="note:made", subject="debtor:1", body={"n": number})


def test_a_chain_written_anew_is_told_from_the_signed_one(db: Database, now: datetime) -> None:
    fill(db, now, 4)
    sign(db, now)
    fill(db, now, 4)
    sign(db, now)
    forge(db, now, seq=6, count=8)
    with db.read() as session:
        result = ledger.verify(session)
    assert (result.ok, result.count, result.first_bad) == (False, 4, 5)


def test_nothing_is_signed_on_top_of_a_chain_written_anew(db: Database, now: datetime) -> None:
    fill(db, now, 4)
    sign(db, now)
    forge(db, now, seq=2, count=5)
    with pytest.raises(ledger.LedgerChanged, match="first 4 entries"):
        ledger.sign_head(db, KEYS, now)


def test_a_ledger_cut_short_is_named_by_its_signed_head(db: Database, now: datetime) -> None:
    fill(db, now, 4)
    sign(db, now)
    forge(db, now, seq=0, count=3)
    with db.read() as session:
        result = ledger.verify(session)
    assert (result.ok, result.first_bad) == (False, 4)
    with pytest.raises(ledger.LedgerChanged, match="cut short"):
        ledger.sign_head(db, KEYS, now)


def test_a_head_signed_with_another_key_is_named(db: Database, now: datetime) -> None:
    fill(db, now, 2)
    sign(db, now, OTHERS)
    with db.read() as session:
        result = ledger.verify(session, publics=KEYS.publics)
    assert not result.ok
    assert "not signed with this ledger's key" in result.sentence


def test_a_changed_node_proves_nothing(db: Database, now: datetime) -> None:
    fill(db, now, 2 * WIDTH)
    signed = sign(db, now)
    with db.write() as session:
        session.get_one(LedgerNode, (1, 1)).hash = "0" * 64
    with db.read() as session:
        proof = ledger.prove_entry(session, 3, signed)
    root = bundle_verifier.root_of_inclusion(
        bytes.fromhex(proof.leaf), 2, signed.size, [bytes.fromhex(node) for node in proof.path]
    )
    assert root != bytes.fromhex(replace(proof).head.root)


@pytest.mark.parametrize("raw", ["", "abc", "zz" * 32, "11" * 31, "11" * 32 + ",22"])
def test_a_key_that_is_none_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits") as refused:
        ledger.LedgerKeys.parse(raw)
    assert not raw or raw not in str(refused.value)


def test_a_key_does_not_show_itself() -> None:
    assert "1f1f" not in repr(KEYS)
