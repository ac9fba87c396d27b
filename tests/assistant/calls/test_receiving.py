"""Taking in turns on both databases, and waking who follows from another process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from assistant.calls.bell import Bell
from assistant.calls.desk import Desk, build_desk
from assistant.calls.live import read_live
from assistant.calls.models import CallTurn
from assistant.calls.opening import Introduction, Opening, open_call
from assistant.calls.receiving import Incoming, Taken, receive
from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import Actor, Conflict
from compliance.judge import Judge, load_judge
from compliance.ledger import LedgerEntry
from scripts_library.models import Script, ScriptVersion

KEYS = PermitKeys.from_secret("k" * 40)
Say = Callable[..., Taken]


@pytest.fixture(scope="session")
def real_judge() -> Judge:
    return load_judge("cn")


@pytest.fixture
def calls(desk: Database, real_judge: Judge) -> Desk:
    """The desk of one process, on the small casebook."""
    return build_desk(desk, real_judge, KEYS)


@pytest.fixture
def ref(calls: Desk, now: datetime) -> str:
    """A call that came in."""
    with calls.db.read() as session:
        query = (
            select(Debtor.ref, ContactPoint.ref)
            .join(ContactPoint, ContactPoint.debtor_id == Debtor.id)
            .where(ContactPoint.kind == "mobile", ContactPoint.relation == "self")
            .order_by(ContactPoint.id)
        )
        debtor, point = session.execute(query).first() or ("", "")
    opening = Opening(debtor, point, direction="in")
    return open_call(calls, opening, Actor("wang"), Introduction, now).ref


@pytest.fixture
def say(calls: Desk, ref: str, now: datetime) -> Say:
    return lambda seq, speaker, text, **rest: receive(calls, ref, Incoming(speaker, text, seq=seq, **rest), now)


def texts(calls: Desk) -> list[tuple[int, str | None]]:
    with calls.db.read() as session:
        return [(row.seq, row.text) for row in session.scalars(select(CallTurn).order_by(CallTurn.seq))]


def test_a_turn_is_judged_once_and_kept_with_its_verdict(calls: Desk, say: Say) -> None:
    say(1, "collector", "再不还钱就打断你的腿")
    with calls.db.read() as session:
        turn = session.scalars(select(CallTurn)).one()
    assert (turn.audience, turn.verdict["decision"], turn.verdict["digest"]) == (
        "debtor", "block", calls.judge.pack.digest,
    )  # fmt: skip


def test_the_same_turn_again_changes_nothing(calls: Desk, say: Say, ref: str) -> None:
    first, again = say(1, "debtor", "喂"), say(1, "debtor", "喂")
    assert (first.fresh, again.fresh) == (True, False)
    assert first.revision == again.revision


def test_other_final_words_are_a_conflict(say: Say) -> None:
    say(1, "debtor", "喂")
    with pytest.raises(Conflict):
        say(1, "debtor", "喂喂")


def test_turns_at_once_are_all_kept_and_counted(calls: Desk, say: Say, ref: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda seq: say(seq, "collector", f"您好，这是第{seq}句"), range(1, 17)))
    assert sorted(one.revision for one in taken) == list(range(2, 18))
    assert [seq for seq, _ in texts(calls)] == list(range(1, 17))


def test_the_same_turn_from_many_sides_at_once_is_one(calls: Desk, say: Say) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: say(1, "debtor", "我要投诉"), range(8)))
    assert [one.fresh for one in taken].count(True) == 1
    assert texts(calls) == [(1, "我要投诉")]
    with calls.db.read() as session:
        heard = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "call:right_heard")).all()
    assert len(heard) == 1


def test_a_late_turn_has_what_was_said_before_judged_again(calls: Desk, say: Say) -> None:
    say(2, "collector", "他的信用卡欠款八千块，请您转告他还款")
    with calls.db.read() as session:
        before = session.scalars(select(CallTurn.audience)).one()
    say(1, "third_party", "我是他同事，他不在")
    with calls.db.read() as session:
        after = session.scalars(select(CallTurn).where(CallTurn.seq == 2)).one()
    assert (before, after.audience) == ("debtor", "other_third_party")
    assert "third_party_disclosure" in {finding["category"] for finding in after.verdict["findings"]}


def test_pieces_of_a_recogniser_are_joined_and_replaced(calls: Desk, ref: str, now: datetime) -> None:
    for piece in ("我失", "业了"):
        receive(calls, ref, Incoming("debtor", piece, final=False, stream=True, append=True), now)
    assert texts(calls) == [(1, "我失业了")]
    receive(calls, ref, Incoming("debtor", "我失业了。", stream=True), now)
    assert texts(calls) == [(1, "我失业了。")]


def test_what_is_derived_is_the_same_in_another_process(calls: Desk, say: Say, ref: str, now: datetime) -> None:
    say(1, "collector", "您好，这通电话会录音")
    say(2, "debtor", "我要投诉你们")
    other = build_desk(calls.db, calls.judge, calls.keys)
    with calls.db.read() as session:
        here, there = read_live(session, calls, ref, now), read_live(session, other, ref, now)
    assert (here.state, here.suggestions) == (there.state, there.suggestions)


def test_a_process_that_follows_is_woken_by_another(calls: Desk, say: Say, ref: str) -> None:
    bell = Bell(calls.db)
    with bell.following(ref) as changed:
        assert changed.wait(10)  # the watcher rings once when it has begun to look
        changed.clear()
        say(1, "debtor", "喂")
        assert changed.wait(10)


def test_who_follows_is_woken_by_a_change_of_the_scripts(calls: Desk, ref: str, now: datetime) -> None:
    bell = Bell(calls.db)
    with bell.following(ref) as changed:
        assert changed.wait(10)
        changed.clear()
        with calls.db.write() as session:
            session.add(_published(now))
        assert changed.wait(10)


def test_the_watcher_ends_with_its_last_follower_and_begins_with_the_next(calls: Desk, ref: str) -> None:
    bell = Bell(calls.db)
    for _ in range(2):
        with bell.following(ref) as changed:
            assert changed.wait(10)
        for thread in [one for one in threading.enumerate() if one.name == "calls-watcher"]:
            thread.join(10)
            assert not thread.is_alive()


def _published(now: datetime) -> Script:
    version = ScriptVersion(number=1, state="approved", say="您好。", author="tang", created_at=now, approved_at=now)
    return Script(key="any.test", stage="any", scene="测试", title="测试", versions=[version])


def test_an_incoming_turn_says_where_it_went(say: Say) -> None:
    taken = say(3, "debtor", "喂")
    assert taken == replace(taken, seq=3, revision=2, fresh=True)
