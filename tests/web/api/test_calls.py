"""Live calls through real requests: Wang works the case, Li does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from assistant.calls.models import Call, CallRight
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate.models import Outreach, Review
from compliance.ledger import LedgerEntry
from compliance.rights.models import RightsRequest
from tests.web.api.call_line import Line
from web.calls import stream
from web.state import State, state_of

OPENING = "您好，我是华夏银行信用卡中心的客户经理，工号3107，姓林，这通电话会录音。请问是张伟先生本人吗？"
TURNS = (
    (1, "collector", OPENING),
    (2, "debtor", "对，我是，什么事啊"),
    (3, "collector", "您的信用卡到今天一共欠款8380.5元，对明细有异议可以打卡背面的客服电话反映。"),
    (4, "debtor", "我失业了，能不能给我分几期"),
)


def kinds(edge: State) -> list[str]:
    with edge.db.read() as session:
        entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq))
        return [entry.kind for entry in entries if entry.kind.startswith("call:")]


def test_a_call_is_opened_with_its_card(line: Callable[[str], Line], edge: State) -> None:
    opened = line("wang").open()
    assert opened["permitted"] is True
    assert opened["card"]["name"] == "张*"
    assert opened["card"]["goal"]["code"] == "introduce"
    assert {item["item"] for item in opened["checklist"]} >= {"identity", "recording", "right_party"}
    assert kinds(edge) == ["call:opened"]


def test_no_full_number_or_name_is_on_the_card(line: Callable[[str], Line]) -> None:
    card = str(line("wang").open()["card"])
    assert "13812345678" not in card
    assert "张伟" not in card


def test_the_card_tells_what_was_written_down_after_the_last_dial(line: Callable[[str], Line]) -> None:
    wang = line("wang")
    dial = {"id": "c-1", "debtor": "D-wang", "contact_point": "M-wang", "channel": "call"}
    for path, body in (
        ("/outreach", dial),
        ("/outreach/c-1/outcome", {"outcome": "connected"}),
        ("/outreach", {"id": "n-1", "debtor": "D-wang", "channel": "note", "text": "张伟接听，称下周发工资后处理。"}),
    ):
        assert wang.ask("POST", path, json=body).status_code in (200, 201)
    last = wang.open(direction="in")["card"]["last_time"]
    assert (last["outcome"], "称下周发工资后处理" in last["note"], "张伟" in last["note"]) == ("connected", True, False)


def test_the_dial_went_through_the_gate(wang: Line, edge: State) -> None:
    with edge.db.read() as session:
        dial = session.scalars(select(Outreach)).one()
        assert session.scalars(select(Call)).one().outreach_id == dial.id
    assert (dial.channel, dial.state, dial.collector) == ("call", "permitted", "wang")


def test_a_dial_that_was_permitted_before_is_taken(line: Callable[[str], Line], edge: State) -> None:
    wang = line("wang")
    dial = {"id": "c-1", "debtor": "D-wang", "contact_point": "M-wang", "channel": "call"}
    assert (wang.ask("POST", "/outreach", json=dial).json or {})["state"] == "permitted"
    wang.open()
    with edge.db.read() as session:
        assert session.scalars(select(Outreach.client_id)).all() == ["c-1"]


def test_the_same_dial_is_the_same_call(line: Callable[[str], Line]) -> None:
    wang = line("wang")
    wang.ask("POST", "/outreach", json={"id": "c-1", "debtor": "D-wang", "contact_point": "M-wang", "channel": "call"})
    first = wang.open(outreach="c-1")
    body = {"debtor": "D-wang", "contact_point": "M-wang", "outreach": "c-1"}
    again = wang.ask("POST", "/calls", json=body)
    assert (again.status_code, (again.json or {})["id"]) == (200, first["id"])


def test_what_the_gate_objects_to_stands_above_the_call(line: Callable[[str], Line], edge: State) -> None:
    with edge.db.write() as session:
        session.scalars(select(Debtor).where(Debtor.ref == "D-wang")).one().no_contact_order = True
    opened = line("wang").open(already_connected=True)
    assert opened["permitted"] is False
    assert [alert["turn"] for alert in opened["alerts"]] == [None]


def forbid(edge: State) -> None:
    with edge.db.write() as session:
        session.scalars(select(Debtor).where(Debtor.ref == "D-wang")).one().no_contact_order = True


def test_a_dial_that_the_gate_refuses_is_no_call(line: Callable[[str], Line], edge: State) -> None:
    forbid(edge)
    answer = line("wang").ask("POST", "/calls", json={"debtor": "D-wang", "contact_point": "M-wang"})
    error = (answer.json or {})["error"]
    assert (answer.status_code, error["code"]) == (409, "not_permitted")
    with edge.db.read() as session:
        assert [row.state for row in session.scalars(select(Outreach))] == ["blocked"]
        assert error["message"].startswith(session.scalars(select(Outreach)).one().verdict["findings"][0]["why"][:8])


def test_a_refused_dial_that_was_made_counts_and_waits_for_an_officer(line: Callable[[str], Line], edge: State) -> None:
    forbid(edge)
    line("wang").open(already_connected=True)
    with edge.db.read() as session:
        dial = session.scalars(select(Outreach).where(Outreach.channel == "call")).one()
        waiting = session.scalars(select(Outreach.channel).join(Review, Review.outreach_id == Outreach.id)).all()
        kinds = session.scalars(select(LedgerEntry.kind)).all()
    assert (dial.state, dial.permit) == ("sent", None)
    assert waiting == ["note"]
    assert {"outreach:unpermitted", "note:unpermitted_call"} <= set(kinds)


def test_the_outcome_of_a_refused_dial_that_was_made_is_filed(line: Callable[[str], Line], edge: State) -> None:
    forbid(edge)
    wang = line("wang")
    wang.open(already_connected=True)
    assert wang.ask("POST", f"/calls/{wang.ref}/close", json={"outcome": "wrong_number"}).status_code == 200
    with edge.db.read() as session:
        assert session.scalars(select(Outreach.outcome).where(Outreach.channel == "call")).one() == "wrong_number"


def test_who_rings_us_needs_no_permit(line: Callable[[str], Line], edge: State) -> None:
    assert line("wang").open(direction="in")["permitted"] is True
    with edge.db.read() as session:
        assert session.scalars(select(Outreach)).all() == []


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"debtor": "D-nobody"}, "debtor", 404),
        ({"debtor": "D-li", "contact_point": "M-li"}, "debtor", 404),
        ({"contact_point": "M-nobody"}, "contact_point", 422),
        ({"contact_point": "E-wang"}, "contact_point", 422),
        ({"account": "nothing"}, "account", 422),
        ({"direction": "sideways"}, "direction", 422),
        ({"started_at": "2026-11-18T10:30:00"}, "started_at", 422),
        ({"started_at": "2026-01-18T10:30:00+08:00"}, "started_at", 422),
        ({"outreach": "nothing"}, "outreach", 404),
        ({"surprise": 1}, "surprise", 422),
    ],
)
def test_a_call_that_cannot_be(line: Callable[[str], Line], change: dict[str, Any], field: str, status: int) -> None:
    body = {"debtor": "D-wang", "contact_point": "M-wang", **change}
    answer = line("wang").ask("POST", "/calls", json=body)
    assert (answer.status_code, (answer.json or {})["error"]["field"]) == (status, field)


def test_a_collectors_turn_is_judged(wang: Line) -> None:
    answer = wang.said(1, "collector", "再不还钱就打断你的腿")
    assert [alert["decision"] for alert in answer["alerts"] if alert["category"] == "threat"] == ["block"]
    assert answer["intents"] == []


def test_a_debtors_turn_is_heard(wang: Line) -> None:
    for turn in TURNS[:3]:
        wang.said(*turn)
    answer = wang.said(*TURNS[3])
    assert {intent["intent"] for intent in answer["intents"]} >= {"request_plan", "hardship"}
    assert "plan_option" in {item["item"] for item in answer["checklist"] if item["due"]}


def test_the_same_turn_has_the_same_answer_later_too(wang: Line) -> None:
    first = [wang.said(*turn) for turn in TURNS]
    assert [wang.said(*turn) for turn in TURNS] == first


def test_other_words_for_a_final_turn_are_a_conflict(wang: Line) -> None:
    wang.said(*TURNS[0])
    answer = wang.say(1, "collector", "别的话")
    assert (answer.status_code, (answer.json or {})["error"]["code"]) == (409, "turn_final")


@pytest.mark.parametrize("order", [(4, 3, 2, 1), (2, 1, 4, 3), (1, 1, 2, 4, 3, 3)])
def test_late_reordered_and_doubled_turns_give_the_same_state(
    line: Callable[[str], Line], order: tuple[int, ...]
) -> None:
    def play(numbers: tuple[int, ...]) -> dict[str, Any]:
        wang = line("wang")
        wang.open(direction="in")
        for number in numbers:
            wang.said(*TURNS[number - 1], at=f"2026-11-18T10:30:{number:02}+08:00")
        found = wang.state()
        return {name: found[name] for name in ("turns", "alerts", "intents", "checklist", "rights", "pause")}

    assert play(order) == play((1, 2, 3, 4))


def test_a_late_turn_shows_that_somebody_else_was_listening(wang: Line) -> None:
    wang.said(2, "collector", "他的信用卡欠款8380.5元，请您转告他还款")
    before = {alert["category"] for alert in wang.state()["alerts"]}
    wang.said(1, "third_party", "我是他同事，他不在")
    after = {alert["category"] for alert in wang.state()["alerts"]}
    assert "third_party_disclosure" in after - before


def test_a_partial_result_gives_way_to_the_final_one(wang: Line) -> None:
    wang.said(1, "debtor", "我不想", final=False)
    wang.said(1, "debtor", "我不想活", final=False)
    assert wang.state()["pause"] is None
    wang.said(1, "debtor", "我不想活动了，你说吧")
    assert [(turn["text"], turn["final"]) for turn in wang.state()["turns"]] == [("我不想活动了，你说吧", True)]


def test_a_partial_result_that_comes_too_late_is_dropped(wang: Line) -> None:
    wang.said(*TURNS[1])
    wang.said(2, "debtor", "对，我", final=False)
    assert wang.state()["turns"][0]["text"] == TURNS[1][2]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "话" * 4001}, "text"),
        ({"speaker": "ghost"}, "speaker"),
        ({"seq": 0}, "seq"),
        ({"at": "2026-11-18T10:30:00"}, "at"),
    ],
)
def test_a_turn_that_cannot_be(wang: Line, change: dict[str, Any], field: str) -> None:
    answer = wang.say(**{"seq": 1, "speaker": "debtor", "text": "喂", **change})
    assert (answer.status_code, (answer.json or {})["error"]["field"]) == (422, field)


def funasr(mode: str, text: str, **rest: Any) -> dict[str, Any]:
    return {"mode": mode, "text": text, "wav_name": "call-7-debtor", "is_final": False, **rest}


def test_messages_of_a_recogniser_are_taken_as_they_are(wang: Line) -> None:
    wang.hear(funasr("2pass-online", "我失业"))
    wang.hear(funasr("2pass-online", "了能"))
    assert [(turn["text"], turn["final"]) for turn in wang.state()["turns"]] == [("我失业了能", False)]
    answer = wang.hear(funasr("2pass-offline", "我失业了，能分期吗", timestamp="[[4100,4200],[4200,4500]]"))
    assert answer.status_code == 200
    [turn] = wang.state()["turns"]
    assert (turn["speaker"], turn["text"], turn["final"]) == ("debtor", "我失业了，能分期吗", True)
    assert turn["at"].startswith("2026-11-18T02:30:04.1")


def test_a_finished_sentence_that_comes_twice_is_one_turn(wang: Line) -> None:
    message = funasr("2pass-offline", "我失业了", timestamp="[[4100,4200]]")
    assert wang.hear(message).json == wang.hear(message).json
    assert len(wang.state()["turns"]) == 1


def test_both_sides_of_the_line_speak_at_once(wang: Line) -> None:
    wang.hear(funasr("2pass-online", "我失业"))
    wang.hear(funasr("2pass-online", "您好", wav_name="collector"))
    wang.hear(funasr("2pass-offline", "我失业了"))
    wang.hear(funasr("2pass-offline", "您好，张先生", wav_name="call_7_collector"))
    found = [(turn["speaker"], turn["text"]) for turn in wang.state()["turns"]]
    assert found == [("debtor", "我失业了"), ("collector", "您好，张先生")]


def test_who_speaks_may_be_named_in_the_address(wang: Line) -> None:
    assert wang.hear(funasr("offline", "喂", wav_name="microphone"), "?speaker=debtor").status_code == 200
    answer = wang.hear(funasr("offline", "喂", wav_name="microphone"))
    assert (answer.status_code, (answer.json or {})["error"]["field"]) == (422, "speaker")


def test_a_message_without_words_changes_nothing(wang: Line) -> None:
    assert wang.hear({"is_end": True, "is_final": True}).status_code == 200
    assert wang.hear(funasr("2pass-online", "")).status_code == 200
    assert wang.state()["turns"] == []


def test_an_online_recogniser_without_second_pass_ends_its_turn_itself(wang: Line) -> None:
    wang.hear(funasr("online", "我失业"))
    wang.hear(funasr("online", "了", is_final=True))
    assert [(turn["text"], turn["final"]) for turn in wang.state()["turns"]] == [("我失业了", True)]


def test_a_sign_of_self_harm_stops_everything(wang: Line, edge: State) -> None:
    wang.said(*TURNS[0])
    answer = wang.said(2, "debtor", "我不想活了，你们别逼我")
    assert answer["pause"] == {"helpline": "12356", "contact": "suspended", "officer": "notified"}
    with edge.db.read() as session:
        assert session.scalars(select(Debtor.vulnerable).where(Debtor.ref == "D-wang")).one() == "self_harm"
        handed = session.scalars(select(Outreach).join(Review, Review.outreach_id == Outreach.id)).one()
    assert handed.client_id == f"{wang.ref}-handover"
    assert "call:escalated" in kinds(edge)


def test_after_a_sign_of_self_harm_the_gate_blocks_every_contact(wang: Line) -> None:
    wang.said(1, "debtor", "我不想活了")
    body = {"id": "m-1", "debtor": "D-wang", "contact_point": "M-wang", "channel": "sms", "text": "您好，请回电。"}
    assert (wang.ask("POST", "/outreach", json=body).json or {})["decision"] == "block"


def test_a_second_sign_of_self_harm_is_handed_over_once(wang: Line, edge: State) -> None:
    wang.said(1, "debtor", "我不想活了")
    wang.said(2, "debtor", "真的不想活了")
    assert kinds(edge).count("call:escalated") == 1
    with edge.db.read() as session:
        assert len(session.scalars(select(Review)).all()) == 1


def test_a_right_is_noted_once_and_recorded_on_demand(wang: Line, edge: State) -> None:
    wang.said(1, "debtor", "我要投诉你们")
    wang.said(2, "debtor", "投诉！听见没有")
    first, second = (wang.ask("POST", f"/calls/{wang.ref}/rights", json={"type": "complaint"}) for _ in range(2))
    assert first.status_code == 201
    assert first.json == second.json
    assert kinds(edge).count("call:right_heard") == 1
    with edge.db.read() as session:
        request = session.scalars(select(RightsRequest)).one()
        assert session.scalars(select(CallRight)).one().request_ref == request.ref
    assert "第 1 轮" in request.evidence and "投诉" in request.evidence


def test_a_right_that_nobody_heard_may_be_recorded(wang: Line) -> None:
    answer = wang.ask("POST", f"/calls/{wang.ref}/rights", json={"type": "pi_copy"})
    assert answer.status_code == 201


def test_an_item_is_ticked_by_hand(wang: Line) -> None:
    wang.ask("POST", f"/calls/{wang.ref}/ticks", json={"item": "recording"})
    assert [one["said"] for one in wang.state()["checklist"] if one["item"] == "recording"] == [True]
    wang.ask("POST", f"/calls/{wang.ref}/ticks", json={"item": "recording", "ticked": False})
    assert [one["said"] for one in wang.state()["checklist"] if one["item"] == "recording"] == [False]


def test_an_unknown_item_is_refused(wang: Line) -> None:
    assert wang.ask("POST", f"/calls/{wang.ref}/ticks", json={"item": "nothing"}).status_code == 422


@pytest.mark.parametrize("path", ["", "/turns", "/events", "/ticks", "/rights", "/suggestions"])
def test_a_call_of_somebody_else_is_not_there(line: Callable[[str], Line], wang: Line, path: str) -> None:
    li = line("li")
    bodies = {
        "/turns": {"seq": 1, "speaker": "debtor", "text": "喂"},
        "/ticks": {"item": "recording"},
        "/rights": {"type": "plan"},
        "/suggestions": {"version": 1},
    }
    verb = "POST" if path in bodies else "GET"
    assert li.ask(verb, f"/calls/{wang.ref}{path}", json=bodies.get(path)).status_code == 404


def test_an_officer_opens_a_call_for_the_collector_of_the_case(line: Callable[[str], Line], edge: State) -> None:
    line("chen").open()
    with edge.db.read() as session:
        call = session.scalars(select(Call)).one()
    assert (call.collector, call.caller) == ("wang", "Wang")


def test_of_a_collector_who_is_no_user_no_name_is_told(line: Callable[[str], Line], edge: State) -> None:
    with edge.db.write() as session:
        session.scalars(select(Account).where(Account.collector == "wang")).one().collector = "ghost"
    line("chen").open(direction="in")
    with edge.db.read() as session:
        call = session.scalars(select(Call)).one()
    assert (call.collector, call.caller, call.caller_no) == ("ghost", "", None)


def test_twenty_turns_at_once_are_all_kept(wang: Line) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda seq: wang.say(seq, "debtor", f"第{seq}句"), range(1, 21)))
    assert {answer.status_code for answer in answers} == {200}
    assert [turn["seq"] for turn in wang.state()["turns"]] == list(range(1, 21))
    assert wang.state()["revision"] == 21


def events(edge: State, ref: str, after: int) -> Iterator[dict[str, str]]:
    for block in stream(edge, ref, after):
        lines = [row.partition(": ") for row in block.splitlines() if row and not row.startswith(":")]
        yield {name: value for name, _, value in lines}


def test_a_stream_begins_with_what_was_missed(wang: Line, edge: State) -> None:
    for turn in TURNS:
        wang.said(*turn)
    found = events(edge, wang.ref, 3)
    assert next(found) == {"retry": "500"}
    event = next(found)
    assert (event["event"], event["id"]) == ("state", "5")
    assert '"seq": 4' in event["data"] and '"seq": 1,' not in event["data"]


def test_a_stream_wakes_with_a_turn(wang: Line, edge: State) -> None:
    found = events(edge, wang.ref, 0)
    assert [next(found).get("id") for _ in range(2)] == [None, "1"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, found)
        wang.said(*TURNS[0])
        assert waiting.result(10)["id"] == "2"


def test_another_process_learns_of_a_turn(wang: Line, edge: State) -> None:
    """On SQLite by looking again: a desk of its own hears no ring of this one."""
    from dataclasses import replace

    from assistant.calls.desk import build_desk

    other = replace(edge, calls=build_desk(edge.db, edge.judge, edge.keys))
    found = events(other, wang.ref, 1)
    next(found)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, found)
        wang.said(*TURNS[0])
        assert waiting.result(10)["id"] == "2"


def test_the_stream_is_one_of_server_sent_events(wang: Line) -> None:
    answer = wang.ask("GET", f"/calls/{wang.ref}/events", headers={"Last-Event-ID": "0"}, buffered=False)
    assert answer.mimetype == "text/event-stream"
    parts = iter(answer.response)
    assert [next(parts).decode().splitlines()[0] for _ in range(2)] == ["retry: 500", "id: 1"]
    answer.close()


def test_a_call_survives_a_restart(wang: Line, edge: State) -> None:
    from web import create_app

    for turn in TURNS:
        wang.said(*turn)
    again = create_app(edge.config, clock=edge.clock)
    try:
        assert Line(again, wang.token, wang.ref).state() == wang.state()
    finally:
        state_of(again).db.dispose()


def test_a_number_of_a_third_party_gets_words_for_third_parties(line: Callable[[str], Line], edge: State) -> None:
    with edge.db.write() as session:
        debtor_id = session.scalars(select(Debtor.id).where(Debtor.ref == "D-wang")).one()
        kin = {"debtor_id": debtor_id, "kind": "mobile", "relation": "other_third_party", "source": "contract"}
        session.add(ContactPoint(ref="K-wang", value="13700001111", agreed_contact=True, **kin))
    opened = line("wang").open(contact_point="K-wang", already_connected=True)
    assert opened["card"]["goal"]["code"] == "relay"


def test_every_order_of_three_turns_is_numbered_alike(line: Callable[[str], Line]) -> None:
    found = set()
    for order in permutations((1, 2, 3)):
        wang = line("wang")
        wang.open(direction="in")
        for number in order:
            wang.said(*TURNS[number - 1])
        found.add(str([(turn["seq"], turn["text"]) for turn in wang.state()["turns"]]))
    assert len(found) == 1
