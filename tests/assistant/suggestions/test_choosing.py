"""From the library to the page: what is left out for what the account is, for a gap in the words, or by the judge."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.calls.desk import Desk, build_desk
from assistant.calls.state import fold
from assistant.suggestions import Suggestion
from assistant.suggestions.choosing import is_spared, moment_of, offer
from assistant.suggestions.figures import library_of, row_case
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.judge import load_judge
from scripts_library.seeding import SeedScript
from scripts_library.wording import ScriptHead, Wording
from tests.assistant.calls.test_state import turn

CALLS = Path(__file__).parents[3] / "compliance" / "corpus" / "conversations-dev-zh.jsonl"
CONFIRMED = (
    turn(1, "collector", "您好，我是东禾银行的客户经理，工号3107，这通电话会录音。请问是程知远先生本人吗？"),
    turn(2, "debtor", "我是。我现在还不了，能不能分几期"),
)
ASKS = "可以申请分期。截至今日一共{amount}元，明细我请银行发给您核对。"
LISTENS = "我先给您登记分期的申请，结果会书面告诉您。"


@cache
def desk() -> Desk:
    return build_desk(Database("sqlite://"), load_judge("cn"), PermitKeys.from_secret("k" * 40))


def script(say: str, key: str = "any.test.plan") -> SeedScript:
    return SeedScript(ScriptHead(key, "any", "协商分期", "试", intent="request_plan"), Wording(say), ())


def offered(*says: str, vulnerable: str = "", **account: Any) -> list[str]:
    """What stands on the page after ``CONFIRMED`` where the account, or the debtor, is as told."""
    case, now = row_case(json.loads(CALLS.read_text(encoding="utf-8").splitlines()[2]))
    assert case.account is not None
    case.account.due_date = now.date() - timedelta(days=60)
    case.debtor.vulnerable = vulnerable
    for name, value in account.items():
        setattr(case.account, name, value)
    state = fold(CONFIRMED, case.facts, {}, desk().talk)
    scripts = tuple(script(say, f"any.test.{number}") for number, say in enumerate(says))
    moment = moment_of(state, is_spared(case, state), frozenset())
    found: tuple[Suggestion, ...] = offer(library_of(scripts), desk(), case, state, moment, now)
    return [one.text for one in found]


def test_words_about_money_are_offered_where_nothing_forbids_them() -> None:
    assert len(offered(ASKS, LISTENS)) == 2


@pytest.mark.parametrize(
    "spared", [{"plan_in_force": True}, {"vulnerable": "illness"}], ids=["a plan is kept", "somebody vulnerable"]
)
def test_who_must_be_spared_is_offered_neutral_words_alone(spared: dict[str, Any]) -> None:
    assert offered(ASKS, LISTENS, **spared) == [LISTENS]


def test_a_plan_that_was_broken_spares_nobody() -> None:
    assert len(offered(ASKS, LISTENS, plan_in_force=True, plan_breached=True)) == 2


def test_words_with_a_gap_are_not_offered() -> None:
    assert offered("受{agency}委托，我给您登记分期的申请。", LISTENS) == [LISTENS]
    assert len(offered("受{agency}委托，我给您登记分期的申请。", LISTENS, agency="衡屿商务服务公司")) == 2


def test_what_the_judge_would_stop_or_hold_is_not_offered() -> None:
    assert offered("可以分期，不还就去你单位找你领导。", LISTENS) == [LISTENS]


def test_what_the_judge_stops_only_once_it_is_filled_is_not_offered() -> None:
    named = "受{agency}委托，我给您登记分期的申请。"
    assert offered(named, LISTENS, agency="市公安局刑侦大队") == [LISTENS]


def test_an_agency_is_not_offered_words_that_pass_it_off_as_the_bank() -> None:
    as_the_bank = "我是东禾银行的客户经理，分期的申请我给您登记。"
    assert len(offered(as_the_bank, LISTENS)) == 2
    assert offered(as_the_bank, LISTENS, agency="衡屿商务服务公司") == [LISTENS]
