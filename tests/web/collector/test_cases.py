"""The list of cases and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import Account, ContactPoint
from compliance.ledger import LedgerEntry
from scripts_library import load_seeds, plant
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]


def kinds(app: Flask) -> list[str]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.seq)))


def test_the_list_holds_ones_own_cases_masked(login: Login, cases: Cases) -> None:
    page = login("wang").get("/cases").text
    assert "张*" in page
    assert "李**" not in page
    assert "张伟" not in page


@pytest.mark.parametrize(("query", "found"), [("张", True), ("62250000wang", True), ("D-wang", True), ("赵", False)])
def test_search_finds_by_name_account_and_reference(login: Login, cases: Cases, query: str, found: bool) -> None:
    assert (f'href="/cases/{cases["wang"]}"' in login("wang").get("/cases", query_string={"q": query}).text) is found


@pytest.mark.parametrize("query", ["%", "_", "'", "李", "D-li"])
def test_search_finds_nothing_of_others_and_knows_no_wildcards(login: Login, cases: Cases, query: str) -> None:
    assert 'href="/cases/' not in login("wang").get("/cases", query_string={"q": query}).text


def test_the_stage_filters(login: Login, cases: Cases) -> None:
    wang = login("wang")
    assert "张*" in wang.get("/cases?stage=middle").text
    assert "张*" not in wang.get("/cases?stage=final").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "9" * 5000, "２"])
def test_an_odd_page_number_is_a_page(login: Login, cases: Cases, page: str) -> None:
    assert login("wang").get("/cases", query_string={"page": page}).status_code == 200


@pytest.mark.parametrize("number", ["999999", "99999999999999999999", "9" * 5000, "0"])
def test_a_number_that_no_case_has_is_not_found(login: Login, cases: Cases, number: str) -> None:
    assert login("wang").get(f"/cases/{number}").status_code == 404


def test_a_case_of_somebody_else_is_not_there(login: Login, cases: Cases) -> None:
    wang = login("wang")
    answer = wang.get(f"/cases/{cases['li']}")
    assert answer.status_code == 404
    assert answer.text.count("D-li") == 0


@pytest.mark.parametrize("act", ["draft", "judge", "send", "note", "outcome", "reveal", "notices", "requests"])
def test_no_act_reaches_a_case_of_somebody_else(app: Flask, login: Login, cases: Cases, act: str) -> None:
    wang = login("wang")
    before = kinds(app)
    form = {
        "client_id": "x1", "point": "M-li", "channel": "call", "text": "您好", "note": "n", "outreach": "x",
        "outcome": "connected", "what": "name", "notice-type": "identity", "notice-channel": "letter",
        "notice-evidence": "e", "notice-at": "2026-11-18T09:00", "request-type": "dispute",
        "request-channel": "call", "request-evidence": "e", "request-at": "2026-11-18T09:00",
    }  # fmt: skip
    assert wang.submit(f"/cases/{cases['li']}/{act}", form).status_code == 404
    assert kinds(app) == before


def test_facts_are_masked_until_revealed(login: Login, cases: Cases) -> None:
    page = login("wang").get(f"/cases/{cases['wang']}").text
    assert "张伟" not in page
    assert "13812345678" not in page
    assert "110101199003071234" not in page


@pytest.mark.parametrize(
    ("what", "shown"), [("name", "张伟"), ("id_number", "110101199003071234"), ("point:M-wang", "13812345678")]
)
def test_a_reveal_shows_one_fact_and_is_in_the_ledger_without_it(
    app: Flask, login: Login, cases: Cases, what: str, shown: str
) -> None:
    page = login("wang").submit(f"/cases/{cases['wang']}/reveal", {"what": what, "text": "草稿"}).text
    assert shown in page
    assert "草稿" in page
    with state_of(app).db.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "pii:revealed")).one()
    assert (entry.actor, entry.subject) == ("wang", "debtor:D-wang")
    assert shown not in entry.body


@pytest.mark.parametrize("what", ["password", "point:M-li", "", "x" * 100])
def test_what_cannot_be_revealed_leaves_no_entry(app: Flask, login: Login, cases: Cases, what: str) -> None:
    assert login("wang").submit(f"/cases/{cases['wang']}/reveal", {"what": what}).status_code in {404, 422}
    assert "pii:revealed" not in kinds(app)


def test_a_settled_case_leaves_the_list(app: Flask, login: Login, cases: Cases) -> None:
    with state_of(app).db.write() as session:
        session.get_one(Account, cases["wang"]).settled_at = state_of(app).clock()
    assert "张*" not in login("wang").get("/cases").text


@pytest.mark.parametrize("settled", [False, True])
def test_words_for_what_is_settled_are_shown_only_there(app: Flask, login: Login, cases: Cases, settled: bool) -> None:
    edge = state_of(app)
    now = edge.clock()
    with edge.db.write() as session:
        plant(session, edge.judge, load_seeds(), author="lin", approver="wu", now=now)
        account = session.get_one(Account, cases["wang"])
        account.due_date = (now - timedelta(days=400)).date()
        account.settled_at = now if settled else None
    page = login("wang").get(f"/cases/{cases['wang']}?channel=sms").text
    assert "话术" in page
    assert ("结清短信" in page) is settled


@pytest.mark.parametrize("assigned", [False, True])
def test_the_notice_of_an_assignment_is_shown_where_there_was_one(
    app: Flask, login: Login, cases: Cases, assigned: bool
) -> None:
    edge = state_of(app)
    now = edge.clock()
    with edge.db.write() as session:
        plant(session, edge.judge, load_seeds(), author="lin", approver="wu", now=now)
        account = session.get_one(Account, cases["wang"])
        account.due_date, account.assigned = (now - timedelta(days=150)).date(), assigned
    page = login("wang").get(f"/cases/{cases['wang']}?channel=sms").text
    assert "后期短信：邀请协商" in page
    assert ("债权转让告知" in page) is assigned


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("relation", "own", "zh", "en"),
    [
        ("self", "本人", "本人", "Self"),
        ("self", None, "本人", "Self"),
        ("liable_third_party", "担保人", "责任第三人 担保人", "Liable third party 担保人"),
        ("other_third_party", "同事", "其他第三人 同事", "Other third party 同事"),
    ],
)
def test_a_contact_point_says_once_whose_it_is(
    app: Flask, login: Login, cases: Cases, relation: str, own: str | None, zh: str, en: str, lang: str
) -> None:
    with state_of(app).db.write() as session:
        point = session.scalars(select(ContactPoint).where(ContactPoint.ref == "M-wang")).one()
        point.relation, point.label = relation, own
    wang = login("wang")
    wang.submit("/language", {"lang": lang})
    assert f"<small>{zh if lang == 'zh' else en}</small>" in wang.get(f"/cases/{cases['wang']}").text
