"""The sheet of a visit on the page, by the API, and before the officer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import ContactPoint, Debtor
from compliance.gate.models import Outreach, Review, VisitRecord
from tests.conftest import PageClient
from tests.web.api.call_line import Line
from web.state import attach, state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
ADDRESS = "某市某区某路1号"


@pytest.fixture
def home(app: Flask, cases: Cases) -> Cases:
    """The cases, where Wang's debtor has an address too."""
    with state_of(app).db.write() as session:
        debtor = session.scalars(select(Debtor).where(Debtor.ref == "D-wang")).one()
        session.add(
            ContactPoint(
                ref="H-wang", debtor_id=debtor.id, kind="address", value=ADDRESS, relation="self", source="contract"
            )
        )
    return cases


def asked() -> dict[str, str]:
    return {"client_id": "v-1", "point": "H-wang", "channel": "visit", "visitors": "2"}


def told(app: Flask, **changes: str | list[str]) -> dict[str, str | list[str]]:
    """The sheet as the form sends it, of a visit that began when it was permitted."""
    here = state_of(app).clock().astimezone(state_of(app).config.zone)
    return {f"visit-{name}": value for name, value in ({
        "outreach": "v-1", "people": "明\n红", "shown": ["identity", "authority", "papers"],
        "arrived_at": f"{here:%Y-%m-%dT%H:%M}", "left_at": f"{here:%Y-%m-%dT%H:%M}", "dress_checked": "y",
        "recording": "REC-1", "outcome": "visited", "course": "已当面告知账单情况，客户表示下月处理。",
    } | changes).items()}  # fmt: skip


def permitted(login: Login, home: Cases) -> PageClient:
    browser = login("wang")
    assert browser.submit(f"/cases/{home['wang']}/send", asked()).status_code == 303
    return browser


def test_the_page_of_a_permitted_visit_asks_for_its_sheet(login: Login, home: Cases) -> None:
    page = permitted(login, home).get(f"/cases/{home['wang']}?result=v-1").text
    assert "外访记录表" in page
    assert ADDRESS in page


def test_a_sheet_is_saved_and_settles_the_visit(app: Flask, login: Login, home: Cases) -> None:
    browser = permitted(login, home)
    answer = browser.submit(f"/cases/{home['wang']}/visit", told(app), follow_redirects=True)
    assert "记录表已保存。" in answer.text
    assert "已登记：已上门" in answer.text
    with state_of(app).db.read() as session:
        assert session.scalars(select(VisitRecord.people)).one() == "明\n红"
        assert session.scalars(select(Review)).all() == []


def test_what_is_amiss_reaches_an_officer_with_the_sheet(app: Flask, login: Login, home: Cases) -> None:
    browser = permitted(login, home)
    sheet = told(app, entered="y", recording="", no_recording="设备没电")
    answer = browser.submit(f"/cases/{home['wang']}/visit", sheet, follow_redirects=True)
    assert "2 项须由合规专员核查" in answer.text
    officer = login("chen")
    with state_of(app).db.read() as session:
        item = session.scalars(select(Review.id)).one()
    page = officer.get(f"/review/{item}").text
    assert "外访没有全程录音或录像" in page
    assert "没有写明是谁同意进门" in page
    assert all(word in page for word in ("明、红", "没有写明谁同意", "没有：设备没电", "已上门", "催记 · 上门"))


@pytest.mark.parametrize("missing", ["people", "arrived_at", "left_at", "course"])
def test_what_is_missing_is_said(app: Flask, login: Login, home: Cases, missing: str) -> None:
    browser = permitted(login, home)
    assert browser.submit(f"/cases/{home['wang']}/visit", told(app, **{missing: ""})).status_code == 422
    with state_of(app).db.read() as session:
        assert session.scalars(select(VisitRecord)).all() == []


def test_somebody_elses_visit_is_not_told_of(app: Flask, login: Login, home: Cases) -> None:
    permitted(login, home)
    assert login("li").submit(f"/cases/{home['wang']}/visit", told(app)).status_code == 404


def test_nobody_went(app: Flask, login: Login, home: Cases) -> None:
    browser = permitted(login, home)
    answer = browser.submit(
        f"/cases/{home['wang']}/outcome", {"outreach": "v-1", "outcome": "not_made"}, follow_redirects=True
    )
    assert "已登记：没有成行" in answer.text


def test_leave_that_ran_out_still_asks_for_the_sheet_without_the_address(app: Flask, login: Login, home: Cases) -> None:
    browser = permitted(login, home)
    edge = state_of(app)
    with edge.db.write() as session:
        session.scalars(select(Outreach)).one().state = "expired"
    case = browser.get(f"/cases/{home['wang']}").text
    assert re.search(r'href="[^"]+result=v-1[^"]*">填写外访记录表', case)
    page = browser.get(f"/cases/{home['wang']}?result=v-1").text
    assert "visit-arrived_at" in page
    assert ADDRESS not in page


def test_nobody_goes_again_before_the_sheet_is_filled_in(app: Flask, login: Login, home: Cases) -> None:
    browser = permitted(login, home)
    edge = state_of(app)
    tomorrow = edge.clock() + timedelta(days=1)
    attach(app, replace(edge, clock=lambda: tomorrow))
    page = browser.submit(f"/cases/{home['wang']}/send", asked() | {"client_id": "v-2"}, follow_redirects=True).text
    assert "还没有填写记录表" in page
    browser.submit(f"/cases/{home['wang']}/outcome", {"outreach": "v-1", "outcome": "not_made"})
    browser.submit(f"/cases/{home['wang']}/send", asked() | {"client_id": "v-3"})
    with edge.db.read() as session:
        states = session.execute(select(Outreach.client_id, Outreach.state).order_by(Outreach.id)).all()
    assert [tuple(one) for one in states][1:] == [("v-2", "blocked"), ("v-3", "permitted")]


def test_the_sheet_by_api(app: Flask, line: Callable[[str], Line], home: Cases) -> None:
    wang, at = line("wang"), state_of(app).clock().isoformat()
    body = {"id": "v-1", "debtor": "D-wang", "contact_point": "H-wang", "channel": "visit", "visitors": 2}
    assert wang.ask("POST", "/outreach", json=body).status_code == 201
    refused = wang.ask("POST", "/outreach/v-1/outcome", json={"outcome": "visited"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "sheet_missing")
    sheet = {"people": ["明"], "shown": ["identity", "authority", "papers"], "arrived_at": at, "left_at": at,
             "dress_checked": True, "recording": "R", "outcome": "visited", "course": "已当面告知账单。"}  # fmt: skip
    for _ in range(2):
        answer = wang.ask("POST", "/outreach/v-1/visit", json=sheet)
        assert answer.status_code == 200
        assert [one["rule"] for one in answer.get_json()["findings"]] == ["cn.visit.people"]
    assert answer.get_json()["outcome"] == "visited"
