"""Judging, sending, dialling, noting: through the gate, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from compliance import rights
from compliance.gate.models import Outreach
from compliance.rights.models import Notice, RightsRequest
from tests.conftest import PageClient
from web.state import attach, state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
THREAT = "再不还钱，我们就去你单位找你领导，让你身败名裂！"


def message(**changes: str) -> dict[str, str]:
    return {"client_id": "c-1", "point": "M-wang", "channel": "sms", "text": THREAT} | changes


def call(**changes: str) -> dict[str, str]:
    return message(channel="call", text="") | changes


def outreach(app: Flask) -> list[Outreach]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(Outreach).order_by(Outreach.id)))


def ask_to_stop(app: Flask) -> None:
    """The debtor asked for no more contact: house policy holds what follows for an officer."""
    edge = state_of(app)
    with edge.db.write() as session:
        debtor_id = session.scalars(select(Outreach.debtor_id)).first() or 1
        rights.receive_request(
            session, debtor_id=debtor_id, type="stop_contact", channel="call", evidence="录音 1",
            at=edge.clock() - timedelta(hours=1), actor="wang", now=edge.clock(),
        )  # fmt: skip


def test_a_draft_is_judged_in_place_and_nothing_is_recorded(app: Flask, login: Login, cases: Cases) -> None:
    fragment = login("wang").submit(f"/cases/{cases['wang']}/judge", message()).text
    assert "<html" not in fragment
    assert "禁止发送" in fragment
    assert "向第三人施压" in fragment
    assert outreach(app) == []


def test_the_underlines_are_spans_of_the_text(login: Login, cases: Cases) -> None:
    fragment = login("wang").submit(f"/cases/{cases['wang']}/judge", message()).text
    found = re.search(r"data-marks='([^']+)'", fragment)
    assert found is not None
    spans = re.findall(r"\[(\d+), ?(\d+), ?\"block\"\]", found.group(1))
    assert any("你" in THREAT[int(start) : int(end)] for start, end in spans)


def test_an_empty_draft_has_no_verdict(login: Login, cases: Cases) -> None:
    assert login("wang").submit(f"/cases/{cases['wang']}/judge", message(text=" ")).text.strip() == ""


def test_what_is_typed_is_escaped(login: Login, cases: Cases) -> None:
    hostile = message(text="<script>alert(1)</script>' 坐牢")
    page = login("wang").submit(f"/cases/{cases['wang']}/draft", hostile).text
    assert "<script>alert" not in page


def test_the_rewording_is_taken_over_without_javascript(login: Login, cases: Cases) -> None:
    # A first contact has to say who asks, for what, and where to object; a rewording invents none of it.
    bill = "【云杉银行】您好，您尾号1204的信用卡账单1000.00元已逾期17天。"
    words = message(text=f"{bill}{THREAT}如有异议或投诉请致电95000。", use="suggestion")
    page = login("wang").submit(f"/cases/{cases['wang']}/draft", words).text
    box = re.search(r"<textarea[^>]*id=\"text\"[^>]*>(.*?)</textarea>", page, flags=re.S)
    assert box is not None
    assert box.group(1).strip()
    assert "身败名裂" not in box.group(1)


def test_a_blocked_message_comes_back_with_reasons_to_be_changed(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    answer = wang.submit(f"/cases/{cases['wang']}/send", message())
    assert answer.status_code == 303
    page = wang.get(answer.headers["Location"]).text
    assert "没有送出：以下内容不合规" in page
    assert THREAT in page
    assert [one.state for one in outreach(app)] == ["blocked"]


def test_a_second_click_is_the_same_act(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    first, second = (wang.submit(f"/cases/{cases['wang']}/send", call()) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(outreach(app)) == 1


def test_the_same_id_for_other_words_is_a_conflict(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    wang.submit(f"/cases/{cases['wang']}/send", call())
    assert wang.submit(f"/cases/{cases['wang']}/send", message()).status_code == 409
    assert len(outreach(app)) == 1


def test_a_held_message_says_so(app: Flask, login: Login, cases: Cases) -> None:
    ask_to_stop(app)
    wang = login("wang")
    answer = wang.submit(f"/cases/{cases['wang']}/send", call())
    assert "已转合规复核" in wang.get(answer.headers["Location"]).text
    assert [one.state for one in outreach(app)] == ["held"]


def test_a_permit_shows_the_number_and_an_outcome_hides_it(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    page = wang.get(wang.submit(f"/cases/{cases['wang']}/send", call()).headers["Location"]).text
    assert "tel:13812345678" in page
    after = wang.submit(f"/cases/{cases['wang']}/outcome", {"outreach": "c-1", "outcome": "no_answer"})
    page = wang.get(after.headers["Location"]).text
    assert "已登记：无人接听" in page
    assert "13812345678" not in page
    assert [one.outcome for one in outreach(app)] == ["no_answer"]


def test_an_outcome_is_not_rewritten(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    wang.submit(f"/cases/{cases['wang']}/send", call())
    wang.submit(f"/cases/{cases['wang']}/outcome", {"outreach": "c-1", "outcome": "connected", "recording": "REC-1"})
    again = wang.submit(f"/cases/{cases['wang']}/outcome", {"outreach": "c-1", "outcome": "no_answer"})
    assert again.status_code == 409
    assert [one.outcome for one in outreach(app)] == ["connected"]


@pytest.mark.parametrize("wrong", [{"outcome": "won"}, {"outreach": "c-9"}, {"outcome": ""}])
def test_a_wrong_outcome_is_refused(app: Flask, login: Login, cases: Cases, wrong: dict[str, str]) -> None:
    wang = login("wang")
    wang.submit(f"/cases/{cases['wang']}/send", call())
    form = {"outreach": "c-1", "outcome": "connected", "recording": "REC-1"} | wrong
    assert wang.submit(f"/cases/{cases['wang']}/outcome", form).status_code in {404, 422}
    assert [one.outcome for one in outreach(app)] == [None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ""},
        {"channel": "pigeon"},
        {"point": "M-li"},
        {"point": "E-wang"},
        {"text": "\x00坏"},
        {"text": ""},
        {"text": "长" * 10_001},
    ],
)
def test_a_message_that_cannot_be_used_is_refused(
    app: Flask, login: Login, cases: Cases, wrong: dict[str, Any]
) -> None:
    answer = login("wang").submit(f"/cases/{cases['wang']}/send", message(**wrong))
    assert answer.status_code == 422
    assert outreach(app) == []


def test_a_note_is_kept_and_a_bad_one_goes_to_an_officer(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    form = {"client_id": "n-1", "note": "电话里骂了他是骗子，又打给他同事让其转告还钱"}
    page = wang.get(wang.submit(f"/cases/{cases['wang']}/note", form).headers["Location"]).text
    assert "催记已保存，并转合规阅处" in page
    assert [(one.channel, one.state, one.decision) for one in outreach(app)] == [("note", "recorded", "review")]


def test_outside_hours_the_strip_is_red_and_names_the_next_time(app: Flask, login: Login, cases: Cases) -> None:
    edge = state_of(app)
    night = edge.clock().replace(hour=23)
    attach(app, replace(edge, clock=lambda: night))
    page = login("wang").get(f"/cases/{cases['wang']}?channel=call").text
    assert "zy-strip-block" in page
    assert "下次可联系 11-19 08:00" in page


def test_a_notice_given_is_recorded(app: Flask, login: Login, cases: Cases) -> None:
    form = {
        "notice-type": "recording",
        "notice-channel": "call",
        "notice-evidence": "录音 7",
        "notice-at": "2026-11-18T09:05",
    }
    assert login("wang").submit(f"/cases/{cases['wang']}/notices", form).status_code == 303
    with state_of(app).db.read() as session:
        notice = session.scalars(select(Notice).where(Notice.type == "recording")).one()
    assert notice.at.isoformat() == "2026-11-18T01:05:00+00:00"


def test_a_request_received_is_seen_by_the_very_next_submit(app: Flask, login: Login, cases: Cases) -> None:
    wang = login("wang")
    form = {
        "request-type": "stop_contact", "request-channel": "call", "request-evidence": "录音 8",
        "request-at": "2026-11-18T10:00",
    }  # fmt: skip
    assert wang.submit(f"/cases/{cases['wang']}/requests", form).status_code == 303
    assert "要求停止联系" in wang.get(f"/cases/{cases['wang']}").text
    wang.submit(f"/cases/{cases['wang']}/send", call())
    assert [one.state for one in outreach(app)] == ["held"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"request-evidence": ""},
        {"request-type": "wish"},
        {"request-at": "yesterday"},
        {"request-at": "2030-01-01T00:00"},
        {"request-point": "M-li"},
    ],
)
def test_a_request_that_cannot_be_is_refused(app: Flask, login: Login, cases: Cases, wrong: dict[str, str]) -> None:
    form = {
        "request-type": "dispute", "request-channel": "call", "request-evidence": "e", "request-at": "2026-11-18T10:00",
    }  # fmt: skip
    assert login("wang").submit(f"/cases/{cases['wang']}/requests", form | wrong).status_code == 422
    with state_of(app).db.read() as session:
        assert session.scalars(select(RightsRequest)).all() == []
