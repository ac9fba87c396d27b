"""The page that decides a past verdict again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update

from compliance import gate
from compliance.gate.models import OutreachText
from compliance.gate.types import Actor, Submission
from tests.conftest import PageClient
from web.state import announce, state_of

Login = Callable[[str], PageClient]


@pytest.fixture
def blocked(app: Flask, cases: dict[str, int], now: datetime) -> str:
    """The sender's id of a threat that was blocked."""
    edge = state_of(app)
    announce(edge)
    message = Submission("a/1 ?", "D-wang", "sms", "M-wang", "再不还钱就打断你的腿，13812345678。")
    gate.submit(edge.db, edge.judge, message, Actor("wang"), now, keys=edge.keys)
    return message.id


@pytest.mark.parametrize("name", ["chen", "admin"])
def test_a_verdict_comes_out_the_same_and_the_page_says_so(login: Login, blocked: str, name: str) -> None:
    page = login(name).get("/why", query_string={"outreach": blocked}).text
    assert "结论与当时完全一致" in page
    assert "cn.threat.kill" in page


def test_the_page_shows_no_number_in_full(login: Login, blocked: str) -> None:
    page = login("chen").get("/why", query_string={"outreach": blocked}).text
    assert "138****5678" in page
    assert "13812345678" not in page


def test_the_ledger_and_the_list_of_decisions_lead_there(login: Login, blocked: str) -> None:
    assert 'href="/why?outreach=a/1+?"' in login("chen").get("/ledger").text.replace("%20", "+").replace(
        "%2F", "/"
    ).replace("%3F", "?")


def test_erased_words_are_said_to_be_erased(app: Flask, login: Login, blocked: str, now: datetime) -> None:
    with state_of(app).db.write() as session:
        session.execute(update(OutreachText).values(text=None, inputs=None, erased_at=now))
    page = login("chen").get("/why", query_string={"outreach": blocked}).text
    assert "没有重新判断" in page
    assert "2026-11-18 到期删除" in page


@pytest.mark.parametrize("reference", ["", "nothing", "#0", "#" + "9" * 40])
def test_what_is_not_there_is_not_found(login: Login, reference: str) -> None:
    assert login("chen").get("/why", query_string={"outreach": reference}).status_code == 404


@pytest.mark.parametrize("name", ["wang", "lin"])
def test_others_do_not_see_it(login: Login, blocked: str, name: str) -> None:
    assert login(name).get("/why", query_string={"outreach": blocked}).status_code == 403
