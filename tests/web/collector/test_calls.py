"""The page of a call without JavaScript: opened from a permitted dial, written by hand, wrapped up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.calls.models import Call, CallTurn, HintSetting, SuggestionUse
from compliance.casebook.models import Debtor
from scripts_library import load_seeds, plant
from scripts_library.editing import retire
from tests.conftest import PageClient
from web.accounts import set_staff_no
from web.calls import stream
from web.state import State, state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
OPENING = "您好，我是华夏银行信用卡中心的客户经理，工号3107，姓林，这通电话会录音。请问是张伟先生本人吗？"


@pytest.fixture
def wang_page(login: Login) -> PageClient:
    return login("wang")


def dial(page: PageClient, cases: Cases) -> str:
    """The id of a permitted dial."""
    body = {"client_id": "c-1", "point": "M-wang", "channel": "call", "text": ""}
    answer = page.submit(f"/cases/{cases['wang']}/send", body)
    assert "打开通话页" in page.get(answer.headers["Location"]).text
    return "c-1"


def opened(page: PageClient, cases: Cases) -> str:
    """The address of an open call."""
    answer = page.submit("/calls", {"outreach": dial(page, cases)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def said(page: PageClient, path: str, speaker: str, text: str, key: str) -> int:
    return page.submit(f"{path}/turns", {"speaker": speaker, "text": text, "key": key}).status_code


def test_a_call_opens_from_its_permitted_dial(wang_page: PageClient, cases: Cases) -> None:
    html = wang_page.get(opened(wang_page, cases)).text
    assert "通话准备" in html and "核对单" in html
    assert "张*" in html and "张伟" not in html


def test_the_same_dial_opens_the_same_call(wang_page: PageClient, cases: Cases) -> None:
    first = opened(wang_page, cases)
    again = wang_page.submit("/calls", {"outreach": "c-1"})
    assert again.headers["Location"] == first


def test_no_page_opens_without_a_permit(app: Flask, wang_page: PageClient, cases: Cases) -> None:
    with state_of(app).db.write() as session:
        session.scalars(select(Debtor).where(Debtor.ref == "D-wang")).one().no_contact_order = True
    body = {"client_id": "c-2", "point": "M-wang", "channel": "call", "text": ""}
    wang_page.submit(f"/cases/{cases['wang']}/send", body)
    assert wang_page.submit("/calls", {"outreach": "c-2"}).status_code == 409


def test_the_dial_of_somebody_else_opens_nothing(wang_page: PageClient, login: Login, cases: Cases) -> None:
    dial(wang_page, cases)
    assert login("li").submit("/calls", {"outreach": "c-1"}).status_code == 404


def test_a_number_that_rings_leads_to_its_call(wang_page: PageClient, cases: Cases) -> None:
    html = wang_page.get("/calls/pop?number=%2B86 138-1234-5678").text
    assert "打开来电" in html and "138****5678" in html
    point, account = (re.search(rf'name="{name}" value="([^"]+)"', html) for name in ("point", "account"))
    assert point is not None and account is not None
    answer = wang_page.submit("/calls", {"direction": "in", "point": point[1], "account": account[1]})
    assert answer.status_code == 303


@pytest.mark.parametrize("number", ["", "5678", "13900009999", "'; DROP TABLE calls"])
def test_a_number_that_nobody_has_leads_nowhere(wang_page: PageClient, cases: Cases, number: str) -> None:
    assert "没有这个号码" in wang_page.get("/calls/pop", query_string={"number": number}).text


def test_a_number_of_somebody_elses_debtor_leads_nowhere(app: Flask, login: Login, cases: Cases) -> None:
    assert login("li").get("/calls/pop?number=13812345678").text.count("打开来电") == 1  # Li's own debtor


def test_what_was_said_is_written_down_and_judged_in_place(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    assert said(wang_page, path, "collector", "再不还钱就打断你的腿", "k1") == 303
    html = wang_page.get(path).text
    assert 'class="zy-mark zy-mark-block"' in html
    assert "zy-turn-block" in html


def test_a_second_click_is_the_same_turn(app: Flask, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    for key in ("k1", "k1", "k2"):
        said(wang_page, path, "debtor", "喂", key)
    with state_of(app).db.read() as session:
        assert len(session.scalars(select(CallTurn)).all()) == 2


def test_an_item_is_ticked_and_unticked(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    wang_page.submit(f"{path}/ticks", {"tick": "recording"})
    assert 'name="untick" value="recording"' in wang_page.get(path).text
    wang_page.submit(f"{path}/ticks", {"untick": "recording"})
    assert 'name="tick" value="recording"' in wang_page.get(path).text


def test_a_right_is_proposed_and_recorded(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "debtor", "我要投诉你们", "k1")
    assert 'name="right" value="complaint"' in wang_page.get(path).text
    wang_page.submit(f"{path}/rights", {"right": "complaint"})
    assert "已登记" in wang_page.get(path).text


def test_a_sign_of_self_harm_shows_the_card(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "debtor", "我不想活了", "k1")
    html = wang_page.get(path).text
    assert "先停下来" in html and "12356" in html


@pytest.fixture
def library(app: Flask) -> State:
    """The application with the shipped scripts published."""
    edge = state_of(app)
    with edge.db.write() as session:
        plant(session, edge.judge, load_seeds(), author="lin", approver="wu", now=edge.clock())
    return edge


def test_a_suggestion_answers_what_was_said(library: State, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    said(wang_page, path, "debtor", "对，我是。你是哪家的，怎么证明", "k2")
    html = wang_page.get(path).text
    assert "回应 · 核实身份 · 中期" in html
    assert 'data-key="1"' in html


def test_a_suggestion_that_is_taken_goes_into_the_box_and_is_not_offered_again(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    path = opened(wang_page, cases)
    offered = re.search(r'name="version" value="(\d+)" data-key="1" data-words="([^"]+)"', wang_page.get(path).text)
    assert offered is not None
    answer = wang_page.submit(f"{path}/suggestions", {"version": offered[1]})
    html = wang_page.get(answer.headers["Location"]).text
    assert f">{offered[2]}</textarea>" in html
    assert f'name="version" value="{offered[1]}" data-key' not in html
    with library.db.read() as session:
        assert session.scalars(select(SuggestionUse.script_version_id)).all() == [int(offered[1])]


def test_a_script_that_is_withdrawn_is_gone_at_once_and_not_taken(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    path = opened(wang_page, cases)
    offered = re.search(r'name="version" value="(\d+)" data-key="1"', wang_page.get(path).text)
    assert offered is not None
    with library.db.write() as session:
        retire(session, int(offered[1]), "wu", "不再使用", library.clock())
    assert f'name="version" value="{offered[1]}" data-key' not in wang_page.get(path).text
    assert wang_page.submit(f"{path}/suggestions", {"version": offered[1]}).status_code == 409


def test_who_follows_a_call_is_told_when_a_script_is_withdrawn(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    ref = opened(wang_page, cases).rsplit("/", 1)[1]
    events = stream(library, ref, 0)
    first = json.loads(next(one for one in events if "data: " in one).partition("data: ")[2])
    gone = first["suggestions"][0]["version"]
    with library.db.write() as session:
        retire(session, gone, "wu", "不再使用", library.clock())
    second = json.loads(next(one for one in events if "data: " in one).partition("data: ")[2])
    assert gone not in {one["version"] for one in second["suggestions"]}


def test_scripts_are_found_by_their_words(library: State, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    html = wang_page.get(path, query_string={"q": "投诉 受理"}).text
    assert "对方要投诉：受理" in html.partition('id="found"')[2]


def test_before_the_debtor_has_answered_no_script_tells_the_debt(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    path = opened(wang_page, cases)
    assert "8,380.50" not in wang_page.get(path).text.partition('id="call-turns"')[0].partition("data-words")[2]


def words_offered(page: PageClient, path: str) -> list[str]:
    return re.findall(r'data-words="([^"]+)"', page.get(path).text)


def test_the_words_to_say_give_the_staff_number_and_never_the_log_in_name(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    with library.db.write() as session:
        set_staff_no(session, "wang", "HX3107", actor="admin", now=library.clock())
    words = words_offered(wang_page, opened(wang_page, cases))
    assert any("HX3107" in one for one in words)
    assert not any("wang" in one for one in words)


def test_while_a_dispute_is_open_no_words_about_money_are_offered(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    said(wang_page, path, "debtor", "对，我是，什么事", "k2")
    assert any("8,380.50" in one for one in words_offered(wang_page, path))
    wang_page.submit(f"{path}/rights", {"right": "dispute"})
    neutral = words_offered(wang_page, path)
    assert neutral and not any("8,380.50" in one for one in neutral)


def test_an_open_slot_is_never_shown(library: State, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    said(wang_page, path, "debtor", "对，我是，能不能分几期", "k2")
    assert not re.search(r"\{\w+\}", wang_page.get(path).text)


def test_who_sees_only_red_sees_no_yellow_alert(app: Flask, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", "你那张信用卡账单八千三百八十块五还没还", "k1")
    assert "zy-turn-review" in wang_page.get(path).text
    assert wang_page.submit(f"{path}/hints", {"level": "red"}).status_code == 303
    assert "zy-turn-review" not in wang_page.get(path).text
    with state_of(app).db.read() as session:
        assert session.scalars(select(HintSetting.level)).one() == "red"


def test_who_sees_only_red_opens_the_suggestions_themselves(
    library: State, wang_page: PageClient, cases: Cases
) -> None:
    path = opened(wang_page, cases)
    folded = "<details><summary>话术提示"
    assert folded not in wang_page.get(path).text
    wang_page.submit(f"{path}/hints", {"level": "red"})
    html = wang_page.get(path).text
    assert folded in html and 'data-key="1"' in html.partition(folded)[2]


def wrap(**change: str) -> dict[str, str]:
    return {"outcome": "callback", "reason": "unknown", "next_step": "none", "note": "对方要求稍后联系。", **change}


def test_the_wrap_up_is_drafted_and_kept(app: Flask, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    said(wang_page, path, "debtor", "我在开车，晚点再打", "k2")
    html = wang_page.get(f"{path}/wrap").text
    assert re.search(r'value="callback" checked', html)
    assert "要求稍后联系" in html
    assert wang_page.submit(f"{path}/close", wrap()).status_code == 303
    with state_of(app).db.read() as session:
        assert session.scalars(select(Call.outcome)).one() == "callback"
    assert "约定再联系" in wang_page.get("/calls").text


def test_the_time_to_ring_back_is_filled_in(app: Flask, wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", OPENING, "k1")
    said(wang_page, path, "debtor", "我在开会，明天下午三点再打", "k2")
    assert 'value="2026-11-19T15:00"' in wang_page.get(f"{path}/wrap").text
    assert wang_page.submit(f"{path}/close", wrap(next_at="2026-11-19T15:00", next_step="call_back")).status_code == 303


def test_what_is_missing_is_shown_before_closing(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", "喂", "k1")
    said(wang_page, path, "debtor", "对，我是", "k2")
    assert "还没有说到" in wang_page.get(f"{path}/wrap").text


def test_a_contradicted_note_comes_back_with_the_reason(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    said(wang_page, path, "collector", "喂", "k1")
    said(wang_page, path, "debtor", "对，我是", "k2")
    note = "本人接听，已告知录音。"
    answer = wang_page.submit(f"{path}/close", wrap(note=note))
    assert answer.status_code == 409
    assert 'name="confirmed"' in answer.text and note in answer.text
    assert wang_page.submit(f"{path}/close", wrap(note=note, confirmed="y")).status_code == 303


def test_a_promise_without_a_day_comes_back(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    assert wang_page.submit(f"{path}/close", wrap(outcome="promise")).status_code == 422


@pytest.mark.parametrize("tail", ["", "/live", "/stream", "/wrap"])
def test_a_call_of_somebody_else_is_not_there(wang_page: PageClient, login: Login, cases: Cases, tail: str) -> None:
    path = opened(wang_page, cases)
    assert login("li").get(path + tail).status_code == 404


@pytest.mark.parametrize("tail", ["turns", "ticks", "rights", "suggestions", "hints", "close"])
def test_an_act_in_somebody_elses_call_is_refused(wang_page: PageClient, login: Login, cases: Cases, tail: str) -> None:
    path = opened(wang_page, cases)
    everything = {"key": "k", "speaker": "debtor", "text": "喂", "tick": "debt", "right": "plan", "version": "1"}
    assert login("li").submit(f"{path}/{tail}", {**everything, **wrap(), "level": "all"}).status_code == 404


def test_the_fragment_is_a_piece_of_the_page(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    fragment = wang_page.get(f"{path}/live").text
    assert "<html" not in fragment
    assert re.findall(r'id="(call-\w+)" data-region', fragment) == ["call-hint", "call-turns", "call-checks"]


def test_a_closed_call_has_no_stream_any_more(wang_page: PageClient, cases: Cases) -> None:
    path = opened(wang_page, cases)
    wang_page.submit(f"{path}/close", wrap())
    assert wang_page.get(f"{path}/stream?after=99").status_code == 204
