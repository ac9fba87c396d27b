from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from compliance import ledger
from compliance.database import Database
from compliance.gate import DispatchReport, PermitKeys, dispatch_once, settle, try_again, undelivered
from compliance.gate.channels import InDoubt, Rejected, TryLater
from compliance.gate.claims import LEASE, delivery_key
from compliance.gate.dispatch import MOST_TRIES
from compliance.gate.types import Conflict
from compliance.judge.types import InvalidInput
from tests.compliance.gate.fake_channel import FakeChannel
from tests.compliance.gate.world import KEYS, LI, FakeJudge, at_once, call, entries, row, send, sms


def run(db: Database, judge: FakeJudge, channel: FakeChannel, now: datetime, worker: str = "w") -> DispatchReport:
    return dispatch_once(db, judge, {"sms": channel}, worker, now, KEYS)  # type: ignore[arg-type]


def give_up(db: Database, judge: FakeJudge, channel: FakeChannel, now: datetime, id: str = "1") -> int:
    """An outreach that the receiver refused for good: its row id."""
    channel.failures = [Rejected("拒收（550）")]
    send(db, judge, sms(id), now)
    assert run(db, judge, channel, now).failed == 1
    return row(db, id).id


def listed(db: Database) -> list[str]:
    with db.read() as session:
        return [outreach.client_id for outreach in undelivered(session)]


def test_what_was_given_up_is_listed_with_the_reason(desk: Database, judge: FakeJudge, now: datetime) -> None:
    give_up(desk, judge, FakeChannel(), now)
    assert listed(desk) == ["1"]
    assert row(desk, "1").last_error == "拒收（550）"


def test_an_officer_has_it_tried_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    recorded = try_again(desk, give_up(desk, judge, channel, now), LI, now, keys=KEYS)
    assert (recorded.state, listed(desk)) == ("permitted", [])
    assert run(desk, judge, channel, now).sent == 1
    assert entries(desk)[-3:] == [(f"outreach:{kind}", "outreach:1") for kind in ("retried", "sending", "sent")]


def test_it_goes_with_the_same_key(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(accepts_keys=True)
    try_again(desk, give_up(desk, judge, channel, now), LI, now, keys=KEYS)
    run(desk, judge, channel, now)
    assert [delivery.key for delivery in channel.arrived] == [delivery_key("1")]


def test_it_is_judged_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    outreach_id = give_up(desk, judge, channel, now)
    judge.bars.add("D1")
    try_again(desk, outreach_id, LI, now, keys=KEYS)
    run(desk, judge, channel, now)
    assert (row(desk, "1").state, channel.arrived) == ("failed", [])


def test_of_two_officers_one_has_it_tried_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    outreach_id = give_up(desk, judge, FakeChannel(), now)
    answers = at_once([lambda: try_again(desk, outreach_id, LI, now, keys=KEYS)] * 2)
    assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1


def test_a_permit_of_a_retired_key_must_be_submitted_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    outreach_id = give_up(desk, judge, FakeChannel(), now)
    with pytest.raises(Conflict, match="重新提交"):
        try_again(desk, outreach_id, LI, now, keys=PermitKeys("k2", {"k2": b"n" * 32}))
    assert row(desk, "1").state == "failed"


@pytest.mark.parametrize(
    ("arrived", "state", "outcome"), [(True, "sent", "delivered"), (False, "failed", "undelivered")]
)
def test_an_officer_says_what_became_of_it(
    desk: Database, judge: FakeJudge, now: datetime, arrived: bool, state: str, outcome: str
) -> None:
    outreach_id = give_up(desk, judge, FakeChannel(), now)
    settle(desk, outreach_id, arrived, LI, now)
    assert (row(desk, "1").state, row(desk, "1").outcome, listed(desk)) == (state, outcome, [])
    with pytest.raises(Conflict):
        try_again(desk, outreach_id, LI, now, keys=KEYS)


def test_what_was_not_given_up_cannot_be_tried_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    send(desk, judge, call("2"), now)
    for id in ("1", "2"):
        with pytest.raises(Conflict):
            try_again(desk, row(desk, id).id, LI, now, keys=KEYS)
    with pytest.raises(InvalidInput):
        settle(desk, 999, True, LI, now)


def test_a_message_that_is_put_off_for_ever_is_given_up(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    channel = FakeChannel(failures=[TryLater("稍后再试（451）") for _ in range(MOST_TRIES)])
    days = (now + timedelta(days=count) for count in range(MOST_TRIES))
    reports = [run(desk, judge, channel, day) for day in days]
    assert [report.deferred for report in reports[:-1]] == [1] * (MOST_TRIES - 1)
    assert (reports[-1].failed, listed(desk)) == (1, ["1"])


def test_a_slow_dispatcher_is_heard_before_it_goes_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """Taken for dead, given up, to be tried again: then the first dispatcher comes back. It has left, and once only."""
    send(desk, judge, sms("1"), now)
    channel = FakeChannel()
    later = now + LEASE + timedelta(minutes=1)

    def meanwhile() -> None:
        channel.on_delivery = None
        run(desk, judge, channel, later, "second")
        try_again(desk, row(desk, "1").id, LI, later, keys=KEYS)

    channel.on_delivery = meanwhile
    assert run(desk, judge, channel, now, "first").sent == 1
    run(desk, judge, channel, later, "second")
    assert (row(desk, "1").state, len(channel.arrived)) == ("sent", 1)
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_after_doubt_a_channel_rests(desk: Database, judge: FakeJudge, now: datetime) -> None:
    for number in range(2):
        send(desk, judge, sms(f"{number}"), now)
    channel = FakeChannel(failures=[InDoubt("中断")])
    assert run(desk, judge, channel, now) == DispatchReport(failed=1)
    assert run(desk, judge, channel, now) == DispatchReport(sent=1)


def test_a_slow_receiver_does_not_carry_a_pass_into_the_night(desk: Database, judge: FakeJudge, now: datetime) -> None:
    evening = now.replace(hour=21, minute=59)
    clock = [evening]
    for number in range(2):
        send(desk, judge, sms(f"{number}"), evening)
    channel = FakeChannel(on_delivery=lambda: clock.__setitem__(0, clock[0] + timedelta(minutes=2)))
    report = dispatch_once(desk, judge, {"sms": channel}, "w", evening, KEYS, clock=lambda: clock[0])  # type: ignore[arg-type]
    assert report == DispatchReport(sent=1, deferred=1)
