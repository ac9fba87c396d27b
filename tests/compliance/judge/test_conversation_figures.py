"""Figures over labelled calls: what they count, and that the shipped calls stay well heard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compliance.judge import Decision, InvalidInput, Judge
from compliance.judge.conversation_figures import ConversationEvaluation, JudgedCall, evaluate_conversations
from compliance.judge.packs import PACKS, read_pack

CALLS = PACKS.parent / "corpus" / "conversations-dev-zh.jsonl"
A, R, B = Decision.ALLOW, Decision.REVIEW, Decision.BLOCK


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CALLS.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def figures() -> ConversationEvaluation:
    pack = read_pack(PACKS / "cn")
    return evaluate_conversations(rows(), Judge(pack))


def test_items_said_are_heard(figures: ConversationEvaluation) -> None:
    score = figures.all_items(figures.says)
    assert (score.precision or 0) >= 0.95
    assert (score.recall or 0) >= 0.95


def test_missing_items_are_found(figures: ConversationEvaluation) -> None:
    assert figures.missing_exact >= 0.9


def test_no_call_wide_check_fires_in_a_clean_call() -> None:
    from compliance.judge.conversation import check_conversation
    from compliance.judge.hearing import Turn

    pack = read_pack(PACKS / "cn")
    judge = Judge(pack)
    for row in rows()[:16]:
        turns = [Turn(turn["seq"], turn["speaker"], turn["text"]) for turn in row["turns"]]
        called = [f.rule for f in check_conversation(turns, None, judge) if f.rule.startswith("cn.call.")]
        assert called == [], row["id"]


def test_figures_count_turns_and_calls() -> None:
    call = JudgedCall(
        id="x", items=("identity", "debt"),
        says={1: frozenset({"identity"}), 3: frozenset()}, heard={1: frozenset(), 3: frozenset({"debt"})},
        missing=frozenset({"debt"}), found_missing=frozenset({"debt"}), decisions={1: A, 3: B}, given={1: A, 3: R},
    )  # fmt: skip
    made = ConversationEvaluation((call,))
    assert (made.turn_accuracy, made.missing_exact) == (0.5, 1.0)
    assert (made.says("identity").missed, made.says("debt").false) == (1, 1)
    assert made.of_decision(B).recall == 0
    assert made.to_dict()["missing_micro"]["f1"] == 1
    assert "collector turns right 0.500" in made.as_table()


def test_a_call_that_cannot_be_read_is_named() -> None:
    row = rows()[0]
    del row["turns"][0]["seq"]
    judge = Judge(read_pack(PACKS / "cn"))
    with pytest.raises(InvalidInput, match=r"zh-cd-001.*'seq' is missing"):
        evaluate_conversations([row], judge)
    with pytest.raises(InvalidInput, match=r"zh-cd-001.*an amount is no number"):
        evaluate_conversations([{**rows()[0], "account": {"principal": "twelve"}}], judge)
    with pytest.raises(InvalidInput, match="nothing"):
        evaluate_conversations([], judge)
