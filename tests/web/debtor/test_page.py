"""The debtor's page: nothing of the debt for a stranger, every act a request with a receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint
from compliance.gate.models import Outreach
from compliance.judge.contact.planning import PlanTerms
from compliance.rights.models import RightsRequest
from tests.conftest import PageClient
from web.debtor.page import ACTS, PER_DAY
from web.state import state_of

Cases = dict[str, int]
WHO = {"name": "张伟", "last_four": "5678"}
HOURS = {"channels": ["sms", "email"], "start": "19:00", "end": "21:00", "max_per_day": "1"}
SECRETS = ("8,000.00", "320.50", "8,380.50", "张伟", "13812345678", "62250000", "信用卡账单")


@pytest.fixture
def code(app: Flask, cases: Cases, now: datetime) -> str:
    """The code of a text that wang sent to his debtor."""
    return add_outreach(app, cases, now, "o1", "M-wang")


def add_outreach(app: Flask, cases: Cases, now: datetime, id: str, point: str, **fields: object) -> str:
    edge = state_of(app)
    with edge.db.write() as session:
        account = session.get_one(Account, cases["wang"])
        used = session.scalars(select(ContactPoint).where(ContactPoint.ref == point)).one()
        sent = {
            "client_id": id, "body_digest": "0" * 64, "debtor_id": account.debtor_id, "account_id": account.id,
            "contact_point_id": used.id, "creditor_id": account.creditor_id, "channel": "sms", "audience": "debtor",
            "collector": "wang", "at": now, "local_day": now.date(), "created_at": now, "state": "sent",
            "decision": "allow", "verdict": {"findings": []}, "pack_digest": "", "tries": 1, "permit_nonce": f"n-{id}",
        }  # fmt: skip
        session.add(Outreach(**(sent | fields)))
        return rights.offer_code(session, edge.config.secret_key, id, now)


def post(client: PageClient, page: str, path: str, data: dict[str, object]) -> str:
    """Submit a form of ``page`` as a browser does, without a referrer; the page that follows."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post(path, data={"csrf_token": token.group(1), **data}, follow_redirects=True).text


def ask(client: PageClient, code: str, type: str, data: dict[str, object]) -> str:
    return post(client, f"/d/{code}/ask/{type}", f"/d/{code}/ask/{type}", data)


def identify(client: PageClient, code: str, **data: str) -> str:
    return post(client, f"/d/{code}", f"/d/{code}/identify", {**WHO, **data})


def requests(app: Flask) -> list[RightsRequest]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(RightsRequest).order_by(RightsRequest.id)))


def kinds(app: Flask) -> list[str]:
    with state_of(app).db.read() as session:
        return [entry.kind for entry in ledger.entries(session, limit=1000)]


def test_it_says_who_for_whom_and_how_to_verify(client: PageClient, code: str) -> None:
    page = client.get(f"/d/{code}").text
    assert all(word in page for word in ("华夏银行信用卡中心", "95577", "1001", "138****5678"))


def test_a_stranger_learns_nothing_of_the_debt(client: PageClient, code: str) -> None:
    for path in (f"/d/{code}", *(f"/d/{code}/ask/{type}" for type in ACTS)):
        page = client.get(path).text
        assert [secret for secret in SECRETS if secret in page] == [], path


def test_the_debtor_sees_the_debt_after_proving_who_they_are(app: Flask, client: PageClient, code: str) -> None:
    page = identify(client, code)
    assert all(figure in page for figure in ("8,000.00", "320.50", "60.00", "8,380.50"))
    assert "62250000wang" not in page
    assert "debtor_page:identified" in kinds(app)


def test_a_wrong_answer_is_told_with_the_tries_that_remain(client: PageClient, code: str) -> None:
    page = identify(client, code, last_four="0000")
    assert "还可以再试 4 次" in page
    assert "8,000.00" not in page


def test_being_known_is_for_one_browser_and_one_debtor(
    app: Flask, client: PageClient, code: str, cases: Cases, now: datetime
) -> None:
    identify(client, code)
    assert "8,000.00" not in app.test_client().get(f"/d/{code}").text
    with client.session_transaction() as session:
        session["debtor"] = ["D-li", session["debtor"][1]]
    assert "8,000.00" not in client.get(f"/d/{code}").text


@pytest.mark.parametrize("bad", ["ZZZZZZZZZZZZ", "short", "%00", "U" * 12])
def test_a_code_that_nobody_made_is_not_found(client: PageClient, code: str, bad: str) -> None:
    assert client.get(f"/d/{bad}").status_code == 404


@pytest.mark.parametrize("type", ACTS)
def test_every_act_becomes_a_request_with_a_receipt(app: Flask, client: PageClient, code: str, type: str) -> None:
    page = ask(client, code, type, {"words": "请核实"})
    (request,) = requests(app)
    assert (request.type, request.channel, request.source) == (type, "web", "outreach:o1")
    assert (request.recorded_by, request.identified, request.evidence) == ("debtor:page", False, "请核实")
    assert request.ref in page
    assert "最晚答复" in page
    assert kinds(app)[-1] == "request:received"


def test_a_complaint_is_about_who_sent_the_message(app: Flask, client: PageClient, code: str) -> None:
    ask(client, code, "complaint", {"words": "骚扰"})
    assert requests(app)[0].about == "wang"


def test_hours_and_channels_are_kept_as_chosen(app: Flask, client: PageClient, code: str) -> None:
    identify(client, code)
    ask(client, code, "contact_preference", dict(HOURS))
    (request,) = requests(app)
    assert request.wish == {"channels": ["sms", "email"], "window": ["19:00", "21:00"], "max_per_day": 1}
    assert request.identified is True


@pytest.mark.parametrize(
    "form", [{}, {"start": "19:00"}, {"start": "19:00", "end": "19:00"}, {"max_per_day": "0"}, {"channels": ["fax"]}]
)
def test_a_wish_that_says_nothing_or_half_is_shown_at_its_field(
    app: Flask, client: PageClient, code: str, form: dict[str, object]
) -> None:
    page = ask(client, code, "contact_preference", form)
    assert "invalid-feedback" in page
    assert requests(app) == []


@pytest.mark.parametrize(("which", "named"), [("this", True), ("all", False)])
def test_not_by_this_number_or_by_none(app: Flask, client: PageClient, code: str, which: str, named: bool) -> None:
    ask(client, code, "stop_contact", {"words": "这是单位电话", "which": which})
    assert (requests(app)[0].contact_point_id is not None) is named


def test_a_second_click_is_the_same_request(app: Flask, client: PageClient, code: str) -> None:
    for _ in range(2):
        page = ask(client, code, "dispute", {"words": "金额不对"})
    assert len(requests(app)) == 1
    assert requests(app)[0].ref in page


def test_a_day_has_an_end(app: Flask, client: PageClient, code: str) -> None:
    for number in range(PER_DAY):
        ask(client, code, "dispute", {"words": f"第 {number} 笔不对"})
    assert "请改拨客服电话" in ask(client, code, "dispute", {"words": "再一笔"})
    assert len(requests(app)) == PER_DAY


def test_a_receipt_tells_its_words_to_who_sent_it_only(app: Flask, client: PageClient, code: str) -> None:
    ask(client, code, "dispute", {"words": "我的秘密情况"})
    path = f"/d/{code}/receipt/{requests(app)[0].ref}"
    assert "我的秘密情况" in client.get(path).text
    stranger = app.test_client().get(path).text
    assert requests(app)[0].ref in stranger
    assert "我的秘密情况" not in stranger


def test_a_receipt_of_another_code_is_not_found(
    app: Flask, client: PageClient, code: str, cases: Cases, now: datetime
) -> None:
    ask(client, code, "dispute", {"words": "金额不对"})
    other = add_outreach(app, cases, now, "o2", "E-wang")
    assert client.get(f"/d/{other}/receipt/{requests(app)[0].ref}").status_code == 404


def test_a_third_party_learns_of_no_creditor_and_may_stop_it(
    app: Flask, client: PageClient, cases: Cases, now: datetime
) -> None:
    with state_of(app).db.write() as session:
        account = session.get_one(Account, cases["wang"])
        account.agency = "明理信用管理有限公司"
        session.add(
            ContactPoint(
                ref="F-wang", debtor_id=account.debtor_id, kind="mobile", value="13900139000",
                relation="other_third_party",
            )
        )  # fmt: skip
    made = add_outreach(app, cases, now, "o3", "F-wang", audience="other_third_party")
    page = client.get(f"/d/{made}").text
    assert "明理信用管理有限公司" in page
    assert not any(word in page for word in ("华夏银行", "95577", "欠款明细", "/ask/dispute"))
    assert client.get(f"/d/{made}/ask/dispute").status_code == 404
    ask(client, made, "stop_contact", {"words": "我不认识这个人"})
    assert requests(app)[0].contact_point_id is not None


def test_nothing_is_sent_to_others(client: PageClient, code: str) -> None:
    answer = client.get(f"/d/{code}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "<script" not in answer.text
    assert [link for link in re.findall(r'(?:href|src|action)="([^"]+)"', answer.text) if "//" in link] == []


def test_a_form_without_its_token_changes_nothing(app: Flask, client: PageClient, code: str) -> None:
    client.post(f"/d/{code}/ask/dispute", data={"words": "不对"})
    assert requests(app) == []


def test_over_https_a_form_needs_no_referrer(app: Flask, client: PageClient, code: str) -> None:
    app.config["WTF_CSRF_SSL_STRICT"] = True
    base = {"base_url": "https://rights.example.cn"}
    page = client.get(f"/d/{code}/ask/dispute", **base).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    client.post(f"/d/{code}/ask/dispute", data={"csrf_token": token.group(1), "words": "不对"}, **base)
    assert len(requests(app)) == 1


def test_it_speaks_english_when_asked(client: PageClient, code: str) -> None:
    assert "Who is contacting me" in client.get(f"/d/{code}?lang=en").text
    assert "是谁在联系我" in client.get(f"/d/{code}?lang=zh").text


def test_a_code_can_be_typed_in(client: PageClient, code: str) -> None:
    typed = f"{code[:4]}-{code[4:8]} {code[8:]}".lower()
    assert client.get("/d", query_string={"code": typed}).headers["Location"] == f"/d/{code}"
    assert "这不是有效的代码" in client.get("/d", query_string={"code": "abc"}).text


def test_too_many_requests_of_one_address_are_refused(app: Flask, client: PageClient, code: str) -> None:
    statuses = [client.get(f"/d/{code}").status_code for _ in range(61)]
    assert statuses[:60] == [200] * 60
    assert statuses[60] == 429


def test_the_officer_sees_that_it_came_from_the_page(
    client: PageClient, code: str, login: Callable[[str], PageClient], app: Flask
) -> None:
    ask(client, code, "contact_preference", dict(HOURS))
    page = login("chen").get(f"/rights/{requests(app)[0].ref}").text
    assert all(word in page for word in ("债务人（本人网页）", "未核验身份", "只用：短信、邮件", "每天 19:00 至 21:00"))


@pytest.fixture
def complaint(app: Flask, client: PageClient, code: str, now: datetime) -> str:
    """A complaint of the debtor that chen answered; its reference."""
    ask(client, code, "complaint", {"words": "态度不好"})
    edge = state_of(app)
    with edge.db.write() as session:
        ref = session.scalars(select(RightsRequest.ref)).one()
        rights.close_request(session, ref=ref, answer="未见违规。", actor="chen", now=now)
    return ref


def test_the_debtor_asks_for_a_review_of_an_answer(app: Flask, client: PageClient, code: str, complaint: str) -> None:
    assert f"/d/{code}/ask/complaint?of={complaint}" in identify(client, code)
    path = f"/d/{code}/ask/complaint?of={complaint}"
    post(client, path, path, {"words": "不服，录音可查"})
    assert [(one.review_of, one.identified) for one in requests(app)] == [(None, False), (complaint, True)]
    assert "of=" not in client.get(f"/d/{code}").text


def test_the_receipt_of_an_answer_leads_to_its_review_and_the_review_names_it(
    app: Flask, client: PageClient, code: str, complaint: str
) -> None:
    receipt = f"/d/{code}/receipt/{complaint}"
    assert "先确认您是本人" in client.get(receipt).text
    identify(client, code)
    path = f"/d/{code}/ask/complaint?of={complaint}"
    assert path in client.get(receipt).text
    post(client, path, path, {"words": "不服，录音可查"})
    review = requests(app)[1].ref
    assert "申请核查" not in client.get(receipt).text
    page = client.get(f"/d/{code}/receipt/{review}").text
    assert "申请核查" in page and complaint in page
    assert complaint not in app.test_client().get(f"/d/{code}").text


def test_every_request_has_its_number_and_those_of_this_page_their_receipt(
    app: Flask, client: PageClient, cases: Cases, code: str, complaint: str, now: datetime
) -> None:
    with state_of(app).db.write() as session:
        account = session.get_one(Account, cases["wang"])
        other = rights.receive_request(
            session, debtor_id=account.debtor_id, type="dispute", channel="call", evidence="录音 7", at=now,
            actor="wang", now=now,
        ).ref  # fmt: skip
    page = identify(client, code)
    assert f"/d/{code}/receipt/{complaint}" in page
    assert other in page and f"/receipt/{other}" not in page


def test_a_stranger_asks_for_no_review(client: PageClient, code: str, complaint: str) -> None:
    assert client.get(f"/d/{code}/ask/complaint?of={complaint}").status_code == 404


def test_the_debtor_has_a_copy_of_the_plan_once_it_was_agreed(
    app: Flask, client: PageClient, cases: Cases, code: str, now: datetime
) -> None:
    edge = state_of(app)
    terms = PlanTerms(
        "individual", Decimal("8000.00"), Decimal("320.50"), Decimal("60.00"), "CNY", 24, 1, date(2026, 12, 15),
        Decimal("349.18"), "本人账户自动扣款", False, True, "逾期两期的协议终止。", "无",
    )  # fmt: skip
    with edge.db.write() as session:
        ref = rights.propose_plan(session, account_id=cases["wang"], terms=terms, actor="wang", now=now).ref
    assert ref not in identify(client, code)
    with edge.db.write() as session:
        rights.agree_plan(session, ref=ref, evidence="双方签字", actor="chen", now=now)
    page = client.get(f"/d/{code}").text
    assert all(word in page for word in (ref, "349.18", "2026-12-15", "逾期两期的协议终止。"))
    assert ref not in app.test_client().get(f"/d/{code}").text
