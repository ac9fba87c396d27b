"""What a plan must say and how long it may last: the pack's six contents and its months, field by field."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.judge.contact import Policy, load_policy
from compliance.judge.contact.planning import CONTENTS, PLAN_SPECS, PlanTerms, add_months, judge_plan
from compliance.judge.packs import PACKS, PackError

DAY = date(2026, 11, 18)
TERMS = PlanTerms(
    kind="individual", principal=Decimal("8000.00"), interest=Decimal("320.50"), fees=Decimal("60.00"), currency="CNY",
    instalments=24, cycle_months=1, first_due=date(2026, 12, 15), amount=Decimal("349.18"), method="绑定账户自动扣款",
    charged=False, no_new_card=True, duties="按期足额还款；逾期两期的，协议终止。", other="无",
)  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(PACKS / "cn")


def fields(terms: PlanTerms, policy: Policy, day: date = DAY) -> list[str]:
    return [fault.field for fault in judge_plan(terms, day, policy)]


def test_a_plan_that_says_everything_is_one(policy: Policy) -> None:
    assert judge_plan(TERMS, DAY, policy) == ()


@pytest.mark.parametrize("field", [name for names in CONTENTS.values() for name in names])
def test_what_is_missing_is_told_at_its_field_with_the_article(policy: Policy, field: str) -> None:
    (fault,) = judge_plan(replace(TERMS, **{field: None}), DAY, policy)
    assert fault.field == field
    assert "没有写明" in fault.why
    assert "《信用卡办法2011》第70条" in fault.why


@pytest.mark.parametrize(
    ("told", "field"),
    [({"duties": "  "}, "duties"), ({"no_new_card": False}, "no_new_card"), ({"charged": True}, "charges")],
    ids=["blanks", "no promise", "what runs is not said"],
)
def test_what_says_nothing_is_missing(policy: Policy, told: dict[str, Any], field: str) -> None:
    assert fields(replace(TERMS, **told), policy) == [field]


def test_who_says_nothing_is_told_everything(policy: Policy) -> None:
    assert len(fields(PlanTerms("individual"), policy)) == sum(map(len, CONTENTS.values()))


@pytest.mark.parametrize(
    ("instalments", "cycle", "first", "fits"),
    [
        (60, 1, date(2026, 12, 18), True),
        (60, 1, date(2026, 12, 19), False),
        (61, 1, DAY, False),
        (20, 3, date(2026, 12, 1), True),
        (21, 3, date(2026, 12, 1), False),
    ],
    ids=["five years to the day", "a day more", "sixty-one", "twenty quarters", "twenty-one quarters"],
)
def test_the_longest_term(policy: Policy, instalments: int, cycle: int, first: date, fits: bool) -> None:
    terms = replace(TERMS, instalments=instalments, cycle_months=cycle, first_due=first)
    assert fields(terms, policy) == ([] if fits else ["instalments"])


def test_a_term_that_is_too_long_cites_where_that_stands(policy: Policy) -> None:
    card = replace(TERMS, instalments=61)
    (own,), (product,) = (judge_plan(replace(card, kind=kind), DAY, policy) for kind in ("individual", "instalment"))
    assert (own.cites[0].rule, product.cites[0].rule) == ("CN-PLAN-01", "CN-PLAN-09")
    assert "最长 60 个月" in own.why
    assert "《卡通知2022》—(转述)" in product.why


@pytest.mark.parametrize("field", ["duties", "instalments"])
def test_of_another_product_the_house_asks_and_says_so(policy: Policy, field: str) -> None:
    wrong: dict[str, Any] = {"duties": None} if field == "duties" else {"instalments": 61}
    (fault,) = judge_plan(replace(TERMS, kind="other", **wrong), DAY, policy)
    assert fault.why.startswith(policy.house_prefix)


def test_of_another_product_no_promise_about_cards_is_asked(policy: Policy) -> None:
    assert fields(replace(TERMS, kind="other", no_new_card=None), policy) == []


def test_before_the_rule_nothing_can_be_said(policy: Policy) -> None:
    assert fields(TERMS, policy, date(2011, 1, 12)) == ["kind", "kind"]


def test_a_number_out_of_all_reason_is_only_too_long(policy: Policy) -> None:
    assert fields(replace(TERMS, instalments=10**9, cycle_months=600), policy) == ["instalments"]


def test_every_rule_about_plans_is_in_the_pack(policy: Policy) -> None:
    assert policy.plan.keys() == PLAN_SPECS.keys()


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [(date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2026, 12, 15), 13, date(2028, 1, 15))],
)
def test_months_keep_to_the_calendar(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_a_pack_of_before_the_rules_about_plans_is_still_read_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "cn"
    shutil.copytree(PACKS / "cn", folder)
    contact = folder / "contact.toml"
    contact.write_text(contact.read_text("utf-8").split("[plan.individual_content]")[0], "utf-8")
    assert load_policy(folder, kept=True).plan == {}
    with pytest.raises(PackError, match=r"plan\.other_term: is missing"):
        load_policy(folder)
