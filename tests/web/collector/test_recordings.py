"""The recording of a call on the page of the case and by the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from assistant.calls.models import Call
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


def test_an_outcome_is_not_kept_without_the_recording_that_came_with_it(
    app: Flask, login: Login, line: Callable[[str], Line], cases: Cases
) -> None:
    browser = permitted(login, cases)
    page = browser.submit(
        f"/cases/{cases['wang']}/outcome", {"outreach": "c-1", "outcome": "connected", "recording": "REC\x07"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert page.status_code == 422
    assert "录音编号含有不能使用的字符" in page.text and 'data-field="recording"' in page.text
    body = {"outcome": "connected", "recording": "REC\x07"}
    refused = line("wang").ask("POST", "/outreach/c-1/outcome", json=body)
    assert (refused.status_code, (refused.json or {})["error"]["field"]) == (422, "recording")
    assert dialled(app).outcome is None


def wrapped(browser: PageClient, **said: str) -> Any:
    """The call of the permitted dial, closed by its wrap-up."""
    path = browser.submit("/calls", {"outreach": "c-1"}).headers["Location"]
    asked = browser.get(f"{path}/wrap").text
    body = {"outcome": "callback", "reason": "unknown", "next_step": "none", **said}
    return asked, browser.submit(f"{path}/close", body)


def test_the_wrap_up_asks_for_the_recording(app: Flask, login: Login, cases: Cases) -> None:
    browser = permitted(login, cases)
    asked, closed = wrapped(browser, recording=" REC-1 ")
    assert 'name="recording"' in asked and closed.status_code == 303
    assert (dialled(app).outcome, dialled(app).recording) == ("connected", "REC-1")
    assert "录音未登记" not in browser.get(f"/cases/{cases['wang']}").text


def test_a_wrap_up_that_leaves_it_out_still_owes_it(app: Flask, login: Login, cases: Cases) -> None:
    browser = permitted(login, cases)
    assert wrapped(browser)[1].status_code == 303
    assert (dialled(app).outcome, dialled(app).recording) == ("connected", None)
    assert "录音未登记" in browser.get(f"/cases/{cases['wang']}").text


def test_a_wrap_up_with_a_recording_that_is_refused_keeps_nothing(app: Flask, login: Login, cases: Cases) -> None:
    _, refused = wrapped(permitted(login, cases), recording="REC\x07", note="对方要求稍后联系。")
    assert refused.status_code == 422
    assert re.search(r'<input[^>]*is-invalid[^>]*name="recording"', refused.text)
    with state_of(app).db.read() as session:
        assert session.scalars(select(Call.closed_at)).one() is None
        assert session.scalars(select(Outreach.channel)).all() == ["call"]
    assert dialled(app).outcome is None


def test_the_wrap_up_does_not_ask_for_what_is_told(app: Flask, login: Login, cases: Cases) -> None:
    browser = permitted(login, cases)
    assert outcome(browser, cases, outcome="connected", recording="REC-1") == 303
    asked, closed = wrapped(browser)
    assert 'name="recording"' not in asked and closed.status_code == 303
