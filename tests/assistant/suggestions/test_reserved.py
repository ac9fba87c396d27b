"""What a script is reserved for decides whether a collector on the line is offered it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from assistant.calls.desk import Desk, build_desk
from assistant.calls.state import fold
from assistant.suggestions import Moment
from assistant.suggestions.choosing import offer
from assistant.suggestions.figures import library_of, row_case
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.judge import load_judge
from scripts_library.seeding import SeedScript
from scripts_library.wording import ScriptHead, Wording

CALLS = Path(__file__).parents[3] / "compliance" / "corpus" / "conversations-dev-zh.jsonl"
HEARD = Moment(begun=True, confirmed=True, heard=(("ask_identity",),))
SCRIPT = SeedScript(
    ScriptHead("any.test.one", "any", "身份核验", "试", intent="ask_identity"),
    Wording("您可以自己拨打{callback}核实。"),
    (),
)


@cache
def desk() -> Desk:
    return build_desk(Database("sqlite://"), load_judge("cn"), PermitKeys.from_secret("k" * 40))


def is_offered(
    *only: str, agency: str | None = None, settled: bool = False, assigned: bool = False, relation: str = "self",
    audience: str = "debtor",
) -> bool:  # fmt: skip
    case, now = row_case(json.loads(CALLS.read_text(encoding="utf-8").splitlines()[2]))
    assert case.account is not None
    case.account.agency, case.account.settled_at = agency, now if settled else None
    case.account.assigned, case.point.relation = assigned, relation
    state = fold([], case.facts, {}, desk().talk)
    script = replace(SCRIPT, head=replace(SCRIPT.head, only=only, audience=audience))
    return bool(offer(library_of((script,)), desk(), case, state, HEARD, now))


def test_what_is_reserved_for_nobody_is_offered_to_everybody() -> None:
    assert is_offered() and is_offered(agency="衡屿商务服务公司")


def test_the_words_of_the_creditors_own_people_are_not_for_an_agency() -> None:
    assert is_offered("own_staff") and not is_offered("own_staff", agency="衡屿商务服务公司")


@pytest.mark.parametrize("only", ["machine", "supervisor", "looked_up"])
def test_a_collector_on_the_line_is_not_offered_the_words_of_others(only: str) -> None:
    assert not is_offered(only)


def test_words_for_a_settled_account_wait_until_it_is() -> None:
    assert not is_offered("settled") and is_offered("settled", settled=True)


def test_words_on_an_assignment_are_for_claims_that_were_assigned() -> None:
    assert not is_offered("assigned") and is_offered("assigned", assigned=True)


def test_words_for_the_number_of_a_contact_are_not_for_who_answers_the_debtors_own() -> None:
    assert not is_offered("others_number")
    assert is_offered("others_number", relation="other_third_party", audience="other_third_party")
