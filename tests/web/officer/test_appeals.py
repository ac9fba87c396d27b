"""Appeals and samples through the pages: from the collector's case to an answer by somebody else, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import Account, ContactPoint
from compliance.gate.models import Outreach, OutreachText
from compliance.review.models import Appeal, Opinion, Sample
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
BAD = "再不还款，我们就通知您的单位和家人。"


@pytest.fixture
def appeal(login: Login, cases: Cases) -> str:
    """The path of wang's appeal against a message that the rules stopped."""
    wang, case = login("wang"), cases["wang"]
    wang.submit(f"/cases/{case}/send", {"client_id": "m1", "point": "M-wang", "channel": "sms", "text": BAD})
    assert "提交申诉" in wang.get(f"/cases/{case}").text
    assert wang.submit(f"/cases/{case}/appeal", {"outreach": "m1", "reason": "已获书面同意"}).status_code == 303
    return "/appeals/1"


def stored(app: Flask) -> Appeal:
    with state_of(app).db.read() as session:
        return session.scalars(select(Appeal)).one()


def test_an_officer_answers_and_the_collector_reads_it(app: Flask, login: Login, cases: Cases, appeal: str) -> None:
    chen = login("chen")
    assert "已获书面同意" in chen.get("/appeals").text
    assert BAD[:6] in chen.get(appeal).text
    chen.submit(f"{appeal}/take")
    assert chen.submit(appeal, {"act": "reject", "reason": "向第三人施压，同意亦无效。"}).status_code == 303
    assert stored(app).state == "rejected"
    page = login("wang").get(f"/cases/{cases['wang']}").text
    assert "向第三人施压，同意亦无效。" in page
    assert stored(app).seen_at is not None
    assert "提交申诉" not in page


def test_it_is_not_answered_before_it_is_taken(app: Flask, login: Login, appeal: str) -> None:
    assert login("chen").submit(appeal, {"act": "uphold", "reason": "属实。"}).status_code == 409
    assert stored(app).state == "waiting"


@pytest.mark.parametrize("form", [{"act": "uphold"}, {"act": "maybe", "reason": "x"}, {"reason": "x"}])
def test_half_an_answer_is_none(app: Flask, login: Login, appeal: str, form: dict[str, str]) -> None:
    chen = login("chen")
    chen.submit(f"{appeal}/take")
    assert chen.submit(appeal, form).status_code == 422
    assert stored(app).state == "taken"


def test_one_objects_to_ones_own_only(app: Flask, login: Login, cases: Cases, appeal: str) -> None:
    form = {"outreach": "m1", "reason": "x"}
    assert login("li").submit(f"/cases/{cases['li']}/appeal", form).status_code == 404
    assert login("wang").submit(f"/cases/{cases['wang']}/appeal", form).status_code == 409


# Samples


@pytest.fixture
def yesterday(app: Flask, cases: Cases, now: datetime) -> str:
    """Forty allowed messages of wang's, yesterday; the day."""
    day = now - timedelta(days=1)
    with state_of(app).db.write() as session:
        account = session.get_one(Account, cases["wang"])
        point = session.scalars(select(ContactPoint.id).where(ContactPoint.ref == "M-wang")).one()
        for number in range(40):
            sent = Outreach(
                client_id=f"y{number}", body_digest="0" * 64, debtor_id=account.debtor_id, account_id=account.id,
                contact_point_id=point, creditor_id=account.creditor_id, channel="sms", audience="debtor",
                collector="wang", at=day, local_day=day.date(), created_at=day, state="sent", decision="allow",
                verdict={"findings": []}, pack_digest="", tries=1,
            )  # fmt: skip
            session.add(sent)
            session.flush()
            session.add(OutreachText(outreach_id=sent.id, text=f"第 {number} 条提醒", instead=[]))
    return day.date().isoformat()


def test_a_day_is_drawn_and_looked_at_one_after_the_other(app: Flask, login: Login, yesterday: str) -> None:
    chen = login("chen")
    chen.submit("/samples/draw", {"day": yesterday})
    with state_of(app).db.read() as session:
        drawn = len(session.scalars(select(Sample)).all())
    assert f"样本 {drawn} 条" in chen.get("/samples").text
    assert 0 < drawn < 40
    place = chen.submit("/samples/next").headers["Location"]
    for _ in range(drawn):
        assert "条提醒" in chen.get(place).text
        place = chen.submit(place, {"decision": "allow"}).headers["Location"]
    assert place == "/samples"
    with state_of(app).db.read() as session:
        assert {one.decision for one in session.scalars(select(Opinion))} == {"allow"}
    page = chen.get("/samples").text
    assert f"{drawn}/{drawn}" in page
    assert "样本太少，不下结论" in page


def test_without_samples_no_share_is_shown(login: Login, cases: Cases) -> None:
    page = login("chen").get("/samples").text
    assert "还没有" in page
    assert "95%" not in page


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-11-18"])
def test_only_a_past_day_is_drawn(login: Login, cases: Cases, day: str) -> None:
    assert login("chen").submit("/samples/draw", {"day": day}).status_code == 422
