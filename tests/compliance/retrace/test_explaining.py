"""A verdict of the past comes out the same on what was known then, whatever has happened since."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate import record_outcome
from compliance.gate.models import OutreachText
from compliance.judge import InvalidInput, Judge, load_judge
from compliance.retrace import Explanation, explain, find, publish_pack
from tests.compliance.gate.world import MING, FakeJudge, call, note, row, send, sms


@cache
def law() -> Judge:
    """The pack that ships, without the reader: these are about the record, not about how well it reads."""
    return load_judge("cn", reader=False)


def why(db: Database, client_id: str) -> Explanation:
    with db.read() as session:
        return explain(session, law(), find(session, client_id))


LAWFUL = "您好，这里是示例银行，您的信用卡账单1023.50元已逾期，请您安排还款。如有异议请回复。"
SUBMISSIONS = {
    "allowed or held": sms("1", LAWFUL),
    "blocked": sms("1", "再不还钱就打断你的腿。"),
    "to a third party": sms("1", "请转告张三还钱。", contact_point="C1"),
    "relation unknown": sms("1", LAWFUL, contact_point="U1"),
    "a call": call("1"),
    "a note": note("1", "客户说再打就投诉，我骂了他傻逼。"),
}


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_every_kind_of_verdict_comes_out_the_same(desk: Database, now: datetime, kind: str) -> None:
    send(desk, law(), SUBMISSIONS[kind], now)  # type: ignore[arg-type]
    found = why(desk, "1")
    assert (found.obstacle, found.differences, found.same) == (None, (), True)
    assert found.again is not None
    assert found.again["findings"] == found.then["findings"]


def test_what_happens_afterwards_changes_nothing(desk: Database, now: datetime) -> None:
    send(desk, law(), call("1"), now)  # type: ignore[arg-type]
    before = why(desk, "1").then
    record_outcome(desk, "1", "connected", now + timedelta(minutes=3), MING, now + timedelta(minutes=3))
    for number in range(2, 6):
        send(desk, law(), sms(str(number), LAWFUL), now + timedelta(hours=number))  # type: ignore[arg-type]

    def change(session: Session) -> None:
        session.execute(update(Debtor).values(vulnerable="illness", timezone="America/New_York", no_contact_order=True))
        session.execute(update(Account).values(settled_at=now, plan_in_force=True))
        session.execute(update(ContactPoint).values(relation="other_third_party", valid=False))
        rights.receive_request(
            session, debtor_id=1, type="stop_contact", channel="call", evidence="录音 1", at=now, actor="ming", now=now
        )

    desk.run(change)
    found = why(desk, "1")
    assert (found.same, found.then) == (True, before)


def test_the_counters_of_that_moment_are_used(desk: Database, now: datetime) -> None:
    for number in range(1, 6):
        send(desk, law(), call(str(number)), now + timedelta(minutes=number))  # type: ignore[arg-type]
    states = [row(desk, str(number)).state for number in range(1, 6)]
    assert "blocked" in states  # the day's limit was reached on the way
    assert [why(desk, str(number)).same for number in range(1, 6)] == [True] * 5
    assert [len(why(desk, str(number)).inputs.facts.attempts) for number in (1, 2)] == [0, states[0] != "blocked"]  # type: ignore[union-attr]


def change_stored(db: Database, statement: str) -> None:
    with db.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outreach_texts SET text = (SELECT text FROM outreach_texts WHERE outreach_id = 2)"
        " WHERE outreach_id = 1",
        "UPDATE outreach_texts SET inputs = (SELECT inputs FROM outreach_texts WHERE outreach_id = 2)"
        " WHERE outreach_id = 1",
    ],
    ids=["words", "facts"],
)
def test_what_is_not_what_the_ledger_recorded_is_not_judged(desk: Database, now: datetime, statement: str) -> None:
    send(desk, law(), sms("1", LAWFUL), now)  # type: ignore[arg-type]
    send(desk, law(), sms("2", LAWFUL + "谢谢。"), now + timedelta(hours=1))  # type: ignore[arg-type]
    change_stored(desk, statement)
    found = why(desk, "1")
    assert found.same is None
    assert "台账记载的摘要不符" in (found.obstacle or "")


def test_words_that_are_not_sealed_as_they_should_be_are_named(desk: Database, now: datetime) -> None:
    send(desk, law(), sms("1", LAWFUL), now)  # type: ignore[arg-type]
    change_stored(desk, "UPDATE outreach_texts SET text = '您好'")
    found = why(desk, "1")
    assert found.same is None
    assert "不能解密" in (found.obstacle or "")


def test_a_stored_verdict_that_was_changed_shows(desk: Database, now: datetime) -> None:
    send(desk, law(), sms("1", "再不还钱就打断你的腿。"), now)  # type: ignore[arg-type]
    verdict = row(desk, "1").verdict
    with desk.write() as session:
        stored = row(desk, "1")
        session.merge(stored).verdict = {**verdict, "decision": "allow", "findings": []}
    found = why(desk, "1")
    assert (found.same, found.differences) == (False, ("decision", "findings"))


def test_erased_words_leave_the_record_and_say_so(desk: Database, now: datetime) -> None:
    send(desk, law(), sms("1", LAWFUL), now)  # type: ignore[arg-type]
    with desk.write() as session:
        session.execute(update(OutreachText).values(text=None, inputs=None, erased_at=now))
    found = why(desk, "1")
    assert found.same is None
    assert "2026-11-18 到期删除" in (found.obstacle or "")


def test_a_judge_that_failed_then_is_named(desk: Database, now: datetime) -> None:
    send(desk, FakeJudge(broken=True), sms("1"), now)
    assert "审核程序出错" in (why(desk, "1").obstacle or "")


def test_a_pack_that_is_not_kept_is_named(desk: Database, now: datetime) -> None:
    send(desk, FakeJudge(), sms("1"), now)
    assert "没有留存" in (why(desk, "1").obstacle or "")


def test_explaining_writes_nothing(desk: Database, now: datetime) -> None:
    publish_pack(desk, law(), now)
    send(desk, law(), sms("1", LAWFUL), now)  # type: ignore[arg-type]
    with desk.read() as session:
        explain(session, law(), find(session, "1"))
        assert not session.dirty
        assert not session.new


@pytest.mark.parametrize("reference", ["", "9", "#9", "#x", "#" + "9" * 30])
def test_an_outreach_that_is_not_there_is_named(desk: Database, reference: str) -> None:
    with desk.read() as session, pytest.raises(InvalidInput, match="没有这条触达"):
        find(session, reference)


def test_an_outreach_is_found_by_its_number(desk: Database, now: datetime) -> None:
    send(desk, FakeJudge(), sms("a"), now)
    with desk.read() as session:
        assert find(session, f"#{row(desk, 'a').id}") == find(session, "a")
