"""Closing a call through the API: outcome, promise, rights, note."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from assistant.calls import escalation
from assistant.calls.models import Call, Promise
from assistant.calls.receiving import Incoming, receive
from compliance.gate.models import Outreach, Review
from compliance.ledger import LedgerEntry
from compliance.rights.models import RightsRequest
from tests.web.api.call_line import Line
from web.state import State

OPENING = "您好，我是华夏银行信用卡中心的客户经理，工号3107，姓林，这通电话会录音。请问是张伟先生本人吗？"
NOTE = "本人接听，已告知录音，愿意还款。"


@pytest.fixture
def talked(wang: Line) -> Line:
    """A call in which the debtor promised 2000 yuan for tomorrow and threatened to complain."""
    wang.said(1, "collector", OPENING)
    wang.said(2, "debtor", "对，我是")
    wang.said(3, "debtor", "我要投诉你们")
    wang.said(4, "debtor", "行吧，那我明天还两千块")
    return wang


def close(wang: Line, **change: Any) -> Any:
    body = {"outcome": "promise", "promise": {"date": "2026-11-19", "amount": "2000"}, "note": NOTE, **change}
    return wang.ask("POST", f"/calls/{wang.ref}/close", json=body)


def test_the_draft_is_made_from_the_turns(talked: Line) -> None:
    draft = talked.ask("GET", f"/calls/{talked.ref}/wrap-up").json or {}
    assert (draft["outcome"], draft["rights"]) == ("complaint", ["complaint"])
    assert {"debt", "dispute_channel"} <= set(draft["missing"])
    assert "已告知录音" in draft["note"] and "已告知欠款" not in draft["note"]


def test_the_draft_of_a_promise_names_day_and_amount(wang: Line) -> None:
    wang.said(1, "collector", OPENING)
    wang.said(2, "debtor", "行吧，那我下周三还两千块")
    draft = wang.ask("GET", f"/calls/{wang.ref}/wrap-up").json or {}
    assert draft["promise"] == {"date": "2026-11-25", "amount": "2000"}
    assert (draft["outcome"], draft["next_step"]) == ("promise", "await_payment")


def test_a_drafted_note_does_not_contradict_its_call(talked: Line) -> None:
    note = (talked.ask("GET", f"/calls/{talked.ref}/wrap-up").json or {})["note"]
    assert close(talked, note=note).status_code == 200


def test_closing_keeps_everything(talked: Line, edge: State) -> None:
    answer = close(talked, rights=["complaint"], reason="forgot", next_step="await_payment")
    assert answer.status_code == 200, answer.json
    with edge.db.read() as session:
        call, promise = session.scalars(select(Call)).one(), session.scalars(select(Promise)).one()
        request = session.scalars(select(RightsRequest)).one()
        note = session.scalars(select(Outreach).where(Outreach.channel == "note")).one()
        dial = session.scalars(select(Outreach).where(Outreach.channel == "call")).one()
    assert (call.outcome, call.reason, call.next_step) == ("promise", "forgot", "await_payment")
    assert (promise.due.isoformat(), promise.amount) == ("2026-11-19", Decimal(2000))
    assert (request.type, answer.json["requests"]) == ("complaint", [request.ref])
    assert (note.state, call.note) == ("recorded", note.client_id)
    assert dial.outcome == "connected"


def test_the_ledger_says_how_the_call_ended(talked: Line, edge: State) -> None:
    close(talked, rights=["complaint"])
    with edge.db.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "call:closed")).one()
    body = json.loads(entry.body)
    assert (body["outcome"], body["rights_heard"], body["rights_recorded"]) == (
        "promise", ["complaint"], ["complaint"],
    )  # fmt: skip
    assert "debt" in body["missing"]


def test_closing_twice_alike_is_closing_once(talked: Line, edge: State) -> None:
    assert [close(talked, rights=["complaint"]).status_code for _ in range(2)] == [200, 200]
    with edge.db.read() as session:
        assert len(session.scalars(select(Promise)).all()) == 1
        assert len(session.scalars(select(RightsRequest)).all()) == 1


def test_closing_otherwise_afterwards_is_a_conflict(talked: Line) -> None:
    close(talked)
    assert close(talked, outcome="refused", promise=None).status_code == 409


def test_a_closed_call_takes_no_turns_and_no_ticks(talked: Line) -> None:
    close(talked)
    assert talked.say(9, "debtor", "喂").status_code == 409
    assert talked.ask("POST", f"/calls/{talked.ref}/ticks", json={"item": "debt"}).status_code == 409


def test_a_turn_that_came_before_is_still_answered_after_closing(talked: Line) -> None:
    close(talked)
    assert talked.say(3, "debtor", "我要投诉你们").status_code == 200


def test_a_note_that_says_more_than_the_call_is_refused_until_confirmed(talked: Line, edge: State) -> None:
    false = "本人接听，已告知欠款金额。"
    answer = close(talked, note=false)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "note_contradicted")
    with edge.db.read() as session:
        assert session.scalars(select(Outreach).where(Outreach.channel == "note")).all() == []
    assert close(talked, note=false, confirmed=True).status_code == 200


def test_a_note_that_shows_a_breach_goes_to_the_officers(talked: Line, edge: State) -> None:
    close(talked, note="本人接听，骂了他一顿，说再不还就上门弄死他。")
    with edge.db.read() as session:
        assert len(session.scalars(select(Review)).all()) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "nothing"}, "outcome"),
        ({"reason": "nothing"}, "reason"),
        ({"next_step": "nothing"}, "next_step"),
        ({"rights": ["nothing"]}, "rights"),
        ({"promise": None}, "promise"),
        ({"promise": {"date": "2026-11-17"}}, "promise"),
        ({"promise": {"date": "2026-11-19", "amount": "-1"}}, "promise.amount"),
        ({"next_at": "2026-11-17T10:00:00+08:00"}, "next_at"),
    ],
)
def test_what_cannot_be_closed_with(talked: Line, edge: State, change: dict[str, Any], field: str) -> None:
    answer = close(talked, **change)
    assert (answer.status_code, answer.json["error"]["field"]) == (422, field)
    with edge.db.read() as session:
        assert session.scalars(select(Call.closed_at)).one() is None


def test_a_sign_of_self_harm_that_nobody_was_told_of_is_told_when_the_call_ends(
    talked: Line, edge: State, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object) -> None:
        raise RuntimeError("the process died here")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(escalation, "hand_over", die)
        receive(edge.calls, talked.ref, Incoming("debtor", "我不想活了", seq=5), now)
    assert close(talked, outcome="self_harm_escalated", promise=None, note=None).status_code == 200
    with edge.db.read() as session:
        told = session.scalars(select(Outreach.client_id).join(Review, Review.outreach_id == Outreach.id)).all()
    assert told == [f"{talked.ref}-handover"]


def test_after_a_sign_of_self_harm_no_promise_is_kept(talked: Line) -> None:
    talked.said(5, "debtor", "我不想活了")
    assert close(talked).status_code == 422
    answer = close(talked, outcome="self_harm_escalated")
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "promise")
    assert close(talked, outcome="self_harm_escalated", promise=None).status_code == 200


@pytest.mark.parametrize(
    ("outcome", "filed"),
    [("third_party_relay", "third_party"), ("wrong_number", "wrong_number"), ("no_answer", "no_answer"),
     ("callback", "connected")],
)  # fmt: skip
def test_the_dial_is_filed_by_the_outcome(wang: Line, edge: State, outcome: str, filed: str) -> None:
    assert close(wang, outcome=outcome, promise=None, note=None).status_code == 200
    with edge.db.read() as session:
        assert session.scalars(select(Outreach.outcome)).one() == filed


def test_the_next_card_tells_of_this_call(talked: Line) -> None:
    close(talked, next_step="await_payment")
    card = talked.open(direction="in")["card"]
    assert (card["last_time"]["outcome"], card["last_time"]["note"]) == ("promise", NOTE)
    assert card["last_promise"] == {"date": "2026-11-19", "amount": "2000.00", "kept": None}
    assert card["goal"]["code"] == "promise"


def test_open_rights_come_before_a_promise(talked: Line) -> None:
    close(talked, rights=["complaint"])
    card = talked.open(direction="in")["card"]
    assert (card["goal"]["code"], [one["type"] for one in card["open_rights"]]) == ("dispute", ["complaint"])


def test_a_note_of_a_right_that_is_recorded_with_it_waits_for_nobody(talked: Line, edge: State) -> None:
    close(talked, rights=["dispute"], note="本人接听，已告知录音，客户称金额不对。")
    with edge.db.read() as session:
        assert session.scalars(select(Review)).all() == []


def test_a_note_of_a_right_that_nobody_records_waits_for_an_officer(talked: Line, edge: State) -> None:
    close(talked, note="本人接听，已告知录音，客户称金额不对。")
    with edge.db.read() as session:
        assert session.scalars(select(Review.state)).all() == ["waiting"]


def test_the_close_may_bring_the_recording(talked: Line, edge: State) -> None:
    assert [close(talked, recording="REC-1").status_code for _ in range(2)] == [200, 200]
    assert close(talked, recording="REC-2").status_code == 409
    with edge.db.read() as session:
        dial = session.scalars(select(Outreach).where(Outreach.channel == "call")).one()
    assert (dial.outcome, dial.recording) == ("connected", "REC-1")
