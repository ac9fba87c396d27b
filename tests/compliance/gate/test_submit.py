from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.permits import redeem
from compliance.gate.types import Actor, Conflict
from compliance.judge import Decision, InvalidInput, load_judge
from compliance.ledger.models import LedgerEntry
from compliance.review.models import Review
from tests.compliance.gate.world import (
    KEYS,
    MING,
    MOBILE,
    FakeJudge,
    at_once,
    call,
    email,
    entries,
    note,
    populate,
    row,
    send,
    sms,
)  # fmt: skip


def count(db: Database, table: type[Any]) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def change_point(db: Database, ref: str, **values: Any) -> None:
    db.run(lambda s: s.execute(update(ContactPoint).where(ContactPoint.ref == ref).values(**values)))


# What each decision leads to


def test_an_allowed_message_is_permitted(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipt = send(desk, judge, sms("1"), now)
    assert (receipt.decision, receipt.state) == (Decision.ALLOW, "permitted")
    assert receipt.permit is not None


def test_a_held_message_waits_in_the_queue_without_a_permit(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipt = send(desk, judge, sms("1", "我行将起诉。"), now)
    assert (receipt.decision, receipt.state, receipt.permit) == (Decision.REVIEW, "held", None)
    assert count(desk, Review) == 1


def test_a_blocked_message_comes_back_with_reasons_and_a_rewording(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    receipt = send(desk, judge, sms("1", "不还钱就坐牢。"), now)
    assert (receipt.decision, receipt.state, receipt.permit) == (Decision.BLOCK, "blocked", None)
    assert (receipt.findings[0].rule, receipt.suggestion) == ("fake.jail", "不还钱就依法处理。")


def test_a_call_to_dial_needs_no_text(desk: Database, judge: FakeJudge, now: datetime) -> None:
    assert send(desk, judge, call("1"), now).state == "permitted"


def test_a_call_without_words_is_judged_as_a_contact_alone(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.threats = [""]
    assert send(desk, judge, sms("1"), now).state == "blocked"
    assert send(desk, judge, call("2"), now).state == "permitted"


def test_a_note_is_recorded(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipt = send(desk, judge, note("1", "客户承诺周五还款。"), now)
    assert (receipt.state, receipt.permit, count(desk, Review)) == ("recorded", None, 0)


@pytest.mark.parametrize("words", ["我说要起诉。", "我说不还就坐牢。"])
def test_a_note_is_never_blocked_but_queued(desk: Database, judge: FakeJudge, now: datetime, words: str) -> None:
    receipt = send(desk, judge, note("1", words), now)
    assert (receipt.decision, receipt.state, count(desk, Review)) == (Decision.REVIEW, "recorded", 1)


def test_a_note_holds_no_slot(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, note("1", "没有人接。"), now)
    assert send(desk, judge, sms("2"), now).state == "permitted"


def test_an_unknown_relation_is_judged_as_a_third_party_and_held(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    receipt = send(desk, judge, sms("1", contact_point="U1"), now)
    assert (judge.messages[-1].audience, receipt.state) == ("other_third_party", "held")


# A judge that fails


def test_a_failing_judge_refuses(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.broken = True
    receipt = send(desk, judge, sms("1"), now)
    assert (receipt.decision, receipt.state, receipt.permit) == (Decision.BLOCK, "refused", None)
    assert receipt.findings[0].rule == "gate.judge_failed"
    assert entries(desk) == [("outreach:decided", "outreach:1")]


def test_a_failing_judge_does_not_put_the_message_into_the_log(
    desk: Database, judge: FakeJudge, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    judge.broken = True
    send(desk, judge, sms("1", "很私密的话"), now)
    assert "RuntimeError" in caplog.text
    assert "很私密的话" not in caplog.text


def test_a_note_outlives_a_failing_judge_and_is_looked_at(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.broken = True
    receipt = send(desk, judge, note("1", "客户很生气。"), now)
    assert (receipt.state, count(desk, Review)) == ("recorded", 1)


# What is written


def test_everything_is_written_together(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipt = send(desk, judge, sms("1"), now)
    stored = row(desk, "1")
    assert stored.ledger_seq == receipt.ledger_seq == 1
    assert (stored.collector, stored.creditor_id, stored.stage, stored.local_day) == ("ming", 1, "middle", now.date())


def test_the_ledger_holds_masked_text_and_the_table_apart_the_full_text(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    words = "张三您好，请致电 13812341234。"
    send(desk, judge, sms("1", words), now)
    with desk.read() as session:
        body = session.scalars(select(LedgerEntry.body)).one()
        assert session.scalars(select(OutreachText.text)).one() == words
    assert "13812341234" not in body
    assert "张三" not in body


def test_what_repeats_the_message_is_kept_where_it_can_be_erased(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    send(desk, judge, sms("1", "不还钱就坐牢。"), now)
    stored = row(desk, "1")
    assert "依法处理" not in json.dumps([stored.verdict, stored.answer], ensure_ascii=False)
    with desk.read() as session:
        words = session.scalars(select(OutreachText)).one()
    assert (words.suggestion, words.instead) == ("不还钱就依法处理。", ["请依法处理。"])


def test_nothing_is_kept_when_the_ledger_fails(
    desk: Database, judge: FakeJudge, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run(lambda s: s.execute(text("ALTER TABLE ledger_entries RENAME TO gone")))
    with pytest.raises(DBAPIError):
        send(desk, judge, sms("1", "我行将起诉。"), now)
    assert (count(desk, Outreach), count(desk, OutreachText), count(desk, Review)) == (0, 0, 0)


def test_the_ledger_still_verifies(desk: Database, judge: FakeJudge, now: datetime) -> None:
    for number, words in enumerate(["您好。", "我行将起诉。", "坐牢。"]):
        send(desk, judge, sms(str(number), words), now)
    with desk.read() as session:
        assert ledger.verify(session).ok


# What the judge is told


def test_the_judge_learns_stage_amounts_and_case_number(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    message = judge.messages[-1]
    assert (message.stage, message.case_no, message.first_contact) == ("middle", "(2026)京0101民初1号", True)
    assert [str(amount) for amount in message.amounts or ()] == ["1023.50", "1000.00", "20.50", "3.00"]
    assert [str(part) for part in message.owed or ()] == ["1000.00", "20.50", "3.00"]


def test_the_judge_learns_of_training_and_visitors(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, replace(sms("1"), visitors=2), now)
    facts = judge.facts[-1]
    assert facts is not None
    assert (facts.collector_trained_until, facts.visitors) == (MING.trained_until, 2)


def test_a_split_message_is_read_as_a_whole(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1", "不还钱就坐"), now)
    assert send(desk, judge, sms("2", "牢。"), now + timedelta(minutes=2)).state == "blocked"


def test_texts_of_long_ago_are_not_pieces_of_this_one(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1", "不还钱就坐"), now)
    send(desk, judge, sms("2", "牢。"), now + timedelta(minutes=11))
    assert judge.messages[-1].previous == ()


def test_a_blocked_piece_never_left_and_is_no_piece(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1", "坐牢"), now)
    assert send(desk, judge, sms("2", "您好。"), now).state == "permitted"


def test_contact_is_the_first_until_something_was_sent(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    send(desk, judge, sms("2"), now)
    assert judge.messages[-1].first_contact is True
    desk.run(lambda s: s.execute(update(Outreach).where(Outreach.client_id == "1").values(state="sent")))
    send(desk, judge, sms("3"), now)
    assert judge.messages[-1].first_contact is False


@pytest.mark.parametrize(("outcome", "first"), [("no_answer", True), ("connected", False), (None, False)])
def test_a_call_that_nobody_answered_was_no_contact(
    desk: Database, judge: FakeJudge, now: datetime, outcome: str | None, first: bool
) -> None:
    send(desk, judge, call("1"), now)
    desk.run(lambda s: s.execute(update(Outreach).values(state="sent", outcome=outcome)))
    send(desk, judge, sms("2"), now)
    assert judge.messages[-1].first_contact is first


# Counters


def test_a_planned_message_holds_the_slot_of_its_day(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, sms("1", send_at=now + timedelta(hours=5)), now)
    assert send(desk, judge, sms("2"), now).state == "blocked"
    assert send(desk, judge, sms("3", send_at=now + timedelta(days=1)), now).state == "permitted"


def test_a_message_is_judged_for_the_time_it_is_to_be_sent(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipt = send(desk, judge, sms("1", send_at=now + timedelta(hours=12)), now)
    assert (receipt.state, receipt.findings[0].rule) == ("blocked", "fake.hours")


@pytest.mark.parametrize("words", ["坐牢。", "起诉。"])
def test_a_block_holds_no_slot_but_a_hold_does(desk: Database, judge: FakeJudge, now: datetime, words: str) -> None:
    judge.limit = 1
    send(desk, judge, sms("1", words), now)
    later = now + timedelta(minutes=20)
    assert send(desk, judge, sms("2"), later).state == ("permitted" if words == "坐牢。" else "blocked")


# The same id twice


def test_the_same_id_and_body_gives_the_first_answer_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    first = send(desk, judge, sms("1", "不还钱就坐牢。"), now)
    again = send(desk, judge, sms("1", "不还钱就坐牢。"), now + timedelta(days=2))
    assert replace(again, repeated=False) == first
    assert (again.repeated, count(desk, Outreach), len(entries(desk))) == (True, 1, 1)


def test_the_first_answer_brings_its_permit_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    assert send(desk, judge, sms("1"), now).permit == send(desk, judge, sms("1"), now).permit


@pytest.mark.parametrize(
    "other",
    [
        {"text": "另一条。"},
        {"contact_point": "C1"},
        {"debtor": "D2", "contact_point": "M2"},
        {"channel": "call"},
        {"account": "A1"},
    ],
    ids=["text", "contact point", "debtor", "channel", "account"],
)
def test_the_same_id_with_another_body_is_a_conflict(
    desk: Database, judge: FakeJudge, now: datetime, other: dict[str, Any]
) -> None:
    send(desk, judge, sms("1"), now)
    with pytest.raises(Conflict):
        send(desk, judge, replace(sms("1"), **other), now)
    assert count(desk, Outreach) == 1


def test_somebody_elses_id_does_not_tell_their_answer(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    with pytest.raises(Conflict):
        send(desk, judge, sms("1"), now, Actor("zhao"))


# Input that cannot be used

BAD: dict[str, tuple[Any, str, str]] = {
    "unknown debtor": (sms("1", debtor="D9"), "debtor", "unknown_debtor"),
    "unknown contact point": (sms("1", contact_point="M9"), "contact_point", "unknown_contact_point"),
    "contact point of another": (sms("1", contact_point="M2"), "contact_point", "unknown_contact_point"),
    "unknown account": (sms("1", account="A9"), "account", "unknown_account"),
    "account of another": (sms("1", account="A2"), "account", "unknown_account"),
    "unknown channel": (sms("1", channel="fax"), "channel", "unknown_channel"),
    "channel that the point has not": (sms("1", contact_point="E1"), "contact_point", "wrong_kind"),
    "no contact point": (sms("1", contact_point=None), "contact_point", "missing"),
    "note to a contact point": (note("1", "好", contact_point="M1"), "contact_point", "not_for_notes"),
    "no text": (sms("1", None), "text", "empty_text"),
    "empty text": (sms("1", ""), "text", "empty_text"),
    "blank text": (email("1", " \u3000\n"), "text", "empty_text"),
    "empty note": (note("1", ""), "text", "empty_text"),
    "long text": (sms("1", "好" * 100_000), "text", "text_too_long"),
    "NUL in text": (sms("1", "您\0好"), "text", "bad_characters"),
    "lone surrogate in text": (sms("1", "您\ud83d好"), "text", "bad_characters"),
    "NUL in debtor": (sms("1", debtor="D\0"), "debtor", "bad_characters"),
    "lone surrogate in id": (sms("\udc00"), "id", "bad_characters"),
    "empty id": (sms(" "), "id", "missing"),
    "long id": (sms("x" * 101), "id", "too_long"),
    "no visitors": (replace(sms("1"), visitors=0), "visitors", "bad_number"),
    "time without offset": (sms("1", send_at=datetime(2026, 11, 18, 12)), "send_at", "no_offset"),  # noqa: DTZ001
}


@pytest.mark.parametrize(("submission", "field", "code"), BAD.values(), ids=BAD.keys())
def test_unusable_input_is_named_and_nothing_is_kept(
    desk: Database, judge: FakeJudge, now: datetime, submission: Any, field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        send(desk, judge, submission, now)
    assert (error.value.field, error.value.code) == (field, code)
    assert (count(desk, Outreach), entries(desk)) == (0, [])


@pytest.mark.parametrize(("away", "code"), [(timedelta(minutes=-6), "in_the_past"), (timedelta(days=31), "too_far")])
def test_a_time_too_far_away_is_refused(
    desk: Database, judge: FakeJudge, now: datetime, away: timedelta, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        send(desk, judge, sms("1", send_at=now + away), now)
    assert error.value.code == code


def test_a_time_just_past_means_now(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1", send_at=now - timedelta(minutes=4)), now)
    assert row(desk, "1").at == now


def test_the_longest_text_is_a_setting(desk: Database, judge: FakeJudge, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        send(desk, judge, sms("1", "好" * 71), now, max_text=70)
    assert send(desk, judge, sms("2", "好" * 70), now, max_text=70).state == "permitted"


# Many at once


@pytest.mark.parametrize("left", [1, 3, 2])
def test_exactly_as_many_as_are_left_are_permitted(desk: Database, judge: FakeJudge, now: datetime, left: int) -> None:
    judge.limit = 4
    for number in range(4 - left):
        send(desk, judge, call(f"before-{number}"), now)
    points = ("M1", "C1")
    receipts = at_once(
        [
            lambda n=n: send(desk, judge, call(f"{n}", contact_point=points[n % 2]), now, Actor(f"collector-{n}"))
            for n in range(16)
        ]
    )
    assert sum(receipt.state == "permitted" for receipt in receipts) == left
    assert sum(receipt.state == "blocked" for receipt in receipts) == 16 - left
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_the_same_id_from_many_threads_is_one_row(desk: Database, judge: FakeJudge, now: datetime) -> None:
    receipts = at_once([lambda: send(desk, judge, sms("1"), now) for _ in range(8)])
    assert len({receipt.permit for receipt in receipts}) == 1
    assert (count(desk, Outreach), len(entries(desk))) == (1, 1)


def test_the_same_id_for_two_debtors_is_one_row_and_a_conflict(desk: Database, judge: FakeJudge, now: datetime) -> None:
    for number in range(5):
        first, second = (
            lambda n=number, d=d: send(desk, judge, sms(f"{n}", debtor=f"D{d}", contact_point=f"M{d}"), now)
            for d in (1, 2)
        )
        answers = at_once([first, second])
        assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1
        judge.limit += 1
    assert count(desk, Outreach) == 5


# The five natural ways of writing this that are wrong


def statements(db: Database, work: Any) -> list[str]:
    """The SQL that ``work`` makes the database run."""
    seen: list[str] = []

    def note_down(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note_down)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note_down)
    return seen


def test_the_lock_comes_first_and_alone(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """Counting without a lock, or in the statement that locks, exceeds the limit on PostgreSQL."""
    seen = [s for s in statements(desk, lambda: send(desk, judge, sms("1"), now)) if s.startswith("SELECT")]
    assert "FROM debtors" in seen[0]
    assert "outreach" not in seen[0]
    assert desk.is_sqlite or seen[0].endswith(("FOR UPDATE", "FOR UPDATE SKIP LOCKED"))


def test_counting_is_never_part_of_the_insert(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """``INSERT … SELECT … WHERE count < n`` exceeds the limit on PostgreSQL."""
    inserts = [s for s in statements(desk, lambda: send(desk, judge, sms("1"), now)) if s.startswith("INSERT")]
    assert len(inserts) == 3
    assert not any("SELECT" in statement for statement in inserts)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_begins_immediately_before_it_reads(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """The driver's own BEGIN comes before the first write only, and DEFERRED fails half of the writers."""
    begun: list[str] = []
    desk.engine.dispose()

    def trace(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(begun.append)

    event.listen(desk.engine, "connect", trace)
    send(desk, judge, sms("1"), now)
    queries = [statement for statement in begun if not statement.startswith("PRAGMA")]
    assert queries[0] == "BEGIN IMMEDIATE"


def test_a_submit_is_one_transaction(desk: Database, judge: FakeJudge, now: datetime) -> None:
    commits: list[int] = []
    event.listen(desk.engine, "commit", lambda _connection: commits.append(1))
    send(desk, judge, sms("1"), now)
    assert len(commits) == 1


def test_another_transaction_waits_for_the_debtor(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """While somebody holds the debtor, a submit does not get to read the history."""
    judge.limit = 1
    with ThreadPoolExecutor(1) as pool:
        with desk.write() as session:
            session.scalar(select(Debtor).where(Debtor.ref == "D1").with_for_update())
            waiting = pool.submit(send, desk, judge, sms("2"), now)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            _insert_sent(session, now)
        assert waiting.result(30).state == "blocked"


def _insert_sent(session: Session, now: datetime) -> None:
    session.add(
        Outreach(
            client_id="direct", body_digest="0" * 64, debtor_id=1, account_id=1, creditor_id=1, channel="sms",
            audience="debtor", collector="ming", at=now, local_day=now.date(), created_at=now, state="sent",
            decision="allow", verdict={"findings": []}, pack_digest="", tries=0,
        )
    )  # fmt: skip


# The real judge


@pytest.fixture(scope="module")
def real_judge() -> Any:
    return load_judge("cn", reader=False)


@pytest.mark.parametrize(
    ("submission", "state", "rule"),
    [
        (call("1"), "permitted", None),
        (sms("1", "再不还钱就让你坐牢！"), "blocked", "cn.false_consequence.jail"),
        (call("1", contact_point="C1"), "blocked", "cn.contact.third_party"),
    ],
    ids=["call", "threat", "colleague"],
)
def test_the_rules_of_the_pack_decide(
    desk: Database, real_judge: Any, now: datetime, submission: Any, state: str, rule: str | None
) -> None:
    receipt = send(desk, real_judge, submission, now)
    assert receipt.state == state
    assert rule is None or any(finding.rule.startswith(rule) for finding in receipt.findings)


def test_a_call_from_another_number_than_the_registered_ones_is_blocked(
    desk: Database, real_judge: Any, now: datetime
) -> None:
    desk.run(lambda s: s.execute(update(Creditor).values(lines="4000005377")))
    lines = {"1": "4000005377", "2": "13900000000", "3": None}
    receipts = {id: send(desk, real_judge, call(id, line=line), now) for id, line in lines.items()}
    assert [receipt.state for receipt in receipts.values()] == ["permitted", "blocked", "held"]
    assert row(desk, "1").line == "4000005377"
    judge_again = redeem(desk, real_judge, receipts["1"].permit or "", MOBILE, None, now, KEYS)
    assert judge_again.status == 200


def test_the_number_belongs_to_the_body(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, call("1", line="4000005377"), now)
    with pytest.raises(Conflict):
        send(desk, judge, call("1", line="4000005378"), now)


# Several in one go


class Slow(FakeJudge):
    """Holds the first submission up until as many others wait as a test wants."""

    def __init__(self, db: Database, others: int) -> None:
        super().__init__()
        self.db, self.others, self.held = db, others, False

    def screen(self, message: Any, contact: Any = None, now: datetime | None = None) -> Any:
        if not self.held:
            self.held = True
            (meeting,) = self.db._meetings.values()
            deadline = time.monotonic() + 30
            while len(meeting._waiting) < self.others and time.monotonic() < deadline:
                time.sleep(0.001)
        return super().screen(message, contact, now)


def to(number: int, id: str, text: str = "您好，请还款。") -> Any:
    return sms(id, text, debtor=f"D{number}", contact_point=f"M{number}")


def submit_together(db: Database, now: datetime, *submissions: Any) -> tuple[list[Any], int]:
    """Answers, and how many transactions were committed."""
    judge, commits = Slow(db, len(submissions)), []
    populate(db, debtors=9)
    event.listen(db.engine, "commit", lambda _connection: commits.append(1))
    answers = at_once([lambda one=one: send(db, judge, one, now) for one in (to(9, "first"), *submissions)])
    return answers[1:], len(commits)


def test_what_comes_at_the_same_time_is_committed_in_one_go(db: Database, now: datetime) -> None:
    answers, commits = submit_together(db, now, *(to(number, f"{number}") for number in (1, 2, 3)))
    assert [answer.state for answer in answers] == ["permitted"] * 3
    assert commits == 2  # whoever came first, and the others
    with db.read() as session:
        assert ledger.verify(session).ok


def test_in_one_go_each_has_its_own_answer(db: Database, now: datetime) -> None:
    wrong = replace(to(2, "2"), contact_point="nobody's")
    answers, _ = submit_together(db, now, to(1, "1", "不还就坐牢。"), wrong, to(3, "3"), to(4, "4", "将起诉。"))
    assert [getattr(answer, "state", getattr(answer, "code", None)) for answer in answers] == [
        "blocked", "unknown_contact_point", "permitted", "held",
    ]  # fmt: skip
    assert {row(db, answer.id).permit for answer in answers if answer is not answers[1]} == {None, answers[2].permit}
    assert (row(db, "3").ledger_seq, count(db, Review)) == (answers[2].ledger_seq, 1)


def test_in_one_go_the_same_id_for_two_debtors_is_one_row_and_a_conflict(db: Database, now: datetime) -> None:
    answers, _ = submit_together(db, now, to(1, "same"), to(2, "same"), to(3, "other"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Receipt", "Receipt"]
    assert (count(db, Outreach), len(entries(db))) == (3, 3)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whoever_waits_for_a_debtor_holds_up_nobody(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """In SQLite the whole file is locked."""
    with ThreadPoolExecutor(1) as pool:
        with desk.write() as session:
            session.scalar(select(Debtor).where(Debtor.ref == "D1").with_for_update())
            waiting = pool.submit(send, desk, judge, to(1, "1"), now)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            assert send(desk, judge, to(2, "2"), now).state == "permitted"
        assert waiting.result(30).state == "permitted"


def test_the_debtor_is_never_twice_in_one_go(db: Database, now: datetime) -> None:
    answers, commits = submit_together(db, now, *(to(1, f"{number}") for number in range(5)))
    assert [answer.state for answer in answers].count("permitted") == 3
    assert commits >= 5
