"""A call that was answered has a recording, or a reason that an officer reads; an outcome never waits for either."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from compliance.database import Database
from compliance.gate import owed_recording, record_call, record_outcome, record_recording
from compliance.gate.models import Review
from compliance.gate.types import Conflict
from compliance.judge import InvalidInput
from compliance.judge.contact import Policy, load_policy
from compliance.judge.packs import PACKS
from tests.compliance.gate.world import KEYS, MING, FakeJudge, call, entries, row, send, sms


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(PACKS / "cn")


def answered(db: Database, judge: FakeJudge, now: datetime, outcome: str = "connected") -> None:
    send(db, judge, call("c"), now)
    record_outcome(db, "c", outcome, now, MING, now)


def tell(
    db: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None = None,
    id: str = "c",
) -> None:  # fmt: skip
    record_recording(db, judge, policy, id, recording, reason, MING, now, keys=KEYS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "owed"),
    [("connected", True), ("third_party", True), ("wrong_number", True), ("hung_up", True), ("no_answer", False),
     ("busy", False), ("voicemail", False)],
)  # fmt: skip
def test_what_was_answered_owes_a_recording(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, outcome: str, owed: bool
) -> None:
    answered(desk, judge, now, outcome)
    assert (owed_recording(row(desk, "c"), policy) is not None) is owed


def test_an_id_settles_it(desk: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    answered(desk, judge, now)
    for _ in range(2):
        tell(desk, judge, policy, now, "REC-1")
    assert row(desk, "c").recording == "REC-1"
    assert owed_recording(row(desk, "c"), policy) is None
    assert [kind for kind, _ in entries(desk)].count("outreach:recording") == 1


def test_a_reason_waits_for_an_officer(desk: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    answered(desk, judge, now)
    for _ in range(2):
        tell(desk, judge, policy, now, None, "录音设备故障")
    note = row(desk, row(desk, "c").recording_note or "")
    assert [one["rule"] for one in note.verdict["findings"]] == ["cn.call.recording"]
    with desk.read() as session:
        assert session.scalars(select(Review.outreach_id)).all() == [note.id]
    assert owed_recording(row(desk, "c"), policy) is None


def test_a_reason_for_a_call_that_nobody_answered_waits_for_nobody(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    answered(desk, judge, now, "no_answer")
    tell(desk, judge, policy, now, None, "没有接通")
    with desk.read() as session:
        assert session.scalars(select(Review)).all() == []


def test_a_recording_that_turns_up_is_added_to_a_reason(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    answered(desk, judge, now)
    tell(desk, judge, policy, now, None, "平台还没有传回")
    tell(desk, judge, policy, now, "REC-1")
    assert row(desk, "c").recording == "REC-1"
    assert row(desk, "c").recording_note is not None


def test_nothing_that_was_told_is_rewritten(desk: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    answered(desk, judge, now)
    tell(desk, judge, policy, now, "REC-1")
    for recording, reason in (("REC-2", None), (None, "弄错了")):
        with pytest.raises(Conflict, match="不能改写"):
            tell(desk, judge, policy, now, recording, reason)


@pytest.mark.parametrize(("recording", "reason"), [(None, None), ("R", "原因"), ("", None), (None, " ")])
def test_one_of_the_two(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None
) -> None:
    answered(desk, judge, now)
    with pytest.raises(InvalidInput):
        tell(desk, judge, policy, now, recording, reason)


def test_only_a_call_that_was_made_has_one(desk: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    send(desk, judge, call("c"), now)
    send(desk, judge, sms("s"), now)
    for id in ("c", "s"):
        with pytest.raises(Conflict, match="不是已登记结果的通话"):
            tell(desk, judge, policy, now, "REC-1", id=id)


def both(
    db: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None = None,
    outcome: str = "connected",
) -> None:  # fmt: skip
    record_call(db, judge, policy, "c", outcome, now, recording, reason, MING, now, keys=KEYS)  # type: ignore[arg-type]


@pytest.mark.parametrize(("recording", "reason"), [("REC-1", None), (None, "录音设备故障")])
def test_outcome_and_recording_come_in_one(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None
) -> None:
    send(desk, judge, call("c"), now)
    for _ in range(2):
        both(desk, judge, policy, now, recording, reason)
    told = row(desk, "c")
    assert (told.outcome, told.recording, told.recording_note is None) == ("connected", recording, reason is None)
    kinds = [kind for kind, _ in entries(desk)]
    assert (kinds.count("outreach:outcome"), kinds.count("outreach:recording")) == (1, 1)


@pytest.mark.parametrize(
    ("recording", "reason", "field"),
    [("REC\x00", None, "recording"), ("R" * 101, None, "recording"), (" ", None, "recording"),
     ("R", "原因", "recording"), (None, " ", "no_recording"), (None, "\ud800", "no_recording")],
)  # fmt: skip
def test_a_recording_that_is_refused_leaves_no_outcome(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None,
    field: str,
) -> None:  # fmt: skip
    send(desk, judge, call("c"), now)
    with pytest.raises(InvalidInput) as error:
        both(desk, judge, policy, now, recording, reason)
    assert error.value.field == field
    assert row(desk, "c").outcome is None


@pytest.mark.parametrize(("recording", "reason"), [("REC-1", None), (None, "录音设备故障")])
def test_an_outcome_that_is_refused_leaves_no_recording_and_no_note(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, recording: str | None, reason: str | None
) -> None:
    answered(desk, judge, now)
    before = entries(desk)
    with pytest.raises(Conflict, match="不能改写"):
        both(desk, judge, policy, now, recording, reason, outcome="no_answer")
    told = row(desk, "c")
    assert (told.outcome, told.recording, told.recording_note) == ("connected", None, None)
    assert entries(desk) == before


def test_what_fails_half_way_is_not_kept(
    desk: Database, judge: FakeJudge, policy: Policy, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(desk, judge, call("c"), now)

    def fail(*_: object) -> None:
        raise Conflict("刚刚被别处登记")

    monkeypatch.setattr("compliance.gate.recordings._record", fail)
    with pytest.raises(Conflict):
        both(desk, judge, policy, now, "REC-1")
    assert row(desk, "c").outcome is None
    assert "outreach:outcome" not in [kind for kind, _ in entries(desk)]
