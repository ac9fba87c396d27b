"""Somebody who does not owe and offered to pay: the set words come before an officer; anything else is stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.paying import payer_words
from compliance.gate.screening import judge_again
from compliance.gate.types import Receipt
from compliance.judge import Judge, load_judge
from compliance.judge.types import Decision, InvalidInput
from tests.compliance.gate.world import row, send, sms

SAID = {"words": "我是他姐姐，这笔我替他还，告诉我怎么还。", "recording": "REC-5"}
Offer = Callable[..., str]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The rules themselves, without the learned reader."""
    return load_judge("cn", reader=False)


@pytest.fixture
def told(desk: Database) -> str:
    """The words for a colleague of the first debtor whom nobody agreed to in advance."""
    with desk.write() as session:
        session.execute(update(ContactPoint).where(ContactPoint.ref == "C1").values(agreed_contact=False))
        account = session.get_one(Account, 1, options=[joinedload(Account.creditor)])
        return payer_words(session.get_one(Debtor, 1), account)


@pytest.fixture
def offer(desk: Database, now: datetime) -> Offer:
    """``offer()``: the colleague offered yesterday to pay the first account; its reference."""

    def add(account: int = 1, point: str = "C1", **changed: Any) -> str:
        with desk.write() as session:
            person = session.scalars(select(ContactPoint).where(ContactPoint.ref == point)).one()
            said: dict[str, Any] = SAID | {"at": now - timedelta(days=1), "actor": "ming", "now": now} | changed
            return rights.record_offer(session, account_id=account, contact_point_id=person.id, **said).ref

    return add


def tell(db: Database, judge: Judge, now: datetime, text: str, id: str = "1", **fields: Any) -> Receipt:
    where = {"contact_point": "C1", "account": "A1"} | fields
    return send(db, judge, sms(id, text, **where), now)  # type: ignore[arg-type]


def withdraw(db: Database, ref: str, now: datetime) -> None:
    with db.write() as session:
        rights.withdraw_offer(session, ref=ref, actor="ming", now=now)


def test_without_an_offer_on_record_the_words_are_stopped(
    desk: Database, judge: Judge, told: str, now: datetime
) -> None:
    assert tell(desk, judge, now, told).decision == "block"


def test_with_one_they_wait_for_an_officer_who_is_told_why(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime
) -> None:
    offer()
    receipt = tell(desk, judge, now, told)
    assert (receipt.decision, receipt.state) == ("review", "held")
    assert "cn.contact.third_party_pays" in {finding.rule for finding in receipt.findings}


@pytest.mark.parametrize(
    "change",
    [
        lambda words: words + "请今天还。",
        lambda words: words.replace("应还金额1,023.50元", "应还金额1,000.00元"),
        lambda words: words + "他还有两笔贷款逾期。",
        lambda words: words.replace("您没有还款义务", "您也要负责"),
        lambda _: "您好，他欠款1,023.50元，您答应替他还的。",
    ],
    ids=["pressure", "another sum", "other debts", "another duty", "words of one's own"],
)
def test_any_other_word_is_stopped_as_before(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime, change: Callable[[str], str]
) -> None:
    offer()
    assert tell(desk, judge, now, change(told)).decision == "block"


@pytest.mark.parametrize("where", [{"contact_point": "U1"}, {"channel": "call"}], ids=["who?", "a call"])
def test_it_holds_for_this_person_and_in_writing(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime, where: dict[str, Any]
) -> None:
    offer()
    assert tell(desk, judge, now, told, **where).decision == "block"


@pytest.mark.parametrize("sum_", ["1,023.50", "77.00"], ids=["the sum of that account", "its own sum"])
def test_it_holds_for_no_other_debt(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime, sum_: str
) -> None:
    offer()
    with desk.write() as session:
        due = session.get_one(Account, 1).due_date
        session.add(
            Account(id=99, creditor_id=1, debtor_id=1, product="car_loan", account_no="A99", principal=77, due_date=due)
        )
    assert tell(desk, judge, now, told.replace("1,023.50", sum_), account="A99").decision == "block"


def test_a_neutral_word_to_them_is_judged_as_before(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime
) -> None:
    neutral = "您好，麻烦您转告他方便时回个电话，谢谢。"
    before = tell(desk, judge, now, neutral, "1")
    offer()
    after = tell(desk, judge, now, neutral, "2")
    assert (before.decision, after.decision) == ("block", "block")
    assert {one.rule for one in before.findings} == {one.rule for one in after.findings}


def again(db: Database, judge: Judge, id: str, now: datetime) -> Decision:
    with db.write() as session:
        outreach = row(db, id)
        return judge_again(session, judge, session.get_one(Debtor, 1), outreach, now, decided=True).decision


def test_what_was_withdrawn_meanwhile_does_not_leave(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime
) -> None:
    ref = offer()
    tell(desk, judge, now, told)
    assert again(desk, judge, "1", now) is Decision.ALLOW
    withdraw(desk, ref, now)
    assert again(desk, judge, "1", now) is Decision.BLOCK


@pytest.mark.parametrize(
    "change",
    [
        lambda now: update(ContactPoint).where(ContactPoint.ref == "C1").values(refused_at=now),
        lambda _: update(Account).where(Account.id == 1).values(interest=Decimal("0.00")),
        lambda _: update(Account).where(Account.id == 1).values(plan_in_force=True),
    ],
    ids=["they refused contact", "another sum is owed", "a plan is kept"],
)
def test_what_changed_meanwhile_stops_it(
    desk: Database, judge: Judge, told: str, offer: Offer, now: datetime, change: Callable[[datetime], Any]
) -> None:
    offer()
    tell(desk, judge, now, told)
    with desk.write() as session:
        session.execute(change(now))
    assert again(desk, judge, "1", now) is Decision.BLOCK


# The record


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"words": "  "}, "words"),
        ({"recording": None}, "recording"),
        ({"point": "M1"}, "point"),
        ({"point": "C2"}, "point"),
        ({"account": 2}, "point"),
        ({"at": datetime.fromisoformat("2030-01-01T00:00:00+08:00")}, "at"),
        ({"recording": None, "source": "outreach:none"}, "source"),
    ],
)
def test_what_is_no_offer_is_not_recorded(offer: Offer, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        offer(**wrong)
    assert refused.value.field == field


def test_it_is_recorded_once_and_again_after_it_was_withdrawn(desk: Database, offer: Offer, now: datetime) -> None:
    ref = offer()
    with pytest.raises(InvalidInput, match="已经登记"):
        offer()
    withdraw(desk, ref, now)
    with pytest.raises(InvalidInput, match="已经撤回"):
        withdraw(desk, ref, now)
    assert offer() != ref


def test_who_refused_contact_offers_nothing(desk: Database, offer: Offer, now: datetime) -> None:
    with desk.write() as session:
        session.execute(update(ContactPoint).where(ContactPoint.ref == "C1").values(refused_at=now))
    with pytest.raises(InvalidInput, match="明确拒绝"):
        offer()


def test_the_ledger_holds_the_act_and_not_the_words(desk: Database, offer: Offer, now: datetime) -> None:
    withdraw(desk, offer(), now)
    with desk.read() as session:
        entries = [one for one in ledger.entries(session, limit=100) if one.kind.startswith("offer:")]
    assert [one.kind for one in entries] == ["offer:recorded", "offer:withdrawn"]
    assert "姐姐" not in entries[0].body
