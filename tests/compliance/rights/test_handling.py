"""Who has a request in hand, how it ends, and what is due: on a casebook whose collector is Ming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from compliance import ledger, rights
from compliance.casebook.models import ContactAgreement
from compliance.database import Database
from compliance.gate.types import Actor
from compliance.judge.types import InvalidInput
from compliance.rights.clocks import clocks_of
from compliance.rights.models import DEBTOR, Notice, RightsRequest
from tests.compliance.gate.world import FakeJudge, send, sms

SHANGHAI = ZoneInfo("Asia/Shanghai")
WISH = {"channels": ["sms", "email"], "window": ["19:00", "21:00"], "max_per_day": 1}


@pytest.fixture
def receive(desk: Database, now: datetime) -> Callable[..., str]:
    """``receive(type="plan", days=3)``: the first debtor asked for it three days ago; its reference."""

    def add(*, type: str = "complaint", days: float = 1, **fields: Any) -> str:
        asked: dict[str, Any] = {
            "channel": "call",
            "evidence": "你们骚扰我单位",
            "actor": "ming",
            "account_id": 1,
        } | fields
        with desk.write() as session:
            return rights.receive_request(
                session, debtor_id=1, type=type, at=now - timedelta(days=days), now=now, **asked
            ).ref

    return add


def stored(db: Database, ref: str) -> RightsRequest:
    with db.read() as session:
        return session.scalars(select(RightsRequest).where(RightsRequest.ref == ref)).one()


def close(db: Database, ref: str, actor: str, now: datetime, **fields: Any) -> RightsRequest:
    with db.write() as session:
        return rights.close_request(session, ref=ref, answer="已核实。", actor=actor, now=now, **fields)


def own(db: Database, ref: str, owner: str | None, now: datetime) -> None:
    with db.write() as session:
        rights.own_request(session, ref=ref, owner=owner, actor="li", now=now)


# What shows it


def test_evidence_names_the_outreach_and_the_recording(
    desk: Database, judge: FakeJudge, receive: Callable[..., str], now: datetime
) -> None:
    send(desk, judge, sms("o1"), now)
    request = stored(desk, receive(source="outreach:o1", recording="R-17"))
    assert (request.source, request.recording) == ("outreach:o1", "R-17")
    with desk.read() as session:
        body = ledger.entries(session, limit=100)[-1].body
    assert '"source":"outreach:o1"' in body
    assert "骚扰我" not in body


def test_a_notice_names_them_too(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("o1"), now)
    with desk.write() as session:
        ref = rights.give_notice(
            session, debtor_id=1, type="recording", channel="call", evidence="开场白", at=now, actor="ming", now=now,
            source="outreach:o1", recording="R-17",
        ).ref  # fmt: skip
    with desk.read() as session:
        notice = session.scalars(select(Notice).where(Notice.ref == ref)).one()
    assert (notice.source, notice.recording) == ("outreach:o1", "R-17")


@pytest.mark.parametrize("source", ["outreach:none", "outreach:of-another", "letter:1", "outreach", "call:"])
def test_a_source_that_is_none_of_this_debtor_is_refused(
    desk: Database, judge: FakeJudge, receive: Callable[..., str], now: datetime, source: str
) -> None:
    send(desk, judge, sms("of-another", debtor="D2", contact_point="M2"), now)
    with pytest.raises(InvalidInput) as raised:
        receive(source=source)
    assert raised.value.field == "source"


# Without an interest in it


@pytest.mark.parametrize("actor", ["wang", "ming"])
def test_who_recorded_it_or_is_complained_about_does_not_answer_it(
    desk: Database, receive: Callable[..., str], now: datetime, actor: str
) -> None:
    ref = receive(actor="wang")
    assert stored(desk, ref).about == "ming"
    for act in (lambda: close(desk, ref, actor, now), lambda: own(desk, ref, actor, now)):
        with pytest.raises(InvalidInput) as raised:
            act()
        assert raised.value.code == "forbidden"
    assert stored(desk, ref).closed_at is None


def test_a_complaint_is_about_who_made_the_contact(
    desk: Database, judge: FakeJudge, receive: Callable[..., str], now: datetime
) -> None:
    send(desk, judge, sms("o1"), now, Actor("zhou"))
    assert stored(desk, receive(source="outreach:o1")).about == "zhou"


def test_a_dispute_is_about_nobody(desk: Database, receive: Callable[..., str]) -> None:
    assert stored(desk, receive(type="dispute")).about is None


def test_more_time_is_not_approved_by_who_is_complained_about(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    ref = receive(about="chef")
    with pytest.raises(InvalidInput) as raised, desk.write() as session:
        rights.extend_request(
            session, ref=ref, extension="special", reason="须调取录音", actor="li", now=now, approved_by="chef",
            told_at=now,
        )  # fmt: skip
    assert raised.value.code == "approval_needed"


# States and how it ends


def test_the_states_follow_each_other(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    ref = receive()
    seen = [rights.state_of(stored(desk, ref))]
    own(desk, ref, "li", now)
    seen.append(rights.state_of(stored(desk, ref)))
    own(desk, ref, None, now)
    seen.append(rights.state_of(stored(desk, ref)))
    close(desk, ref, "li", now, outcome="withdrawn")
    assert [*seen, rights.state_of(stored(desk, ref))] == ["received", "in_hand", "received", "withdrawn"]


def test_an_outcome_that_does_not_exist_closes_nothing(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    ref = receive()
    with pytest.raises(InvalidInput):
        close(desk, ref, "li", now, outcome="lost")
    assert stored(desk, ref).closed_at is None


def test_a_wish_that_is_granted_is_agreed(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    ref = receive(type="contact_preference", wish=WISH, actor=DEBTOR, identified=True)
    close(desk, ref, "li", now, outcome="granted")
    with desk.read() as session:
        (agreed,) = session.scalars(select(ContactAgreement))
    assert (agreed.channels, agreed.window_start, agreed.window_end, agreed.max_per_day) == (
        "sms email", time(19), time(21), 1
    )  # fmt: skip
    assert (agreed.evidence, agreed.since) == (f"request:{ref}", now)


def test_a_wish_that_is_only_answered_is_not_agreed(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    close(desk, receive(type="contact_preference", wish=WISH, identified=True), "li", now)
    with desk.read() as session:
        assert session.scalars(select(ContactAgreement)).all() == []


def test_a_wish_of_somebody_unknown_is_not_agreed(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    ref = receive(type="contact_preference", wish=WISH, actor=DEBTOR, identified=False)
    with pytest.raises(InvalidInput) as raised:
        close(desk, ref, "li", now, outcome="granted")
    assert raised.value.code == "not_identified"
    assert stored(desk, ref).closed_at is None


# What is due


def test_the_due_list_begins_with_what_is_overdue(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    later, overdue, soon = receive(type="credit_dispute"), receive(days=20), receive(days=13)
    with desk.read() as session:
        found = [(one.request.ref, one.urgency) for one in rights.due_list(session, now)]
    assert found == [(overdue, "overdue"), (soon, "soon"), (later, "later")]


def test_what_is_closed_is_due_no_more(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    close(desk, receive(days=20), "li", now)
    with desk.read() as session:
        assert rights.due_list(session, now) == []


def test_the_due_list_of_one_officer(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    mine = receive()
    receive(type="dispute")
    own(desk, mine, "li", now)
    with desk.read() as session:
        assert [one.request.ref for one in rights.due_list(session, now, owner="li")] == [mine]


# A review of the answer


def answered(db: Database, receive: Callable[..., str], now: datetime, **fields: Any) -> str:
    """An answered complaint; its reference."""
    ref = receive(**fields)
    close(db, ref, "li", now - timedelta(hours=12))
    return ref


def ask_review(receive: Callable[..., str], ref: str, **fields: Any) -> str:
    return receive(days=0, evidence="不服处理结果", actor=DEBTOR, review_of=ref, **fields)


def test_an_answered_complaint_may_be_reviewed_and_is_linked(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    first = answered(desk, receive, now)
    review = stored(desk, ask_review(receive, first))
    assert (review.review_of, review.decided_by, review.about) == (first, "li", "ming")
    with desk.read() as session:
        assert f'"review_of":"{first}"' in ledger.entries(session, limit=100)[-1].body


def test_who_gave_the_answer_does_not_review_it(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    review = ask_review(receive, answered(desk, receive, now))
    with pytest.raises(InvalidInput, match="原处理结果"):
        close(desk, review, "li", now)
    assert close(desk, review, "zhao", now).outcome == "answered"


def test_a_review_that_the_answerer_cannot_take_does_not_urge_them(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    ask_review(receive, answered(desk, receive, now))
    with desk.read() as session:
        assert [rights.count_urgent(session, who, now + timedelta(days=15)) for who in ("li", "zhao")] == [0, 1]


def test_the_thirty_days_count_from_the_answer(desk: Database, receive: Callable[..., str], now: datetime) -> None:
    ref = receive(days=40)
    close(desk, ref, "li", now - timedelta(days=30))
    until = rights.review_until(clocks_of(), stored(desk, ref), "Asia/Shanghai")
    assert until is not None
    assert until.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date()
    assert ask_review(receive, ref)


@pytest.mark.parametrize("days", [31, 60])
def test_after_the_thirty_days_it_is_too_late(
    desk: Database, receive: Callable[..., str], now: datetime, days: int
) -> None:
    ref = receive(days=70)
    close(desk, ref, "li", now - timedelta(days=days))
    with pytest.raises(InvalidInput) as fault:
        ask_review(receive, ref)
    assert fault.value.code == "too_late"


@pytest.mark.parametrize("outcome", [None, "withdrawn"])
def test_without_a_decision_there_is_nothing_to_review(
    desk: Database, receive: Callable[..., str], now: datetime, outcome: str | None
) -> None:
    ref = receive()
    if outcome:
        close(desk, ref, "li", now, outcome=outcome)
    with pytest.raises(InvalidInput) as fault:
        ask_review(receive, ref)
    assert fault.value.code == "nothing_to_review"


def test_it_is_asked_once_and_a_review_is_not_reviewed(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    first = answered(desk, receive, now)
    review = ask_review(receive, first)
    close(desk, review, "zhao", now)
    for ref, code in ((first, "already_asked"), (review, "nothing_to_review")):
        with pytest.raises(InvalidInput) as fault:
            ask_review(receive, ref)
        assert fault.value.code == code


def test_a_review_is_of_a_request_of_this_kind_and_debtor(
    desk: Database, receive: Callable[..., str], now: datetime
) -> None:
    ref = answered(desk, receive, now)
    for fields in ({"ref": "rq_none"}, {"ref": ref, "type": "plan"}):
        with pytest.raises(InvalidInput) as fault:
            ask_review(receive, **fields)
        assert fault.value.code == "unknown_request"
