"""Plans on the pages and by the API: written field by field, agreed by an officer, shown to the debtor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import Account
from compliance.judge.contact.planning import CONTENTS
from compliance.rights.models import PlanAgreement
from tests.conftest import PageClient
from tests.web.api.call_line import Line
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
TERMS = {
    "kind": "individual", "principal": "8000.00", "interest": "320.50", "fees": "60.00", "currency": "CNY",
    "instalments": "24", "cycle_months": "1", "first_due": "2026-12-15", "amount": "349.18",
    "method": "本人账户自动扣款", "charged": "no", "no_new_card": "y", "other": "无",
    "duties": "张伟按期还款，逾期两期的协议终止。",
}  # fmt: skip
SIGNED = {"evidence": "双方签字的协议 PL-7"}


def propose(browser: PageClient, account: int, **changed: str) -> str:
    """Wang's plan; its address."""
    answer = browser.submit(f"/plans/new/{account}", TERMS | changed)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def account_of(app: Flask, account: int) -> Account:
    with state_of(app).db.read() as session:
        return session.get_one(Account, account)


def test_the_form_comes_with_the_balance_of_the_account(login: Login, cases: Cases) -> None:
    page = login("wang").get(f"/plans/new/{cases['wang']}").text
    assert all(f'value="{TERMS[name]}"' in page for name in ("principal", "interest", "fees"))


def test_each_content_that_is_missing_is_told_at_its_field(app: Flask, login: Login, cases: Cases) -> None:
    answer = login("wang").submit(f"/plans/new/{cases['wang']}", {"kind": "individual"})
    assert answer.status_code == 422
    assert answer.text.count("没有写明") == sum(map(len, CONTENTS.values()))
    with state_of(app).db.read() as session:
        assert session.scalar(select(PlanAgreement)) is None


def test_a_term_that_is_too_long_is_refused_with_its_article(login: Login, cases: Cases) -> None:
    page = login("wang").submit(f"/plans/new/{cases['wang']}", TERMS | {"instalments": "61"}).text
    assert "最长 60 个月" in page
    assert "《信用卡办法2011》第70条" in page


def test_what_is_no_number_is_told_and_what_was_typed_stays(login: Login, cases: Cases) -> None:
    answer = login("wang").submit(f"/plans/new/{cases['wang']}", TERMS | {"amount": "三百"})
    assert (answer.status_code, "三百" in answer.text, "本人账户自动扣款" in answer.text) == (422, True, True)


def test_a_plan_is_proposed_masked_agreed_and_broken(app: Flask, login: Login, cases: Cases) -> None:
    plan = propose(login("wang"), cases["wang"])
    officer = login("chen")
    page = officer.get(plan).text
    assert ("张伟" in page, "张*按期还款" in page) == (False, True)
    assert officer.submit(f"{plan}/agree", SIGNED).status_code == 303
    assert account_of(app, cases["wang"]).plan_in_force
    assert "分期履行中" in login("wang").get(f"/cases/{cases['wang']}").text
    refused = officer.submit(f"{plan}/state", {"to": "broken", "reason": "第1期未还"})
    assert (refused.status_code, "首期还款日还没有过" in refused.text) == (422, True)


def test_an_agreement_needs_evidence(app: Flask, login: Login, cases: Cases) -> None:
    plan = propose(login("wang"), cases["wang"])
    assert login("chen").submit(f"{plan}/agree", {"evidence": " "}).status_code == 422
    assert not account_of(app, cases["wang"]).plan_in_force


def test_a_collector_tells_the_debtor_through_the_page_of_the_case(login: Login, cases: Cases) -> None:
    browser = login("wang")
    page = browser.get(propose(browser, cases["wang"])).text
    assert f'action="/cases/{cases["wang"]}/draft"' in page
    assert "分24期，每月一期，每期349.18元" in page


def test_a_collector_may_take_back_a_proposal_and_say_nothing_more(app: Flask, login: Login, cases: Cases) -> None:
    browser, officer = login("wang"), login("chen")
    back, agreed = propose(browser, cases["wang"]), propose(browser, cases["wang"])
    officer.submit(f"{agreed}/agree", SIGNED)
    told = {"to": "ended", "reason": "债务人改变主意"}
    assert browser.submit(f"{back}/state", told).status_code == 303
    assert browser.submit(f"{agreed}/state", told).status_code == 403
    assert account_of(app, cases["wang"]).plan_in_force


@pytest.mark.parametrize("path", ["/plans/new/{li}", "/plans?account={li}", "{plan}"])
def test_a_collector_sees_no_plan_of_somebody_elses_case(login: Login, cases: Cases, path: str) -> None:
    plan = propose(login("li"), cases["li"])
    assert login("wang").get(path.format(li=cases["li"], plan=plan)).status_code == 404


def test_the_list_of_a_collector_is_of_their_cases(login: Login, cases: Cases) -> None:
    propose(login("li"), cases["li"])
    assert "还没有分期协议" in login("wang").get("/plans").text
    assert "李**" in login("chen").get("/plans").text


def body(**changed: Any) -> dict[str, Any]:
    numbers = {"instalments": 24, "cycle_months": 1, "charged": False, "no_new_card": True}
    return TERMS | numbers | {"account": "62250000wang"} | changed


def test_the_api_takes_a_plan_and_what_becomes_of_it(app: Flask, line: Callable[[str], Line], cases: Cases) -> None:
    wang, chen = line("wang"), line("chen")
    made = wang.ask("POST", "/debtors/D-wang/plans", json=body())
    assert (made.status_code, made.get_json()["last_due"]) == (201, "2028-11-15")
    path = f"/plans/{made.get_json()['ref']}/state"
    told = {"state": "agreed", "evidence": "录音里双方同意", "recording": "R-5"}
    assert chen.ask("POST", path, json=told).get_json()["state"] == "agreed"
    (listed,) = wang.ask("GET", "/debtors/D-wang/plans").get_json()["items"]
    assert (listed["state"], listed["recording"], listed["amount"]) == ("agreed", "R-5", "349.18")
    assert chen.ask("POST", path, json=told).status_code == 409


def test_the_api_names_the_field_that_is_missing(line: Callable[[str], Line], cases: Cases) -> None:
    answer = line("wang").ask("POST", "/debtors/D-wang/plans", json=body(duties=None))
    assert (answer.status_code, answer.get_json()["error"]["field"]) == (422, "duties")
