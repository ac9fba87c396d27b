"""Suggestions held against what labelled moments ask for."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.calls.desk import Desk, build_desk
from assistant.suggestions.figures import NextFigures, evaluate_next, row_case
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.judge import InvalidInput, load_judge
from scripts_library.seeding import load_seeds

CALLS = Path(__file__).parents[3] / "compliance" / "corpus" / "conversations-dev-zh.jsonl"


@cache
def desk() -> Desk:
    return build_desk(Database("sqlite://"), load_judge("cn"), PermitKeys.from_secret("k" * 40))


def shown(should: str, must_not: str, after: int = 6) -> NextFigures:
    """After the sixth turn of a call in which the debtor tells of lost work."""
    row: dict[str, Any] = json.loads(CALLS.read_text(encoding="utf-8").splitlines()[2])
    row["good_next"] = [{"after_seq": after, "should": should, "must_not": must_not}]
    return evaluate_next([row], desk(), load_seeds())


def test_a_suggestion_of_the_scene_covers_its_topic() -> None:
    (moment,) = shown("问清收入", "不得要钱").moments
    assert (moment.topics, moment.bans) == ({"hardship": True}, {"asks for money": True})


def test_what_nothing_shown_speaks_of_is_not_covered() -> None:
    found = shown("给出心理援助热线", "不得回骂")
    assert found.moments[0].topics == {"self-harm": False}
    assert found.to_dict()["should_any_covered"] == 0
    assert "self-harm" in found.as_table()


def test_words_that_no_entry_knows_are_not_decided() -> None:
    found = shown("先听他说完", "不得回骂").to_dict()
    assert (found["should_decided"], found["must_not_decided"]) == (0, 0)
    assert found["should_any_covered"] is None and found["must_not_kept"] is None


def test_before_anybody_spoke_only_an_opening_is_shown() -> None:
    (moment,) = shown("请他转告", "不得说出欠款", after=0).moments
    assert {one.scene for one in moment.offered} == {"首次联系"}
    assert moment.bans == {"tells of the debt": True}


@pytest.mark.parametrize(
    ("label", "problem"), [({}, "'after_seq' is missing"), ({"after_seq": "?"}, "not of the kind that belongs there")]
)
def test_a_moment_that_cannot_be_read_is_named_by_its_call(label: dict[str, Any], problem: str) -> None:
    row: dict[str, Any] = json.loads(CALLS.read_text(encoding="utf-8").splitlines()[0])
    with pytest.raises(InvalidInput, match=f"zh-cd-001.*{problem}"):
        evaluate_next([{**row, "good_next": [label]}], desk(), load_seeds())


def test_the_rows_of_a_labelled_call_ask_for_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nothing is stored")

    monkeypatch.setattr("compliance.casebook.models.keys_in_use", refuse)
    case, _ = row_case(json.loads(CALLS.read_text(encoding="utf-8").splitlines()[2]))
    assert case.debtor.name
