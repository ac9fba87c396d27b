"""Rights over the API: what shows a request, messages of the debtor, and the link to the debtor's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from web.accounts import User, issue_token
from web.state import attach, state_of

Ask = Callable[..., TestResponse]


@pytest.fixture
def wang(app: Flask, cases: dict[str, int], now: datetime) -> Ask:
    """``wang("POST", "/links", json={…})``: with wang's token."""
    with state_of(app).db.write() as session:
        token = issue_token(session, session.scalars(select(User).where(User.name == "wang")).one(), now)

    def ask(verb: str, path: str, **rest: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().open(f"/api/v1{path}", method=verb, headers=headers, **rest)

    return ask


def body(now: datetime, **fields: Any) -> dict[str, Any]:
    at = (now - timedelta(hours=1)).isoformat()
    return {"type": "complaint", "channel": "call", "evidence": "“别再打了”", "at": at, **fields}


def test_a_request_says_what_shows_it_and_how_it_stands(wang: Ask, now: datetime) -> None:
    sent = body(now, source="call:c-1", recording="R-17")
    made = wang("POST", "/debtors/D-wang/requests", json=sent)
    assert made.status_code == 201
    (listed,) = wang("GET", "/debtors/D-wang/requests").get_json()["items"]
    assert (listed["source"], listed["recording"], listed["state"]) == ("call:c-1", "R-17", "received")


@pytest.mark.parametrize("channel", ["hotline", "branch", "app", "web"])
def test_a_request_came_in_by_any_of_the_ways_that_people_use(wang: Ask, now: datetime, channel: str) -> None:
    assert wang("POST", "/debtors/D-wang/requests", json=body(now, channel=channel)).status_code == 201


@pytest.mark.parametrize(
    ("path", "wrong", "known"),
    [
        ("requests", {"type": "refund"}, "representation"),
        ("notices", {"type": "refund"}, "right_to_plan"),
        ("requests", {"channel": "pigeon"}, "hotline"),
    ],
)
def test_an_unknown_code_is_told_with_those_that_are_known(
    wang: Ask, now: datetime, path: str, wrong: dict[str, str], known: str
) -> None:
    answer = wang("POST", f"/debtors/D-wang/{path}", json=body(now, **wrong))
    error = answer.get_json()["error"]
    assert (answer.status_code, [error["field"]]) == (422, list(wrong))
    assert known in error["message"]


def test_a_notice_says_it_too(wang: Ask, now: datetime) -> None:
    sent = body(now, type="recording", recording="R-17")
    assert wang("POST", "/debtors/D-wang/notices", json=sent).get_json()["recording"] == "R-17"


@pytest.mark.parametrize("source", ["outreach:none", "letter:1"])
def test_a_source_that_is_none_is_refused(wang: Ask, now: datetime, source: str) -> None:
    answer = wang("POST", "/debtors/D-wang/requests", json=body(now, source=source))
    assert (answer.status_code, answer.get_json()["error"]["field"]) in ((422, "source"), (404, "source"))


def test_a_message_of_the_debtor_is_heard(wang: Ask, now: datetime) -> None:
    sent = {"id": "im1", "channel": "sms", "text": "金额不对，我要投诉你们", "at": now.isoformat()}
    answers = [wang("POST", "/debtors/D-wang/messages", json=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].get_json() == {"id": "im1", "proposed": ["dispute", "complaint"]}
    again = wang("POST", "/debtors/D-wang/messages", json=sent | {"text": "另一条"})
    assert again.status_code == 409


def test_somebody_elses_debtor_is_not_found(wang: Ask, now: datetime) -> None:
    sent = {"id": "im1", "channel": "sms", "text": "金额不对", "at": now.isoformat()}
    assert wang("POST", "/debtors/D-li/messages", json=sent).status_code == 404


def test_a_link_is_offered_where_there_is_a_public_address(app: Flask, wang: Ask) -> None:
    assert wang("POST", "/links", json={"id": "m1"}).status_code == 422
    edge = state_of(app)
    attach(app, replace(edge, config=replace(edge.config, public_url="https://rights.example.cn")))
    links = [wang("POST", "/links", json={"id": id}).get_json()["link"] for id in ("m1", "m1", "m2")]
    assert links[0] == links[1] != links[2]
    assert links[0].startswith("https://rights.example.cn/d/")
