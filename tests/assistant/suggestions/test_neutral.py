"""What stands on the page for every stage: an opening, a question who it is, and neutral words where only these may be
said, to everybody, whatever is heard.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from assistant.calls.desk import Desk, build_desk
from assistant.calls.state import fold
from assistant.intents.reader import INTENTS
from assistant.suggestions import Moment, Suggestion
from assistant.suggestions.choosing import offer
from assistant.suggestions.figures import library_of, row_case
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.judge import load_judge
from compliance.judge.text import clean
from scripts_library.seeding import load_seeds

CALLS = Path(__file__).parents[3] / "compliance" / "corpus" / "conversations-dev-zh.jsonl"
DAYS = {"initial": 10, "middle": 60, "late": 120, "final": 400}
SEEDS = tuple(load_seeds())


@cache
def desk() -> Desk:
    return build_desk(Database("sqlite://"), load_judge("cn"), PermitKeys.from_secret("k" * 40))


def offered(
    moment: Moment, stage: str = "initial", relation: str = "self", agency: str | None = None
) -> tuple[Suggestion, ...]:
    case, now = row_case(json.loads(CALLS.read_text(encoding="utf-8").splitlines()[2]))
    assert case.account is not None
    case.account.due_date = now.date() - timedelta(days=DAYS[stage])
    case.point.relation = relation
    case.account.agency = agency
    state = fold([], case.facts, {}, desk().talk)
    return offer(library_of(SEEDS), desk(), case, state, moment, now)


@pytest.mark.parametrize("stage", DAYS)
@pytest.mark.parametrize("relation", ["self", "liable_third_party", "other_third_party"])
@pytest.mark.parametrize("begun", [False, True])
def test_there_is_something_neutral_to_say_in_every_stage(stage: str, relation: str, begun: bool) -> None:
    assert offered(Moment(neutral=True, begun=begun, heard=(("small_talk",),)), stage, relation)


@pytest.mark.parametrize("stage", DAYS)
@pytest.mark.parametrize("agency", [None, "衡屿商务服务公司"])
def test_a_call_of_any_stage_opens_with_who_rings_the_recording_and_the_right_person(
    stage: str, agency: str | None
) -> None:
    first = offered(Moment(), stage, agency=agency)[0]
    carried = {item.id for item in desk().talk.items if item.phrase.occurs(clean(first.text))}
    assert carried >= {"identity", "recording", "right_party"} and "debt" not in carried
    assert agency is None or agency in first.text


@pytest.mark.parametrize("stage", DAYS)
def test_who_has_not_said_who_they_are_is_asked_in_every_stage(stage: str) -> None:
    assert offered(Moment(begun=True, heard=(("small_talk",),)), stage)[0].scene == "核实本人"


@pytest.mark.parametrize("intent", sorted(set(INTENTS) - {"self_harm"}))
def test_while_a_complaint_is_open_every_answer_has_neutral_words(intent: str) -> None:
    found = offered(Moment(neutral=True, begun=True, confirmed=True, heard=((intent,),)))
    assert found
    assert not [one.title for one in found if desk().talk.signals["demands"].occurs(clean(one.text))]


def test_neutral_words_are_not_used_up() -> None:
    moment = Moment(neutral=True, begun=True, confirmed=True, heard=(("promise_to_pay",),))
    taken = frozenset(one.version_id for one in offered(moment))
    assert [one.scene for one in offered(replace(moment, taken=taken))] == ["等待处理", "等待处理"]


def test_nobody_is_told_to_wait_without_need() -> None:
    found = offered(Moment(begun=True, confirmed=True, heard=(("small_talk",),)))
    assert "等待处理" not in {one.scene for one in found}
