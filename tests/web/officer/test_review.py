"""The queue and one item: taken by one, decided with reasons, answered to its author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from compliance import rights
from compliance.casebook.models import Account
from compliance.gate.models import Outreach
from compliance.review import PATIENCE
from compliance.review.models import Review
from tests.conftest import PageClient
from web.state import attach, state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]


@pytest.fixture
def held(app: Flask, login: Login, cases: Cases) -> int:
    """A call of wang's that was held, since the debtor had asked for no more contact: the item's number."""
    edge = state_of(app)
    with edge.db.write() as session:
        account = session.get_one(Account, cases["wang"])
        rights.receive_request(
            session, debtor_id=account.debtor_id, type="stop_contact", channel="call", evidence="录音 1",
            at=edge.clock() - timedelta(hours=1), actor="wang", now=edge.clock(),
        )  # fmt: skip
    form = {"client_id": "c-1", "point": "M-wang", "channel": "call"}
    assert login("wang").submit(f"/cases/{cases['wang']}/send", form).status_code == 303
    return review(app).id


def review(app: Flask) -> Review:
    with state_of(app).db.read() as session:
        return session.scalars(select(Review)).one()


def state(app: Flask) -> str:
    with state_of(app).db.read() as session:
        return session.scalars(select(Outreach.state)).one()


def findings(app: Flask) -> int:
    with state_of(app).db.read() as session:
        return len(session.scalars(select(Outreach)).one().verdict["findings"])


def decision(app: Flask, act: str, word: str = "compliant", reason: str = "债务人来电同意") -> dict[str, str]:
    form = {"act": act, "reason": reason}
    for index in range(findings(app)):
        form |= {f"decision-{index}": word, f"reason-{index}": "已核对"}
    return form


def test_the_queue_shows_what_waits(login: Login, held: int) -> None:
    page = login("chen").get("/review").text
    assert f"/review/{held}/take" in page
    assert "权利主张" in page


def test_the_next_item_is_taken_and_gone_for_others(app: Flask, login: Login, held: int) -> None:
    assert login("chen").submit("/review/next").headers["Location"] == f"/review/{held}"
    assert review(app).officer == "chen"
    assert login("zhao").submit("/review/next").headers["Location"] == "/review"
    assert login("zhao").submit(f"/review/{held}/take").status_code == 409


def test_looking_at_an_item_takes_nothing(app: Flask, login: Login, held: int) -> None:
    page = login("chen").get(f"/review/{held}").text
    assert "领取" in page
    assert 'value="release"' not in page
    assert review(app).state == "waiting"


def test_an_item_put_back_waits_again(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    assert chen.submit(f"/review/{held}/back").status_code == 303
    assert review(app).state == "waiting"


@pytest.mark.parametrize(
    ("act", "word", "after"),
    [("release", "compliant", "permitted"), ("return", "violation", "returned"), ("refuse", "violation", "refused")],
)
def test_a_decision_is_carried_out(app: Flask, login: Login, held: int, act: str, word: str, after: str) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    assert chen.submit(f"/review/{held}", decision(app, act, word)).headers["Location"] == "/review"
    assert state(app) == after


def test_a_decision_is_made_once(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    form = decision(app, "refuse", "violation")
    chen.submit(f"/review/{held}", form)
    assert chen.submit(f"/review/{held}", form).status_code == 409
    assert state(app) == "refused"


def test_an_item_that_was_not_taken_is_not_decided(app: Flask, login: Login, held: int) -> None:
    assert login("chen").submit(f"/review/{held}", decision(app, "refuse")).status_code == 409
    assert state(app) == "held"


@pytest.mark.parametrize("change", [{"reason": ""}, {"act": "shred"}, {"decision-0": "maybe"}, {"reason-0": ""}])
def test_an_incomplete_decision_is_refused(app: Flask, login: Login, held: int, change: dict[str, str]) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    assert chen.submit(f"/review/{held}", decision(app, "refuse", "violation") | change).status_code == 422
    assert state(app) == "held"


def test_a_release_needs_a_word_on_each_finding(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    assert chen.submit(f"/review/{held}", {"act": "release", "reason": "同意"}).status_code == 409
    assert state(app) == "held"


def test_a_violation_is_not_released(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    assert chen.submit(f"/review/{held}", decision(app, "release", "violation")).status_code == 409
    assert state(app) == "held"


def test_what_has_become_a_block_cannot_be_released(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    edge = state_of(app)
    night = edge.clock().replace(hour=23)
    attach(app, replace(edge, clock=lambda: night))
    answer = chen.submit(f"/review/{held}", decision(app, "release"))
    assert "没有放行" in chen.get(answer.headers["Location"]).text
    assert state(app) == "held"


def test_the_button_is_dead_where_a_finding_blocks(app: Flask, login: Login, held: int) -> None:
    with state_of(app).db.write() as session:
        outreach = session.scalars(select(Outreach)).one()
        stored = dict(outreach.verdict)
        stored["findings"] = [finding | {"decision": "block"} for finding in stored["findings"]]
        outreach.verdict = stored
    chen = login("chen")
    chen.submit("/review/next")
    page = chen.get(f"/review/{held}").text
    button = page[page.index('value="release"') :][:80]
    assert "disabled" in button
    assert "任何人都不能放行" in page


def test_the_author_is_told_once(app: Flask, login: Login, held: int, cases: Cases) -> None:
    chen, wang = login("chen"), login("wang")
    chen.submit("/review/next")
    chen.submit(f"/review/{held}", decision(app, "return", "violation", "请先核实来电"))
    assert "1 条新答复" in wang.get("/cases").text
    page = wang.get(f"/cases/{cases['wang']}").text
    assert "请先核实来电" in page
    assert "zy-unseen" in page
    assert "条新答复" not in wang.get("/cases").text
    assert "zy-unseen" not in wang.get(f"/cases/{cases['wang']}").text


def test_the_decided_list_keeps_it(app: Flask, login: Login, held: int) -> None:
    chen = login("chen")
    chen.submit("/review/next")
    chen.submit(f"/review/{held}", decision(app, "refuse", "violation", "不应再联系"))
    page = login("zhao").get("/review/decided").text
    assert "不应再联系" in page
    assert f"/review/{held}" in page


def test_a_flagged_note_is_noted(app: Flask, login: Login, cases: Cases) -> None:
    form = {"client_id": "n-1", "note": "电话里骂了他是骗子，又打给他同事让其转告还钱"}
    login("wang").submit(f"/cases/{cases['wang']}/note", form)
    chen = login("chen")
    chen.submit("/review/next")
    number = review(app).id
    assert 'value="release"' not in chen.get(f"/review/{number}").text
    assert chen.submit(f"/review/{number}", decision(app, "note", "violation")).status_code == 303
    assert review(app).state == "noted"


def test_unverified_rules_and_house_policy_are_not_shown_as_law(login: Login, held: int) -> None:
    page = login("chen").get(f"/review/{held}").text
    assert "机构政策" in page


def test_the_filter_stays_while_one_item_follows_the_other(
    login: Callable[[str], PageClient], cases: dict[str, int]
) -> None:
    for name, count in (("wang", 2), ("li", 1)):
        for number in range(count):
            form = {"client_id": f"{name}{number}", "note": f"{name} 客户称金额不对 {number}"}
            login(name).submit(f"/cases/{cases[name]}/note", form)
    chen = login("chen")
    page = chen.get("/review?collector=li").text
    assert ("li 客户称" in page, "wang 客户称" in page) == (True, False)
    taken = chen.submit("/review/next?collector=wang").headers["Location"]
    assert taken.endswith("?collector=wang")
    page = chen.get(taken).text
    assert "还剩 1 条" in page
    assert "/review/1?collector=wang" in page


def test_what_has_waited_too_long_is_marked(
    app: Flask, login: Callable[[str], PageClient], cases: dict[str, int]
) -> None:
    login("wang").submit(f"/cases/{cases['wang']}/note", {"client_id": "n1", "note": "客户称金额不对"})
    assert "zy-late" not in login("chen").get("/review").text
    with state_of(app).db.write() as session:
        session.scalars(select(Review)).one().created_at -= PATIENCE + timedelta(seconds=1)
    assert "zy-late" in login("chen").get("/review").text
