"""Reading the ledger."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from compliance import ledger
from web.api.document import documented
from web.api.reading import query_of
from web.api.shapes import EntriesAnswer, EntriesQuery, HeadAnswer
from web.auth import requires
from web.state import state


@requires("officer", "admin")
@documented(HeadAnswer, errors=(401, 403))
def head() -> ResponseReturnValue:
    """Number and hash of the last entry."""
    with state().db.read() as session:
        last = ledger.head(session)
    return jsonify(seq=last.seq, hash=last.hash)


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


def add_routes(bp: Blueprint) -> None:
    bp.get("/ledger/head", endpoint="ledger_head")(head)
    bp.get("/ledger/entries", endpoint="ledger_entries")(entries)
