"""The role × route matrix of the API: every route declares who may call it, and answers nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from web.accounts import ROLES, User, issue_token
from web.auth.roles import PUBLIC, roles_of
from web.state import state_of

STAFF_OF = {"collector": "wang", "officer": "chen", "trainer": "lin", "admin": "admin"}
EVERYBODY = frozenset(ROLES)
ACTING = frozenset({"collector", "officer", "admin"})
RECORD = frozenset({"officer", "admin"})
ROUTES: dict[str, frozenset[str]] = {
    "api.openapi_json": PUBLIC,
    "api.healthz": PUBLIC,
    "api.readyz": PUBLIC,
    "api.screen": EVERYBODY,
    "api.submit": ACTING,
    "api.link": ACTING,
    "api.outcome": ACTING,
    "api.visit": ACTING,
    "api.recording": ACTING,
    "api.outreach_state": EVERYBODY,
    "api.redeem": EVERYBODY,
    "api.debtor": EVERYBODY,
    "api.contactability": EVERYBODY,
    "api.notices": EVERYBODY,
    "api.requests": EVERYBODY,
    "api.plans": EVERYBODY,
    "api.propose_plan": ACTING,
    "api.move_plan": frozenset({"officer"}),
    "api.give_notice": ACTING,
    "api.receive_request": ACTING,
    "api.receive_message": ACTING,
    "api.open_call": ACTING,
    "api.call": EVERYBODY,
    "api.call_turn": ACTING,
    "api.call_events": EVERYBODY,
    "api.call_tick": ACTING,
    "api.call_use": ACTING,
    "api.call_right": ACTING,
    "api.call_wrap_up": EVERYBODY,
    "api.call_close": ACTING,
    "api.metrics": RECORD,
    "api.ledger_entries": RECORD,
    "api.ledger_head": RECORD,
    "api.ledger_proof": RECORD,
    "api.ledger_consistency": RECORD,
}


@pytest.fixture
def status(app: Flask, now: datetime) -> Callable[[str, str, str | None], int]:
    """``status("GET", path, "officer")``: what an officer's token is answered; ``None`` sends no token."""
    with state_of(app).db.write() as session:
        tokens = {user.name: issue_token(session, user, now) for user in session.scalars(select(User))}
    client = app.test_client()

    def ask(verb: str, path: str, role: str | None) -> int:
        headers = {"Authorization": f"Bearer {tokens[STAFF_OF[role]]}"} if role else {}
        return client.open(path, method=verb, headers=headers, json={} if verb == "POST" else None).status_code

    return ask


def declared(app: Flask) -> dict[str, frozenset[str] | None]:
    names = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    return {name: roles_of(app, name) for name in names}


def calls(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, verb and path of every route that is not public; places in a path name nothing that exists."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("api.") or ROUTES.get(rule.endpoint) == PUBLIC:
            continue
        path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "999999"))
        found += [(rule.endpoint, verb, path) for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_every_route_declares_its_roles_as_written_here(app: Flask) -> None:
    assert declared(app) == ROUTES


def test_without_a_token_every_route_asks_for_one(app: Flask, status: Callable[[str, str, str | None], int]) -> None:
    assert {(path, status(verb, path, None)) for _, verb, path in calls(app)} == {
        (path, 401) for _, _, path in calls(app)
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_its_routes_and_no_other(
    app: Flask, status: Callable[[str, str, str | None], int], role: str
) -> None:
    wrong = [
        (endpoint, answered)
        for endpoint, verb, path in calls(app)
        if ((answered := status(verb, path, role)) == 403) == (role in ROUTES[endpoint]) or answered == 401
    ]
    assert wrong == []


def test_a_session_cookie_opens_no_route(app: Flask, login: Callable[[str], object]) -> None:
    client = login("admin")
    assert {client.get(path).status_code for _, verb, path in calls(app) if verb == "GET"} == {401}  # type: ignore[attr-defined]
