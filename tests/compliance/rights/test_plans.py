"""Plans: proposed with all they must say, agreed by somebody else, kept or broken; what the gate asks follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from compliance import ledger, rights
from compliance.casebook import load_facts
from compliance.casebook.models import Account, ContactPoint
from compliance.database import Database
from compliance.judge.contact.planning import PlanTerms
from compliance.judge.facts import ContactFacts
from compliance.judge.types import InvalidInput
from compliance.rights.models import PlanAgreement, RightsRequest

Propose = Callable[..., str]
SIGNED = "双方签字的协议，扫描件 PL-7"


@pytest.fixture
def terms(desk: Database, now: datetime) -> PlanTerms:
    """A plan for the first account, a credit card, over two years."""
    with desk.write() as session:
        account = session.get_one(Account, 1)
        account.product = "credit_card"
        sums = (account.principal, account.interest, account.fees)
    return PlanTerms(
        "individual", *sums, currency="CNY", instalments=24, cycle_months=1, first_due=date(2026, 12, 15),
        amount=Decimal("10.00"), method="绑定账户自动扣款", charged=False, no_new_card=True,
        duties="按期足额还款；逾期两期的，协议终止。", other="无",
    )  # fmt: skip


@pytest.fixture
def propose(desk: Database, terms: PlanTerms, now: datetime) -> Propose:
    """``propose(instalments=12)``: Ming offers it for the first account; its reference."""

    def add(actor: str = "ming", request: str | None = None, **changed: Any) -> str:
        with desk.write() as session:
            told = replace(terms, **changed)
            return rights.propose_plan(session, account_id=1, terms=told, actor=actor, now=now, request_ref=request).ref

    return add


def agree(db: Database, ref: str, now: datetime, actor: str = "chen", **fields: Any) -> None:
    with db.write() as session:
        rights.agree_plan(session, ref=ref, evidence=SIGNED, actor=actor, now=now, **fields)


def move(db: Database, ref: str, to: str, now: datetime, actor: str = "chen") -> None:
    with db.write() as session:
        rights.move_plan(session, ref=ref, to=to, reason="第1期流水", actor=actor, now=now)


def stored(db: Database, ref: str) -> PlanAgreement:
    with db.read() as session:
        return session.scalars(select(PlanAgreement).where(PlanAgreement.ref == ref)).one()


def facts(db: Database, now: datetime, account: int | None = 1) -> ContactFacts:
    with db.read() as session:
        point = session.scalars(select(ContactPoint.id).where(ContactPoint.debtor_id == 1)).first()
        assert point is not None
        return load_facts(session, 1, point, account, now)


def ask(db: Database, now: datetime, **fields: Any) -> str:
    asked: dict[str, Any] = {"type": "plan", "debtor_id": 1, "account_id": 1} | fields
    with db.write() as session:
        return rights.receive_request(
            session, channel="call", evidence="想分期", actor="ming", at=now, now=now, **asked
        ).ref


def test_a_proposal_changes_nothing_for_the_gate(desk: Database, propose: Propose, now: datetime) -> None:
    assert stored(desk, propose()).state == "proposed"
    assert facts(desk, now).plan_in_force is False


def test_an_agreement_stops_contact_and_answers_the_request(desk: Database, propose: Propose, now: datetime) -> None:
    request = ask(desk, now)
    ref = propose(request=request)
    agree(desk, ref, now, recording="R-9")
    with desk.read() as session:
        closed = session.scalars(select(RightsRequest).where(RightsRequest.ref == request)).one()
    assert (closed.outcome, closed.closed_by) == ("granted", "chen")
    assert (stored(desk, ref).recording, facts(desk, now).plan_in_force) == ("R-9", True)
    assert facts(desk, now).plan_breached is False


@pytest.mark.parametrize(
    ("steps", "state", "in_force", "breached", "settled"),
    [
        (["kept"], "kept", True, False, False),
        (["broken"], "broken", True, True, False),
        (["broken", "kept"], "kept", True, False, False),
        (["kept", "kept", "settled"], "settled", False, False, True),
        (["ended"], "ended", False, False, False),
    ],
)
def test_what_the_gate_asks_follows_the_state(
    desk: Database, propose: Propose, now: datetime, steps: list[str], state: str, in_force: bool, breached: bool,
    settled: bool,
) -> None:  # fmt: skip
    ref, later = propose(), now + timedelta(days=60)
    agree(desk, ref, now)
    for step in steps:
        move(desk, ref, step, later)
    told = facts(desk, later)
    assert stored(desk, ref).state == state
    assert (told.plan_in_force, told.plan_breached, told.settled) == (in_force, breached, settled)


def test_where_one_plan_is_kept_and_another_broken_the_one_that_is_kept_counts(
    desk: Database, propose: Propose, now: datetime
) -> None:
    agree(desk, propose(), now)
    with desk.write() as session:
        one = session.get_one(Account, 1)
        session.add(
            Account(
                id=99, creditor_id=one.creditor_id, debtor_id=1, product="car_loan", account_no="X-2",
                principal=Decimal(1), due_date=one.due_date, plan_in_force=True, plan_breached=True,
            )
        )  # fmt: skip
    told = facts(desk, now, account=None)
    assert (told.plan_in_force, told.plan_breached) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"duties": None}, "duties", "没有写明"),
        ({"instalments": 61}, "instalments", "最长 60 个月"),
        ({"principal": Decimal("1.00")}, "principal", "与账户登记的不一致"),
        ({"currency": "USD"}, "currency", "人民币"),
        ({"amount": Decimal("99999.00")}, "amount", "不应超过欠款"),
        ({"amount": Decimal("0.001")}, "amount", "两位小数"),
        ({"amount": Decimal("NaN")}, "amount", "两位小数"),
        ({"first_due": date(2026, 11, 17)}, "first_due", "不能早于今天"),
        ({"instalments": 0}, "instalments", "1 至 600"),
        ({"duties": "\0"}, "duties", "无法保存"),
        ({"kind": "other"}, "kind", "只用于信用卡"),
        ({"kind": "gift"}, "kind", "未知"),
    ],
)
def test_what_cannot_be_a_plan_is_refused_at_its_field(
    desk: Database, propose: Propose, wrong: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        propose(**wrong)
    assert refused.value.field == field
    with desk.read() as session:
        assert session.scalar(select(PlanAgreement)) is None


def test_a_plan_of_another_product_needs_no_promise_about_cards(desk: Database, propose: Propose) -> None:
    with desk.write() as session:
        session.execute(update(Account).where(Account.id == 1).values(product="car_loan"))
    assert stored(desk, propose(kind="other", no_new_card=None)).no_new_card is False


def test_instalments_may_take_more_where_interest_runs(desk: Database, propose: Propose) -> None:
    ref = propose(amount=Decimal("99999.00"), charged=True, charges="年利率 12%")
    assert stored(desk, ref).charges == "年利率 12%"


@pytest.mark.parametrize(
    "asked", [{"type": "dispute"}, {"debtor_id": 2, "account_id": 2}, {"account_id": 2, "debtor_id": 2}]
)
def test_it_answers_only_a_request_for_a_plan_of_this_account(
    desk: Database, propose: Propose, now: datetime, asked: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        propose(request=ask(desk, now, **asked))


def test_it_answers_only_an_open_request(desk: Database, propose: Propose, now: datetime) -> None:
    request = ask(desk, now)
    with desk.write() as session:
        rights.close_request(session, ref=request, answer="暂不能分期。", actor="chen", now=now, outcome="refused")
    with pytest.raises(InvalidInput, match="已经关闭"):
        propose(request=request)


def test_who_proposed_it_does_not_agree_to_it(desk: Database, propose: Propose, now: datetime) -> None:
    ref = propose(actor="chen")
    with pytest.raises(InvalidInput, match="由他人登记"):
        agree(desk, ref, now)
    assert facts(desk, now).plan_in_force is False


def test_who_proposed_it_may_take_it_back(desk: Database, propose: Propose, now: datetime) -> None:
    ref = propose()
    move(desk, ref, "ended", now, actor="ming")
    assert stored(desk, ref).state == "ended"


def test_a_proposal_that_is_taken_back_leaves_the_plan_in_force(
    desk: Database, propose: Propose, now: datetime
) -> None:
    first, second = propose(), propose()
    agree(desk, first, now)
    move(desk, second, "ended", now)
    assert facts(desk, now).plan_in_force


def test_who_recorded_the_request_cannot_grant_it_by_an_agreement(
    desk: Database, propose: Propose, now: datetime
) -> None:
    ref = propose(request=ask(desk, now), actor="li")
    with pytest.raises(InvalidInput, match="由他人答复"):
        agree(desk, ref, now, actor="ming")
    assert (stored(desk, ref).state, facts(desk, now).plan_in_force) == ("proposed", False)


def test_an_account_has_one_plan_in_force(desk: Database, propose: Propose, now: datetime) -> None:
    first, second = propose(), propose()
    agree(desk, first, now)
    with pytest.raises(InvalidInput, match="已有一份生效"):
        agree(desk, second, now)
    move(desk, first, "ended", now)
    agree(desk, second, now)
    assert stored(desk, second).state == "agreed"


def test_it_is_agreed_only_while_the_account_stands_as_it_says(desk: Database, propose: Propose, now: datetime) -> None:
    ref = propose()
    with desk.write() as session:
        session.execute(update(Account).where(Account.id == 1).values(interest=Decimal("999.99")))
    with pytest.raises(InvalidInput, match=r"须重新拟定.*利息"):
        agree(desk, ref, now)


def test_it_is_agreed_only_before_its_first_day(desk: Database, propose: Propose, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="须重新拟定"):
        agree(desk, propose(), now + timedelta(days=60))


def test_nothing_is_broken_before_an_instalment_can_be_missed(desk: Database, propose: Propose, now: datetime) -> None:
    ref = propose()
    agree(desk, ref, now)
    with pytest.raises(InvalidInput, match="首期还款日还没有过"):
        move(desk, ref, "broken", datetime.fromisoformat("2026-12-15T23:59:00+08:00"))
    move(desk, ref, "broken", datetime.fromisoformat("2026-12-16T00:00:00+08:00"))
    assert stored(desk, ref).state == "broken"


@pytest.mark.parametrize(("first", "then"), [("ended", "kept"), ("settled", "broken"), ("kept", "agreed")])
def test_what_is_over_is_over(desk: Database, propose: Propose, now: datetime, first: str, then: str) -> None:
    ref, later = propose(), now + timedelta(days=60)
    agree(desk, ref, now)
    move(desk, ref, first, later)
    with pytest.raises(InvalidInput):
        move(desk, ref, then, later)


def test_a_settled_account_needs_no_plan(desk: Database, propose: Propose, now: datetime) -> None:
    with desk.write() as session:
        session.execute(update(Account).where(Account.id == 1).values(settled_at=now))
    with pytest.raises(InvalidInput, match="已结清"):
        propose()


def test_every_act_is_entered_without_its_words(desk: Database, propose: Propose, now: datetime) -> None:
    ref = propose()
    agree(desk, ref, now)
    move(desk, ref, "kept", now)
    with desk.read() as session:
        entries = [one for one in ledger.entries(session, limit=100) if one.subject == f"plan:{ref}"]
    assert [one.kind for one in entries] == ["plan:proposed", "plan:agreed", "plan:kept"]
    assert not any(word in one.body for one in entries for word in ("逾期两期", "签字", "流水", "自动扣款"))


def test_nobody_else_writes_what_the_gate_asks_about_plans() -> None:
    root = Path(__file__).parents[3]
    writes = re.compile(r"\.plan_(?:in_force|breached)(?:, [\w.]+)* = |values\([^)]*plan_(?:in_force|breached)")
    found = {
        path.relative_to(root).as_posix()
        for room in ("compliance", "scripts_library", "assistant", "web")
        for path in (root / room).rglob("*.py")
        if writes.search(path.read_text("utf-8"))
    }
    assert found == {"compliance/rights/plans.py"}


def test_its_words_are_sealed_in_the_database(desk: Database, propose: Propose, now: datetime) -> None:
    agree(desk, propose(), now)
    with desk.read() as session:
        row = session.execute(text("SELECT method, duties, other, evidence FROM plan_agreements")).one()
    assert not any(word in str(row) for word in ("自动扣款", "逾期两期", "签字"))
