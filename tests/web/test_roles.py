"""The role × route matrix: every page and every act, for every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PageClient
from web.accounts import ROLES
from web.auth.roles import PUBLIC, roles_of

STAFF_OF = {"collector": "wang", "officer": "chen", "trainer": "lin", "admin": "admin"}
EVERYBODY = frozenset(ROLES)
COLLECTOR, OFFICER, TRAINER, ADMIN = (frozenset({role}) for role in ROLES)
PAGES = {
    "auth.home": EVERYBODY,
    "auth.login": PUBLIC,
    "auth.login_page": PUBLIC,
    "auth.logout": EVERYBODY,
    "auth.language": PUBLIC,
    "static": PUBLIC,
    "probes.healthz": PUBLIC,
    "probes.readyz": PUBLIC,
    "debtor.enter": PUBLIC,
    "debtor.overview": PUBLIC,
    "debtor.identify": PUBLIC,
    "debtor.ask": PUBLIC,
    "debtor.send": PUBLIC,
    "debtor.receipt": PUBLIC,
    "collector.cases": COLLECTOR,
    "collector.case": COLLECTOR,
    "collector.draft": COLLECTOR,
    "collector.judge": COLLECTOR,
    "collector.send": COLLECTOR,
    "collector.note": COLLECTOR,
    "collector.outcome": COLLECTOR,
    "collector.visit": COLLECTOR,
    "collector.recording": COLLECTOR,
    "collector.offer": COLLECTOR,
    "collector.withdraw": COLLECTOR,
    "collector.reveal": COLLECTOR,
    "collector.notice_given": COLLECTOR,
    "collector.request_received": COLLECTOR,
    "collector.record_heard": COLLECTOR,
    "collector.appeal": COLLECTOR,
    "collector.settle_heard": COLLECTOR,
    "calls.mine": COLLECTOR,
    "calls.pop": COLLECTOR,
    "calls.open_": COLLECTOR,
    "calls.page": COLLECTOR,
    "calls.live": COLLECTOR,
    "calls.stream": COLLECTOR,
    "calls.say": COLLECTOR,
    "calls.tick": COLLECTOR,
    "calls.record_right": COLLECTOR,
    "calls.take": COLLECTOR,
    "calls.hints": COLLECTOR,
    "calls.wrap": COLLECTOR,
    "calls.close": COLLECTOR,
    "practice.index": COLLECTOR | TRAINER,
    "practice.exercise": COLLECTOR | TRAINER,
    "practice.answer": COLLECTOR | TRAINER,
    "practice.add": TRAINER,
    "practice.close": TRAINER,
    "officer.queue": OFFICER,
    "officer.take_next": OFFICER,
    "officer.take": OFFICER,
    "officer.put_back": OFFICER,
    "officer.item": OFFICER,
    "officer.decide": OFFICER,
    "officer.decided": OFFICER,
    "officer.requests": OFFICER,
    "officer.request_received": OFFICER,
    "officer.own": OFFICER,
    "officer.answer": OFFICER,
    "officer.extend_period": OFFICER,
    "officer.review": OFFICER,
    "officer.appeals": OFFICER,
    "officer.appeal": OFFICER,
    "officer.take_appeal": OFFICER,
    "officer.decide_appeal": OFFICER,
    "officer.samples": OFFICER,
    "officer.draw_samples": OFFICER,
    "officer.next_sample": OFFICER,
    "officer.sample": OFFICER,
    "officer.give_opinion": OFFICER,
    "officer.undelivered": OFFICER,
    "officer.send_again": OFFICER,
    "officer.settle": OFFICER,
    "officer.ledger_entries": OFFICER | ADMIN,
    "officer.verify_ledger": OFFICER | ADMIN,
    "officer.why": OFFICER | ADMIN,
    "officer.retention": OFFICER,
    "officer.erase_due": OFFICER,
    "plans.index": COLLECTOR | OFFICER,
    "plans.new": COLLECTOR | OFFICER,
    "plans.propose": COLLECTOR | OFFICER,
    "plans.plan": COLLECTOR | OFFICER,
    "plans.agree": OFFICER,
    "plans.move": COLLECTOR | OFFICER,
    "admin.users": ADMIN,
    "admin.add_user": ADMIN,
    "admin.set_disabled": ADMIN,
    "admin.set_staff_no": ADMIN,
}
ACTS = {"act": "disable"}


def endpoints(app: Flask) -> list[str]:
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()})


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    assert [endpoint for endpoint in endpoints(app) if roles_of(app, endpoint) is None] == []


def test_the_matrix_is_as_written_here(app: Flask) -> None:
    declared = {
        endpoint: roles_of(app, endpoint)
        for endpoint in endpoints(app)
        if not endpoint.startswith(("api.", "library."))
    }
    assert declared == PAGES


def test_the_trainers_desk_is_for_trainers(app: Flask) -> None:
    declared = [roles_of(app, endpoint) for endpoint in endpoints(app) if endpoint.startswith("library.")]
    assert declared
    assert all(roles is not None and "collector" not in roles and roles != PUBLIC for roles in declared)


def test_a_view_that_declares_nothing_answers_nobody(app: Flask, login: Callable[[str], PageClient]) -> None:
    browser = login("admin")
    app.view_functions["admin.users"] = lambda: "open to all"
    assert browser.get("/admin/users").status_code == 403


def requests_of(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, verb and path of every page that is not public; numbers in a path are those of nothing."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if PAGES.get(rule.endpoint, PUBLIC) == PUBLIC or rule.endpoint == "auth.logout":
            continue
        path = adapter.build(rule.endpoint, {name: ACTS.get(name, 999_999) for name in rule.arguments})
        verbs = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found += [(rule.endpoint, verb, path) for verb in verbs]
    return found


def call(browser: PageClient, verb: str, path: str) -> int:
    return (browser.get(path) if verb == "GET" else browser.submit(path)).status_code


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_its_pages_and_no_other(app: Flask, login: Callable[[str], PageClient], role: str) -> None:
    browser = login(STAFF_OF[role])
    wrong = [
        (endpoint, status)
        for endpoint, verb, path in requests_of(app)
        if ((status := call(browser, verb, path)) == 403) == (role in PAGES[endpoint])
    ]
    assert wrong == []


def test_without_log_in_every_page_asks_for_it(app: Flask, client: PageClient) -> None:
    for _, verb, path in requests_of(app):
        answer = client.get(path) if verb == "GET" else client.submit(path)
        assert answer.status_code == (303 if verb == "GET" else 401), path
        assert "/login" in answer.headers.get("Location", "/login")


def test_an_act_is_never_done_by_following_a_link(app: Flask, client: PageClient) -> None:
    paths = requests_of(app)
    readable = {path for _, verb, path in paths if verb == "GET"}
    acts = [path for _, verb, path in paths if verb == "POST" and path not in readable]
    assert acts
    assert {client.get(path).status_code for path in acts} == {405}
