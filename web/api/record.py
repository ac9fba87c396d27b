"""Reading the ledger, and proving what is in it to somebody who keeps a signed head."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from compliance import ledger
from compliance.judge.types import InvalidInput
from web.api.document import documented
from web.api.reading import query_of
from web.api.shapes import (
    ConsistencyAnswer,
    ConsistencyQuery,
    EntriesAnswer,
    EntriesQuery,
    LedgerHeadAnswer,
    ProofAnswer,
)
from web.auth import requires
from web.state import state


@requires("officer", "admin")
@documented(LedgerHeadAnswer, errors=(401, 403))
def head() -> ResponseReturnValue:
    """Number and hash of the last entry, and a signed head not older than a minute; ``null`` without entries."""
    signed = _signed(ledger.FRESH)
    with state().db.read() as session:
        last = ledger.head(session)
    return jsonify(seq=last.seq, hash=last.hash, signed=ledger.head_to_dict(signed) if signed else None)


@requires("officer", "admin")
@documented(EntriesAnswer, query=EntriesQuery)
def entries() -> ResponseReturnValue:
    """Entries after a number, oldest first."""
    query = query_of(EntriesQuery)
    with state().db.read() as session:
        found = ledger.entries(session, after=query.after, limit=query.limit)
    fields = ("seq", "actor", "kind", "subject", "body", "prev", "hash")
    shown = [{"at": entry.at.isoformat(), **{name: getattr(entry, name) for name in fields}} for entry in found]
    return jsonify(entries=shown)


@requires("officer", "admin")
@documented(ProofAnswer, errors=(401, 403, 422))
def proof(seq: int) -> ResponseReturnValue:
    """The proof that an entry is in the ledger of a signed head (RFC 9162, section 2.1.3)."""
    with state().db.read() as session:
        signed = ledger.latest_head(session)
    if signed is None or seq > signed.size:
        signed = _signed(timedelta(0))
    if signed is None:
        raise InvalidInput("台账还是空的。", code="empty_ledger", field="seq")
    with state().db.read() as session:
        found = ledger.prove_entry(session, seq, signed)
    return jsonify(
        seq=found.seq, hash=found.hash, leaf=found.leaf, path=found.path, head=ledger.head_to_dict(found.head)
    )


@requires("officer", "admin")
@documented(ConsistencyAnswer, query=ConsistencyQuery, errors=(401, 403, 422))
def consistency() -> ResponseReturnValue:
    """The proof that a later ledger goes on from an earlier one (RFC 9162, section 2.1.4)."""
    query = query_of(ConsistencyQuery)
    with state().db.read() as session:
        found = ledger.prove_consistency(session, query.first, query.second)
    return jsonify(
        first=found.first, second=found.second, first_root=found.first_root, second_root=found.second_root,
        path=found.path,
    )  # fmt: skip


def _signed(fresh: timedelta) -> ledger.SignedHead | None:
    edge = state()
    return ledger.sign_head(edge.db, edge.config.signing_keys, edge.clock(), fresh=fresh)


def add_routes(bp: Blueprint) -> None:
    bp.get("/ledger/head", endpoint="ledger_head")(head)
    bp.get("/ledger/entries", endpoint="ledger_entries")(entries)
    bp.get("/ledger/proof/<int:seq>", endpoint="ledger_proof")(proof)
    bp.get("/ledger/consistency", endpoint="ledger_consistency")(consistency)
