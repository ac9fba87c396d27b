"""The recording of a call on the page of the case and by the API."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from compliance.gate.models import Outreach, Review
from tests.conftest import PageClient
from tests.web.api.call_line import Line
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
DIAL = {"client_id": "c-1", "point": "M-wang", "channel": "call", "text": ""}


def dialled(app: Flask) -> Outreach:
    with state_of(app).db.read() as session:
        return session.scalars(select(Outreach).where(Outreach.client_id == "c-1")).one()


def permitted(login: Login, cases: Cases) -> PageClient:
    browser = login("wang")
    assert browser.submit(f"/cases/{cases['wang']}/send", DIAL).status_code == 303
    return browser


def outcome(browser: PageClient, cases: Cases, **said: str) -> int:
    return browser.submit(f"/cases/{cases['wang']}/outcome", {"outreach": "c-1", **said}).status_code


def test_a_call_that_was_answered_needs_a_recording_or_a_reason(app: Flask, login: Login, cases: Cases) -> None:
    browser = permitted(login, cases)
    assert outcome(browser, cases, outcome="connected") == 422
    assert dialled(app).outcome is None
    assert outcome(browser, cases, outcome="connected", recording="REC-1") == 303
    assert (dialled(app).outcome, dialled(app).recording) == ("connected", "REC-1")


def test_a_call_that_nobody_answered_needs_none(app: Flask, login: Login, cases: Cases) -> None:
    assert outcome(permitted(login, cases), cases, outcome="no_answer") == 303


def test_a_reason_reaches_an_officer(app: Flask, login: Login, cases: Cases) -> None:
    assert outcome(permitted(login, cases), cases, outcome="connected", no_recording="录音设备故障") == 303
    with state_of(app).db.read() as session:
        item = session.scalars(select(Review.id)).one()
    assert "通话没有录音" in login("chen").get(f"/review/{item}").text


def test_what_is_owed_is_told_later(app: Flask, login: Login, line: Callable[[str], Line], cases: Cases) -> None:
    browser, wang = permitted(login, cases), line("wang")
    assert wang.ask("POST", "/outreach/c-1/outcome", json={"outcome": "connected"}).status_code == 200
    assert (wang.ask("GET", "/outreach/c-1").json or {})["recording_owed"] is True
    assert "录音未登记" in browser.get(f"/cases/{cases['wang']}").text
    told = browser.submit(f"/cases/{cases['wang']}/recording", {"outreach": "c-1", "recording": "REC-1"})
    assert told.status_code == 303
    assert "录音未登记" not in browser.get(f"/cases/{cases['wang']}").text
    assert (wang.ask("GET", "/outreach/c-1").json or {})["recording_owed"] is False


def test_somebody_elses_call_is_not_told_of(app: Flask, login: Login, cases: Cases) -> None:
    outcome(permitted(login, cases), cases, outcome="no_answer")
    told = login("li").submit(f"/cases/{cases['wang']}/recording", {"outreach": "c-1", "recording": "REC-1"})
    assert told.status_code == 404


def test_the_platform_tells_by_api(app: Flask, login: Login, line: Callable[[str], Line], cases: Cases) -> None:
    permitted(login, cases)
    wang = line("wang")
    early = wang.ask("POST", "/outreach/c-1/recording", json={"recording": "REC-1"})
    assert (early.status_code, (early.json or {})["error"]["code"]) == (409, "no_call")
    assert wang.ask("POST", "/outreach/c-1/outcome", json={"outcome": "connected"}).status_code == 200
    for _ in range(2):
        assert wang.ask("POST", "/outreach/c-1/recording", json={"recording": "REC-1"}).status_code == 200
    assert wang.ask("POST", "/outreach/c-1/recording", json={"recording": "REC-2"}).status_code == 409
    assert dialled(app).recording == "REC-1"


def test_the_outcome_may_bring_the_recording(
    app: Flask, login: Login, line: Callable[[str], Line], cases: Cases
) -> None:
    permitted(login, cases)
    body = {"outcome": "connected", "recording": "REC-1"}
    for _ in range(2):
        assert line("wang").ask("POST", "/outreach/c-1/outcome", json=body).status_code == 200
    assert dialled(app).recording == "REC-1"
