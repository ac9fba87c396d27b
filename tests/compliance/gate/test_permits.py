from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from compliance.casebook.models import ContactPoint
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.permits import Redemption, expire_permits, redeem
from compliance.gate.tokens import PermitKeys
from tests.compliance.gate.world import KEYS, MOBILE, FakeJudge, at_once, call, entries, row, send, sms

WORDS = "您好，您的账单已逾期，请尽快还款。"


def permit(db: Database, judge: FakeJudge, now: datetime, id: str = "1") -> str:
    token = send(db, judge, sms(id, WORDS), now).permit
    assert token is not None
    return token


def use(
    db: Database, judge: FakeJudge, token: str, now: datetime, recipient: str = MOBILE, text: str | None = WORDS
) -> Redemption:
    return redeem(db, judge, token, recipient, text, now, KEYS)


def test_a_permit_is_good_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    assert [use(desk, judge, token, now).status for _ in range(3)] == [200, 409, 409]


def test_using_it_is_in_the_ledger(desk: Database, judge: FakeJudge, now: datetime) -> None:
    use(desk, judge, permit(desk, judge, now), now)
    assert entries(desk)[-1] == ("permit:redeemed", "outreach:1")


def test_words_handed_to_a_gateway_are_sent(desk: Database, judge: FakeJudge, now: datetime) -> None:
    use(desk, judge, permit(desk, judge, now), now)
    assert (row(desk, "1").state, row(desk, "1").delivered_at) == ("sent", now)


def test_a_dial_waits_for_its_outcome(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = send(desk, judge, call("1"), now).permit or ""
    assert use(desk, judge, token, now, text=None).status == 200
    assert row(desk, "1").state == "sending"


@pytest.mark.parametrize(
    ("recipient", "text"), [(MOBILE, WORDS + "。"), (MOBILE, None), ("13800138001", WORDS), ("", WORDS)]
)
def test_it_is_for_this_text_and_recipient_only(
    desk: Database, judge: FakeJudge, now: datetime, recipient: str, text: str | None
) -> None:
    token = permit(desk, judge, now)
    assert use(desk, judge, token, now, recipient, text).status == 403
    assert use(desk, judge, token, now).status == 200


@pytest.mark.parametrize("text", ["\udc00", WORDS])
def test_a_forged_permit_is_403_and_leaves_no_trace(desk: Database, judge: FakeJudge, now: datetime, text: str) -> None:
    token = permit(desk, judge, now)
    forged = token[:-4] + "AAAA"
    assert use(desk, judge, forged, now, text=text).status == 403
    assert len(entries(desk)) == 1


def test_a_permit_signed_with_a_retired_key_is_403(desk: Database, judge: FakeJudge, now: datetime) -> None:
    keys = PermitKeys("k2", {"k2": b"n" * 32})
    answer = redeem(desk, judge, permit(desk, judge, now), MOBILE, WORDS, now, keys)
    assert (answer.status, answer.code) == (403, "retired_key")


def test_it_expires(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    answer = use(desk, judge, token, now + timedelta(hours=24, seconds=1))
    assert (answer.status, entries(desk)[-1][0]) == (410, "permit:refused")


def test_it_is_not_good_before_its_time(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = send(desk, judge, sms("1", WORDS, send_at=now + timedelta(hours=2)), now).permit or ""
    assert use(desk, judge, token, now + timedelta(hours=1)).status == 423
    assert use(desk, judge, token, now + timedelta(hours=2)).status == 200


def test_the_policy_is_asked_again_at_that_minute(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    answer = use(desk, judge, token, now + timedelta(hours=12))
    assert (answer.status, [finding.rule for finding in answer.findings]) == (423, ["fake.hours"])
    assert answer.next_allowed_at == datetime.fromisoformat("2026-11-19T08:00:00+08:00")


def test_a_bar_that_came_up_since_is_423(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    judge.bars.add("D1")
    assert use(desk, judge, token, now).status == 423


def test_a_doubt_that_came_up_since_is_423(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    judge.doubts.add("D1")
    assert use(desk, judge, token, now).status == 423


def test_a_judge_that_fails_at_that_minute_is_423(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    judge.broken = True
    assert use(desk, judge, token, now).status == 423
    judge.broken = False
    assert use(desk, judge, token, now).status == 200


def test_its_own_slot_does_not_stand_in_its_way(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    assert use(desk, judge, permit(desk, judge, now), now).status == 200


def test_earlier_slots_do(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("2", "第二条。"), now)
    token = permit(desk, judge, now)
    judge.limit = 1
    assert use(desk, judge, token, now).status == 423


def test_the_slot_moves_to_the_day_of_use(desk: Database, judge: FakeJudge, now: datetime) -> None:
    """Permits saved up over night do not add to the next day's limit."""
    judge.limit = 1
    evening = now.replace(hour=21)
    token = permit(desk, judge, evening)
    morning = evening + timedelta(hours=12)
    assert use(desk, judge, token, morning).status == 200
    assert row(desk, "1").local_day == morning.date()
    assert send(desk, judge, sms("2"), morning).state == "blocked"


def test_an_unused_permit_gives_its_slot_back(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 1
    send(desk, judge, call("1"), now)
    assert send(desk, judge, call("2"), now + timedelta(minutes=10)).state == "blocked"
    assert expire_permits(desk, now + timedelta(minutes=11)) == 1
    assert row(desk, "1").state == "expired"
    assert entries(desk)[-1] == ("permit:expired", "outreach:1")
    assert send(desk, judge, call("3"), now + timedelta(minutes=11)).state == "permitted"


def test_a_permit_that_ran_out_holds_no_slot_even_before_that_is_written_down(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    judge.limit = 1
    token = send(desk, judge, call("1"), now).permit or ""
    assert send(desk, judge, call("2"), now + timedelta(minutes=11)).state == "permitted"
    # A clock that is behind does not bring it back: the slot is somebody else's now.
    assert redeem(desk, judge, token, MOBILE, None, now + timedelta(minutes=9), KEYS).status == 423  # type: ignore[arg-type]


def test_what_is_planned_for_later_keeps_the_slots_of_permits_that_are_good_now(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    judge.limit = 1
    send(desk, judge, call("1"), now)
    assert send(desk, judge, sms("2", send_at=now + timedelta(hours=2)), now).state == "blocked"


def test_expiring_twice_gives_one_slot_back(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, call("1"), now)
    assert [expire_permits(desk, now + timedelta(hours=1)) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("after", [timedelta(minutes=9), timedelta(minutes=10)])
def test_a_permit_in_time_does_not_expire(desk: Database, judge: FakeJudge, now: datetime, after: timedelta) -> None:
    send(desk, judge, call("1"), now)
    assert expire_permits(desk, now + after) == 0


def test_a_used_permit_does_not_expire(desk: Database, judge: FakeJudge, now: datetime) -> None:
    use(desk, judge, permit(desk, judge, now), now)
    assert expire_permits(desk, now + timedelta(days=2)) == 0


def test_an_expired_one_cannot_be_used_after_all(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    expire_permits(desk, now + timedelta(days=2))
    assert use(desk, judge, token, now).status == 410


def test_a_recipient_who_was_changed_is_not_reached(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    with desk.write() as session:
        session.scalars(select(ContactPoint).where(ContactPoint.ref == "M1")).one().value = "13811111111"
    assert use(desk, judge, token, now, "13811111111").status == 403


def test_a_text_changed_in_the_table_is_still_other_content(desk: Database, judge: FakeJudge, now: datetime) -> None:
    token = permit(desk, judge, now)
    desk.run(lambda s: s.execute(update(Outreach).values(text_digest="0" * 64)))
    assert use(desk, judge, token, now, text="别的").status == 403


def test_many_at_once_use_it_once(desk: Database, judge: FakeJudge, now: datetime) -> None:
    for number in range(3):
        judge.limit = 100
        token = permit(desk, judge, now, f"{number}")
        answers = at_once([lambda t=token: use(desk, judge, t, now).status for _ in range(8)])
        assert sorted(answers) == [200] + [409] * 7


def test_using_and_expiring_at_once_is_one_of_them(desk: Database, judge: FakeJudge, now: datetime) -> None:
    judge.limit = 100
    for number in range(5):
        token = permit(desk, judge, now, f"{number}")
        at_once([lambda t=token: use(desk, judge, t, now), lambda: expire_permits(desk, now + timedelta(days=2))])
        kinds = [kind for kind, subject in entries(desk) if subject == f"outreach:{number}"]
        assert ("permit:redeemed" in kinds) != ("permit:expired" in kinds)
