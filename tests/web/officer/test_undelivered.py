"""What a channel gave up: shown masked, tried again or settled by an officer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from compliance import gate
from compliance.gate.channels import Rejected
from compliance.gate.models import Outreach
from tests.compliance.gate.fake_channel import FakeChannel
from tests.conftest import PageClient, WordJudge
from web.state import state_of

Login = Callable[[str], PageClient]
WORDS = "您好，张伟先生，您的账单已逾期，请致电95577。"


@pytest.fixture
def given_up(app: Flask, cases: dict[str, int], word_judge: WordJudge) -> int:
    """An e-mail that the server refused for good: its row id."""
    edge = state_of(app)
    submission = gate.Submission("m-1", "D-wang", "email", "E-wang", WORDS)
    gate.submit(edge.db, word_judge, submission, gate.Actor("wang"), edge.clock(), keys=edge.keys)  # type: ignore[arg-type]
    channel = FakeChannel(failures=[Rejected("SMTP 拒收（550）")])
    report = gate.dispatch_once(edge.db, word_judge, {"email": channel}, "w", edge.clock(), edge.keys)  # type: ignore[arg-type]
    assert report.failed == 1
    return outreach(app).id


def outreach(app: Flask) -> Outreach:
    with state_of(app).db.read() as session:
        return session.scalars(select(Outreach).where(Outreach.client_id == "m-1")).one()


def test_it_is_shown_with_its_reason_and_masked(login: Login, given_up: int) -> None:
    page = login("chen").get("/undelivered").text
    assert "SMTP 拒收（550）" in page
    assert "张伟" not in page
    assert "wang@example.com" not in page


def test_an_empty_list_says_so(login: Login) -> None:
    assert "没有未送达的消息" in login("chen").get("/undelivered").text


def test_it_is_tried_again(app: Flask, login: Login, given_up: int) -> None:
    browser = login("chen")
    assert browser.submit(f"/undelivered/{given_up}/again", {"checked": "yes"}).status_code == 303
    assert outreach(app).state == "permitted"
    assert browser.submit(f"/undelivered/{given_up}/again", {"checked": "yes"}).status_code == 409


def test_what_may_come_twice_is_checked_first(app: Flask, login: Login, given_up: int) -> None:
    state_of(app).channels["email"] = FakeChannel(accepts_keys=False)  # type: ignore[index]
    browser = login("chen")
    assert "已核实对方没有收到" in browser.get("/undelivered").text
    assert browser.submit(f"/undelivered/{given_up}/again").status_code == 422
    assert outreach(app).state == "failed"


def test_what_cannot_come_twice_needs_no_check(app: Flask, login: Login, given_up: int) -> None:
    assert login("chen").submit(f"/undelivered/{given_up}/again").status_code == 303


@pytest.mark.parametrize(("answer", "outcome"), [("yes", "delivered"), ("no", "undelivered")])
def test_it_is_settled(app: Flask, login: Login, given_up: int, answer: str, outcome: str) -> None:
    assert login("chen").submit(f"/undelivered/{given_up}/settle", {"arrived": answer}).status_code == 303
    assert outreach(app).outcome == outcome


def test_an_answer_is_needed(login: Login, given_up: int) -> None:
    assert login("chen").submit(f"/undelivered/{given_up}/settle").status_code == 422


@pytest.mark.parametrize("act", ["again", "settle"])
def test_what_is_not_there_is_not_found(login: Login, act: str) -> None:
    assert login("chen").submit(f"/undelivered/999/{act}", {"checked": "yes", "arrived": "yes"}).status_code == 404
