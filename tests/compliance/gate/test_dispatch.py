from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from compliance import ledger
from compliance.casebook.models import ContactPoint
from compliance.database import Database
from compliance.gate.channels import ChannelDown, InDoubt, Rejected, TryLater
from compliance.gate.claims import LEASE
from compliance.gate.dispatch import DispatchReport, dispatch_once
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.permits import expire_permits, redeem
from compliance.gate.tokens import PermitKeys, digest_text
from compliance.review.models import Review
from tests.compliance.gate.fake_channel import FakeChannel
from tests.compliance.gate.world import EMAIL, KEYS, FakeJudge, at_once, call, email, entries, row, send, sms

WORDS = "您好，您的账单已逾期，请尽快还款。"


def dispatch(
    db: Database, judge: FakeJudge, channel: FakeChannel, now: datetime, worker: str = "w1", keys: PermitKeys = KEYS
) -> DispatchReport:
    return dispatch_once(db, judge, {"email": channel}, worker, now, keys, jitter=lambda: 1.0)  # type: ignore[arg-type]


def kinds(db: Database, id: str = "1") -> list[str]:
    return [kind for kind, subject in entries(db) if subject == f"outreach:{id}"]


# Delivered once


def test_permitted_words_are_delivered_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1", WORDS), now)
    reports = [dispatch(desk, judge, channel, now) for _ in range(2)]
    assert reports == [DispatchReport(sent=1), DispatchReport()]
    assert [(d.recipient, d.text) for d in channel.arrived] == [(EMAIL, WORDS)]


def test_every_step_is_in_the_ledger(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, FakeChannel(), now)
    assert kinds(desk) == ["outreach:decided", "outreach:sending", "outreach:sent"]
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_the_entry_is_there_before_it_leaves(desk: Database, judge: FakeJudge, now: datetime) -> None:
    seen: list[str] = []
    channel = FakeChannel(on_delivery=lambda: seen.extend(kinds(desk)))
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, channel, now)
    assert seen == ["outreach:decided", "outreach:sending"]


def test_the_sent_row_says_when(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, FakeChannel(), now + timedelta(minutes=3))
    stored = row(desk, "1")
    assert (stored.state, stored.delivered_at, stored.at) == ("sent", now + timedelta(minutes=3), stored.delivered_at)


def test_many_dispatchers_deliver_each_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 100
    channel = FakeChannel()
    for number in range(6):
        send(desk, judge, email(f"{number}"), now)
    reports = at_once([lambda n=n: dispatch(desk, judge, channel, now, f"w{n}") for n in range(4)])
    assert sum(report.sent for report in reports) == 6
    assert len({delivery.key for delivery in channel.arrived}) == len(channel.arrived) == 6


def test_a_gateway_and_a_dispatcher_do_not_both_get_it(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 100
    channel = FakeChannel()
    for number in range(4):
        token = send(desk, judge, email(f"{number}", WORDS), now).permit or ""
        before = len(channel.arrived)
        answer, _ = at_once(
            [
                lambda t=token: redeem(desk, judge, t, EMAIL, WORDS, now, KEYS),
                lambda: dispatch(desk, judge, channel, now),
            ]
        )
        assert (answer.status == 200) + (len(channel.arrived) - before) == 1


# What is not dispatched


@pytest.mark.parametrize("words", ["起诉。", "坐牢。"])
def test_what_has_no_permit_does_not_leave(desk: Database, judge: FakeJudge, now: datetime, words: str) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1", words), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport()
    assert channel.arrived == []


def test_a_call_waits_for_its_outcome(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, call("1"), now)
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport()


def test_a_channel_for_calls_is_refused(desk: Database, judge: FakeJudge, now: datetime) -> None:
    with pytest.raises(ValueError, match="call"):
        dispatch_once(desk, judge, {"call": FakeChannel()}, "w", now, KEYS)  # type: ignore[arg-type]


def test_a_channel_that_is_not_served_waits(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport()
    assert row(desk, "1").state == "permitted"


def test_a_planned_message_waits_for_its_time(desk: Database, judge: FakeJudge, now: datetime) -> None:
    later = now + timedelta(hours=2)
    send(desk, judge, email("1", send_at=later), now)
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport()
    assert dispatch(desk, judge, FakeChannel(), later) == DispatchReport(sent=1)


def test_an_expired_permit_does_not_leave(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now + timedelta(days=2)) == DispatchReport(expired=1)
    assert channel.arrived == []


# Judged again at that minute


def test_quiet_hours_delay(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    night = now.replace(hour=23)
    assert dispatch(desk, judge, channel, night) == DispatchReport(deferred=1)
    assert dispatch(desk, judge, channel, night + timedelta(hours=1)) == DispatchReport()
    assert dispatch(desk, judge, channel, night.replace(hour=8) + timedelta(days=1)) == DispatchReport(sent=1)


def test_its_own_slot_is_not_counted(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport(sent=1)


def test_a_later_slot_of_the_day_does_not_take_an_earlier_one_away(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    """The later one was decided with the earlier one counted; counted again, each would hold the other back."""
    judge.limit = 2
    send(desk, judge, email("1"), now)
    send(desk, judge, email("2"), now)
    judge.limit = 1
    assert dispatch(desk, judge, FakeChannel(), now).sent == 1


def test_on_another_day_every_slot_of_that_day_counts(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, email("1"), now)
    tomorrow = now + timedelta(hours=22)
    send(desk, judge, email("2"), tomorrow)
    assert dispatch(desk, judge, FakeChannel(), tomorrow) == DispatchReport(sent=1, deferred=1)


def test_a_bar_that_came_up_since_refuses(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    judge.bars.add("D1")
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert (row(desk, "1").state, channel.arrived, kinds(desk)[-1]) == ("refused", [], "outreach:refused")


def test_a_doubt_that_came_up_since_holds(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    judge.doubts.add("D1")
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport(held=1)
    with desk.read() as session:
        assert session.scalars(select(Review.state)).all() == ["waiting"]
    assert [finding["rule"] for finding in row(desk, "1").verdict["findings"]] == ["fake.doubt"]


def test_a_failing_judge_refuses(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    judge.broken = True
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert channel.arrived == []


# Edited behind the gate's back


def test_words_changed_in_the_table_do_not_leave(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    desk.run(lambda s: s.execute(update(OutreachText).values(text="别的话")))
    desk.run(lambda s: s.execute(update(Outreach).values(text_digest=digest_text("别的话"))))
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert channel.arrived == []


def test_words_that_cannot_be_opened_wait_and_hold_up_nobody(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    desk.run(lambda s: s.execute(text("UPDATE outreach_texts SET text = '别的话'")))
    send(desk, judge, email("2", WORDS, debtor="D2", contact_point="E2"), now + timedelta(minutes=1))
    assert dispatch(desk, judge, channel, now + timedelta(minutes=1)) == DispatchReport(sent=1)
    assert [delivery.text for delivery in channel.arrived] == [WORDS]


def test_a_recipient_changed_in_the_table_is_not_reached(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    with desk.write() as session:
        session.scalars(select(ContactPoint).where(ContactPoint.ref == "E1")).one().value = "x@example.com"
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert channel.arrived == []


def test_a_state_changed_in_the_table_is_no_permit(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1", "坐牢。"), now)
    desk.run(
        lambda s: s.execute(
            update(Outreach).values(
                state="permitted", permit_not_before=now, permit_expires_at=now + timedelta(days=1), permit="v1.e30.AA"
            )
        )
    )
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert channel.arrived == []


def test_the_permit_of_another_outreach_does_not_do(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    stolen = send(desk, judge, email("1", WORDS), now).permit
    dispatch(desk, judge, channel, now)
    send(desk, judge, email("2", WORDS, account="A1"), now)
    desk.run(lambda s: s.execute(update(Outreach).where(Outreach.client_id == "1").values(permit_nonce=None)))
    desk.run(lambda s: s.execute(update(Outreach).where(Outreach.client_id == "2").values(permit=stolen)))
    assert dispatch(desk, judge, channel, now) == DispatchReport(refused=1)
    assert len(channel.arrived) == 1


def test_erased_words_do_not_leave(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    desk.run(lambda s: s.execute(update(OutreachText).values(text=None)))
    assert dispatch(desk, judge, FakeChannel(), now) == DispatchReport(refused=1)


# Channels that fail


def test_a_channel_that_is_down_delays_and_drops_nothing(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(failures=[ChannelDown("down")])
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(deferred=1)
    assert (row(desk, "1").state, row(desk, "1").next_try_at) == ("permitted", now + timedelta(seconds=30))
    assert dispatch(desk, judge, channel, now + timedelta(seconds=29)) == DispatchReport()
    assert dispatch(desk, judge, channel, now + timedelta(seconds=30)) == DispatchReport(sent=1)


def test_the_others_of_a_channel_that_is_down_are_left_alone(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(failures=[ChannelDown("down")])
    for number in range(3):
        send(desk, judge, email(f"{number}"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(deferred=1)
    assert [row(desk, f"{number}").tries for number in range(3)] == [1, 0, 0]


def test_a_channel_that_is_down_does_not_stop_another(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 100
    mail, texts = FakeChannel(failures=[ChannelDown("down")]), FakeChannel()
    for number in range(4):
        send(desk, judge, email(f"mail-{number}"), now)
    send(desk, judge, sms("text"), now)
    dispatch_once(desk, judge, {"email": mail, "sms": texts}, "w", now, KEYS, limit=3)  # type: ignore[arg-type]
    assert len(texts.arrived) == 1


def test_pauses_grow_to_an_hour(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(failures=[ChannelDown("down")] * 9)
    send(desk, judge, email("1"), now)
    pauses = []
    for _ in range(9):
        dispatch(desk, judge, channel, now)
        due = row(desk, "1").next_try_at
        assert due is not None
        pauses.append((due - now).total_seconds())
        now = due
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_channel_that_is_down_for_days_delays_for_days(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 100
    channel = FakeChannel(failures=[ChannelDown("down")] * 10)
    send(desk, judge, email("1"), now)
    for hour in range(0, 60, 6):
        dispatch(desk, judge, channel, (now + timedelta(hours=hour)).replace(hour=9 + hour % 12))
    later = now + timedelta(hours=72)
    expire_permits(desk, later - timedelta(days=1))
    assert row(desk, "1").state == "permitted"


def test_one_that_may_come_later_does_not_stop_the_others(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(failures=[TryLater("greylisted")])
    for number in range(3):
        send(desk, judge, email(f"{number}"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(sent=2, deferred=1)


def test_what_is_refused_for_good_fails(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(failures=[Rejected("SMTP 拒收（550）")])
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(failed=1)
    assert (row(desk, "1").state, row(desk, "1").last_error) == ("failed", "SMTP 拒收（550）")


@pytest.mark.parametrize("failure", [InDoubt("cut"), RuntimeError("a bug")])
def test_in_doubt_nothing_goes_twice(desk: Database, judge: FakeJudge, now: datetime, failure: Exception) -> None:
    channel = FakeChannel(failures=[failure])
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(failed=1)
    assert dispatch(desk, judge, channel, now + timedelta(hours=2)) == DispatchReport()


@pytest.mark.parametrize("failure", [InDoubt("cut"), RuntimeError("a bug")])
def test_in_doubt_it_goes_again_where_keys_are_accepted(
    desk: Database, judge: FakeJudge, now: datetime, failure: Exception
) -> None:
    channel = FakeChannel(accepts_keys=True, failures=[failure])
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(deferred=1)
    assert dispatch(desk, judge, channel, now + timedelta(hours=2)) == DispatchReport(sent=1)


def test_a_failed_delivery_keeps_its_slot(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    channel = FakeChannel(failures=[InDoubt("cut")])
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, channel, now)
    assert send(desk, judge, email("2"), now).state == "blocked"


def test_a_try_that_may_have_left_is_not_forgotten_when_its_permit_ends(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    channel = FakeChannel(accepts_keys=True, failures=[InDoubt("cut")])
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, channel, now)
    expire_permits(desk, now + timedelta(days=3))
    assert row(desk, "1").state == "failed"


def test_a_try_that_may_have_left_is_not_forgotten_when_it_is_barred(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    channel = FakeChannel(accepts_keys=True, failures=[InDoubt("cut")])
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, channel, now)
    judge.bars.add("D1")
    assert dispatch(desk, judge, channel, now + timedelta(hours=1)) == DispatchReport(failed=1)


# Killed in the middle


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


def kill() -> None:
    raise Killed


def test_killed_before_the_delivery(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, email("1"), now)
    with pytest.raises(Killed):
        dispatch(desk, judge, FakeChannel(on_delivery=kill), now)
    assert row(desk, "1").state == "sending"


def test_a_fresh_claim_is_left_to_its_dispatcher(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(accepts_keys=True)
    send(desk, judge, email("1"), now)
    with pytest.raises(Killed):
        dispatch(desk, judge, FakeChannel(on_delivery=kill), now)
    assert dispatch(desk, judge, channel, now + LEASE, "w2") == DispatchReport()


def test_a_stale_claim_goes_again_where_keys_are_accepted(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel(accepts_keys=True)
    send(desk, judge, email("1"), now)
    with pytest.raises(Killed):
        dispatch(desk, judge, FakeChannel(accepts_keys=True, on_delivery=kill), now)
    later = now + LEASE + timedelta(seconds=1)
    assert dispatch(desk, judge, channel, later, "w2") == DispatchReport(recovered=1, sent=1)


def test_a_stale_claim_fails_where_they_are_not(desk: Database, judge: FakeJudge, now: datetime) -> None:
    channel = FakeChannel()
    send(desk, judge, email("1"), now)
    with pytest.raises(Killed):
        dispatch(desk, judge, FakeChannel(on_delivery=kill), now)
    later = now + LEASE + timedelta(seconds=1)
    assert dispatch(desk, judge, channel, later, "w2") == DispatchReport(failed=1)
    assert (channel.arrived, row(desk, "1").state) == ([], "failed")
    assert "可能已经送达" in (row(desk, "1").last_error or "")


def test_a_slow_dispatcher_still_writes_down_what_left(desk: Database, judge: FakeJudge, now: datetime) -> None:
    later = now + LEASE + timedelta(seconds=1)
    channel = FakeChannel(on_delivery=lambda: dispatch(desk, judge, FakeChannel(), later, "w2") and None)
    send(desk, judge, email("1"), now)
    assert dispatch(desk, judge, channel, now) == DispatchReport(sent=1)
    assert (row(desk, "1").state, kinds(desk)[-2:]) == ("sent", ["outreach:failed", "outreach:sent"])


def test_a_slow_dispatcher_and_its_successor_deliver_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    later = now + LEASE + timedelta(seconds=1)
    shared = FakeChannel(accepts_keys=True)

    def successor() -> None:
        shared.on_delivery = None
        dispatch(desk, judge, shared, later, "w2")

    shared.on_delivery = successor
    send(desk, judge, email("1"), now)
    dispatch(desk, judge, shared, now)
    assert len(shared.arrived) == 1
    assert row(desk, "1").state == "sent"
