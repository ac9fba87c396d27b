"""Rights in the debtor's own words and as notes tell them; a note that tells of one nobody recorded is flagged."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from compliance import ledger, review, rights
from compliance.database import Database
from compliance.gate.models import Review
from compliance.judge.types import InvalidInput
from compliance.rights.hearing import load_phrases
from tests.compliance.gate.world import MING, FakeJudge, note, row, send

SAID = {
    "别再打我单位！": ["stop_contact"],
    "金额不对": ["dispute"],
    "我请了律师，有事找他": ["representation"],
    "客户称利息算错，要求别再打单位电话。已告知投诉渠道。": ["dispute", "stop_contact"],
    "致电本人接通，核实身份后告知欠款，承诺月底还2000元，无异议": [],
    "客户情绪激动，称要投诉到12378；并希望分期": ["complaint", "plan"],
    "": [],
    "👍👍 ok": [],
}


@pytest.mark.parametrize("text", SAID)
def test_what_is_heard(text: str) -> None:
    assert [one.type for one in rights.propose(text)] == SAID[text]


def test_the_phrases_prove_themselves() -> None:
    assert len(load_phrases()) == 12


def test_the_place_is_that_of_the_raw_text() -> None:
    text = "　客户　稱：金額不對！！请核实"
    (one,) = rights.propose(text)
    assert text[one.span.start : one.span.end] == "金額不對"
    assert one.words == "客户　稱：金額不對"


def test_a_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput):
        rights.propose("金额不对", "pigeon")


# Notes


def tell(db: Database, judge: FakeJudge, now: datetime, text: str, id: str = "n1") -> list[str]:
    """The rules found in a note."""
    send(db, judge, note(id, text), now)
    return [finding["rule"] for finding in row(db, id).verdict["findings"]]


def record(db: Database, type: str, now: datetime, source: str | None = None) -> str:
    with db.write() as session:
        request = rights.receive_request(
            session, debtor_id=1, account_id=1, type=type, channel="call", evidence="利息算错", at=now, actor="ming",
            now=now, source=source,
        )  # fmt: skip
        session.flush()
        review.settle_recorded(session, "n1", MING, now)
        return request.ref


def state(db: Database) -> str | None:
    with db.read() as session:
        return session.scalar(select(Review.state))


def test_a_note_that_tells_of_a_right_nobody_recorded_is_flagged(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    assert tell(desk, judge, now, "客户称利息算错") == ["gate.right_unrecorded.dispute"]
    assert state(desk) == "waiting"
    with desk.read() as session:
        last = ledger.entries(session, limit=100)[-1]
    assert (last.kind, json.loads(last.body)) == ("note:right_unrecorded", {"types": ["dispute"]})


def test_what_is_recorded_already_is_not_flagged(desk: Database, judge: FakeJudge, now: datetime) -> None:
    record(desk, "dispute", now)
    assert tell(desk, judge, now, "客户称利息算错") == []
    assert state(desk) is None


def test_what_was_closed_before_is_flagged_anew(desk: Database, judge: FakeJudge, now: datetime) -> None:
    ref = record(desk, "dispute", now - timedelta(days=3))
    with desk.write() as session:
        rights.close_request(session, ref=ref, answer="已核实无误", actor="li", now=now - timedelta(days=1))
    assert tell(desk, judge, now, "客户再次称利息算错") == ["gate.right_unrecorded.dispute"]


def test_the_judges_own_findings_come_first(desk: Database, judge: FakeJudge, now: datetime) -> None:
    assert tell(desk, judge, now, "客户称金额不对，告知将起诉") == ["fake.suit", "gate.right_unrecorded.dispute"]


def test_recording_it_settles_the_note(desk: Database, judge: FakeJudge, now: datetime) -> None:
    tell(desk, judge, now, "客户称利息算错")
    record(desk, "dispute", now, "outreach:n1")
    assert state(desk) == "noted"


def test_recording_one_of_two_leaves_it_to_the_officer(desk: Database, judge: FakeJudge, now: datetime) -> None:
    tell(desk, judge, now, "客户称利息算错。客户申请分期")
    record(desk, "dispute", now, "outreach:n1")
    assert state(desk) == "waiting"


def test_a_note_with_another_finding_stays_with_the_officer(desk: Database, judge: FakeJudge, now: datetime) -> None:
    tell(desk, judge, now, "客户称利息算错，告知将起诉")
    record(desk, "dispute", now, "outreach:n1")
    assert state(desk) == "waiting"


def test_the_same_note_twice_is_flagged_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    tell(desk, judge, now, "客户称利息算错")
    assert tell(desk, judge, now, "客户称利息算错") == ["gate.right_unrecorded.dispute"]


# Messages of the debtor


def receive(db: Database, now: datetime, text: str = "金额不对，我电话13812345678", ref: str = "im1") -> rights.Heard:
    with db.write() as session:
        return rights.receive_inbound(
            session, ref=ref, debtor_id=1, channel="sms", text=text, at=now, actor="gateway", now=now
        )


def test_a_message_is_kept_masked_and_its_requests_proposed(desk: Database, now: datetime) -> None:
    heard = receive(desk, now)
    assert [one.type for one in heard.proposed] == ["dispute"]
    assert "13812345678" not in heard.message.masked


def test_the_same_message_twice_is_one(desk: Database, now: datetime) -> None:
    receive(desk, now)
    receive(desk, now)
    with desk.read() as session:
        assert len(rights.inbound_of(session, 1)) == 1


def test_another_message_under_the_same_id_is_refused(desk: Database, now: datetime) -> None:
    receive(desk, now)
    with pytest.raises(InvalidInput) as raised:
        receive(desk, now, "我要投诉")
    assert raised.value.code == "conflict"


def test_what_is_recorded_or_settled_is_proposed_no_more(desk: Database, now: datetime) -> None:
    receive(desk, now, "金额不对，我要投诉你们")
    record(desk, "dispute", now, "inbound:im1")
    with desk.write() as session:
        (heard,) = rights.inbound_of(session, 1)
        assert [one.type for one in heard.proposed] == ["complaint"]
        rights.settle_inbound(session, "im1", 1, "ming", now)
        assert rights.inbound_of(session, 1)[0].proposed == ()
