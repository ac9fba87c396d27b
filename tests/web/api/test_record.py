"""The ledger over the API: heads, and proofs that somebody outside checks with the verifier's own code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from compliance.ledger import bundle_verifier
from compliance.ledger.chain import canonical
from web.accounts import User, issue_token
from web.state import state_of

Get = Callable[..., TestResponse]


@pytest.fixture
def get(app: Flask, now: datetime) -> Get:
    """``get(path)`` as the officer Chen; a token is issued, which is an entry of the ledger."""
    with state_of(app).db.write() as session:
        token = issue_token(session, session.scalars(select(User).where(User.name == "chen")).one(), now)
    client = app.test_client()
    return lambda path, **query: client.get(
        f"/api/v1{path}", query_string=query, headers={"Authorization": f"Bearer {token}"}
    )


def body(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200
    return dict(answer.json or {})


def is_genuine(head: dict[str, Any]) -> bool:
    signed = {name: head[name] for name in ("at", "hash", "root", "size")}
    message = bundle_verifier.PURPOSE + canonical(signed).encode()
    return bundle_verifier.is_signed(message, bytes.fromhex(head["key"]), bytes.fromhex(head["signature"]))


def test_the_head_comes_with_a_signed_one(get: Get, app: Flask) -> None:
    head = body(get("/ledger/head"))
    assert (head["seq"], head["hash"]) == (head["signed"]["size"], head["signed"]["hash"])
    assert head["signed"]["key"] == state_of(app).config.signing_keys.public
    assert is_genuine(head["signed"])


def test_an_empty_ledger_has_no_signed_head_and_no_proof(app: Flask, login: Callable[[str], Any]) -> None:
    with state_of(app).db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entries_no_delete")
        connection.exec_driver_sql("DELETE FROM ledger_entries")
        connection.exec_driver_sql("UPDATE ledger_head SET seq = 0, hash = ?", ("0" * 64,))
        token = "zy_test"
        digest = bundle_verifier.hashlib.sha256(token.encode()).hexdigest()
        connection.exec_driver_sql(
            "INSERT INTO api_tokens (user_id, digest, created_at) SELECT id, ?, '2026-01-01' FROM users"
            " WHERE name = 'admin'", (digest,),
        )  # fmt: skip
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    assert body(client.get("/api/v1/ledger/head", headers=headers))["signed"] is None
    assert client.get("/api/v1/ledger/proof/1", headers=headers).status_code == 422


def test_an_entry_is_proven_from_its_own_hash_to_the_signed_root(get: Get) -> None:
    proof = body(get("/ledger/proof/3"))
    leaf = bundle_verifier.hash_leaf(bytes.fromhex(proof["hash"]))
    path = [bytes.fromhex(node) for node in proof["path"]]
    assert leaf.hex() == proof["leaf"]
    root = bundle_verifier.root_of_inclusion(leaf, 2, proof["head"]["size"], path)
    assert root == bytes.fromhex(proof["head"]["root"])
    assert is_genuine(proof["head"])


def test_an_entry_newer_than_the_signed_head_is_signed_first(get: Get, login: Callable[[str], Any]) -> None:
    before = body(get("/ledger/head"))["signed"]["size"]
    login("wang")  # one more entry
    assert body(get(f"/ledger/proof/{before + 1}"))["head"]["size"] == before + 1


def test_a_kept_head_is_proven_to_be_the_beginning(get: Get, login: Callable[[str], Any]) -> None:
    early = body(get("/ledger/head"))["signed"]
    login("wang")
    late = body(get(f"/ledger/proof/{early['size'] + 1}"))["head"]
    proof = body(get("/ledger/consistency", first=early["size"], second=late["size"]))
    path = [bytes.fromhex(node) for node in proof["path"]]
    roots = [bytes.fromhex(head["root"]) for head in (early, late)]
    assert bundle_verifier.is_consistent(early["size"], late["size"], roots[0], roots[1], path)


@pytest.mark.parametrize("path", ["/ledger/proof/0", "/ledger/proof/99999"])
def test_an_entry_that_is_not_there_is_not_found(get: Get, path: str) -> None:
    assert get(path).status_code == 404


@pytest.mark.parametrize(
    "sizes", [{}, {"first": 0, "second": 1}, {"first": 2, "second": 1}, {"first": 1, "second": 99999}]
)
def test_sizes_that_cannot_be_are_refused(get: Get, sizes: dict[str, int]) -> None:
    assert get("/ledger/consistency", **sizes).status_code == 422


def test_a_ledger_that_was_changed_is_neither_signed_nor_proven(
    get: Get, app: Flask, login: Callable[[str], Any]
) -> None:
    size = body(get("/ledger/head"))["signed"]["size"]
    with state_of(app).db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entries_no_update")
        connection.exec_driver_sql("UPDATE ledger_entries SET hash = ? WHERE seq = 2", ("0" * 64,))
    login("wang")
    answer = get(f"/ledger/proof/{size + 1}")
    assert (answer.status_code, (answer.json or {})["error"]["code"]) == (503, "ledger_changed")


@pytest.mark.parametrize(("after", "status"), [(2**62, 200), (2**63 - 1, 200), (2**63, 422), (-1, 422)])
def test_entries_are_asked_for_by_numbers_that_the_database_has(get: Get, after: int, status: int) -> None:
    assert get("/ledger/entries", after=str(after)).status_code == status
