"""On the page of the case: what was heard in notes and messages is recorded with one key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.calls.closing import Closing, close_call
from assistant.calls.models import CallRight
from assistant.calls.opening import Introduction, Opening, open_call
from assistant.calls.receiving import Incoming, receive
from compliance import rights
from compliance.casebook.models import Account
from compliance.gate.models import Review
from compliance.gate.types import Actor
from compliance.rights.models import RightsRequest
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]


@pytest.fixture
def wang(login: Login) -> PageClient:
    return login("wang")


def write(browser: PageClient, cases: Cases, text: str) -> None:
    browser.submit(f"/cases/{cases['wang']}/note", {"client_id": "n1", "note": text})


def requests(app: Flask) -> list[RightsRequest]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(RightsRequest)))


def test_a_note_proposes_and_one_key_records(app: Flask, wang: PageClient, cases: Cases) -> None:
    write(wang, cases, "张伟称金额不对，要求核实。电话13812345678")
    page = wang.get(f"/cases/{cases['wang']}").text
    assert 'data-key="y"' in page
    assert "<q>张*称金额不对，要求核实</q>" in page
    wang.submit(f"/cases/{cases['wang']}/heard", {"source": "outreach:n1", "type": "dispute"})
    (request,) = requests(app)
    assert (request.type, request.source, request.recorded_by) == ("dispute", "outreach:n1", "wang")
    assert 'data-key="y"' not in wang.get(f"/cases/{cases['wang']}").text
    with state_of(app).db.read() as session:
        assert session.scalar(select(Review.state)) == "noted"


def test_a_second_click_records_nothing(app: Flask, wang: PageClient, cases: Cases) -> None:
    write(wang, cases, "客户称金额不对")
    form = {"source": "outreach:n1", "type": "dispute"}
    statuses = [wang.submit(f"/cases/{cases['wang']}/heard", form).status_code for _ in range(2)]
    assert statuses == [303, 409]
    assert len(requests(app)) == 1


def test_what_was_not_heard_cannot_be_recorded_here(app: Flask, wang: PageClient, cases: Cases) -> None:
    write(wang, cases, "客户称金额不对")
    form = {"source": "outreach:n1", "type": "complaint"}
    assert wang.submit(f"/cases/{cases['wang']}/heard", form).status_code == 409
    assert requests(app) == []


def test_a_message_is_shown_and_settled(app: Flask, wang: PageClient, cases: Cases, now: datetime) -> None:
    edge = state_of(app)
    with edge.db.write() as session:
        account = session.get_one(Account, cases["wang"])
        rights.receive_inbound(
            session, ref="im1", debtor_id=account.debtor_id, channel="sms", text="别再打我单位", at=now, actor="gw",
            now=now,
        )  # fmt: skip
    assert "别再打我单位" in wang.get(f"/cases/{cases['wang']}").text
    wang.submit(f"/cases/{cases['wang']}/heard/settle", {"ref": "im1"})
    page = wang.get(f"/cases/{cases['wang']}").text
    assert "别再打我单位" in page
    assert 'data-key="y"' not in page


def test_the_case_of_somebody_else_is_not_found(login: Login, wang: PageClient, cases: Cases) -> None:
    write(wang, cases, "客户称金额不对")
    form = {"source": "outreach:n1", "type": "dispute"}
    assert login("li").submit(f"/cases/{cases['wang']}/heard", form).status_code == 404


def test_what_a_call_heard_and_nobody_recorded_is_proposed_on_the_page_of_the_case(
    app: Flask, wang: PageClient, cases: Cases
) -> None:
    ref = call(app, cases, "我要投诉你们")
    assert "<q>我要投诉你们</q>" in wang.get(f"/cases/{cases['wang']}").text
    wang.submit(f"/cases/{cases['wang']}/heard", {"source": f"call:{ref}", "type": "complaint"})
    (request,) = requests(app)
    assert (request.type, request.source) == ("complaint", f"call:{ref}")
    assert "<q>我要投诉你们</q>" not in wang.get(f"/cases/{cases['wang']}").text
    with state_of(app).db.read() as session:
        assert session.scalar(select(CallRight.request_ref)) == request.ref


def call(app: Flask, cases: Cases, words: str) -> str:
    """A call in which the debtor says these words, closed without recording anything."""
    edge, actor = state_of(app), Actor("wang", "collector")
    opening = Opening("D-wang", "M-wang", direction="in")
    ref = open_call(edge.calls, opening, actor, Introduction, edge.clock()).ref
    receive(edge.calls, ref, Incoming("debtor", words), edge.clock())
    close_call(edge.calls, ref, Closing("complaint"), actor, edge.clock())
    return ref
