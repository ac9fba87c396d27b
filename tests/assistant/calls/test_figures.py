"""Figures on whole calls: turns, outcome, reason, promise."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.calls.figures import evaluate_outcomes
from assistant.calls.promising import Promised
from compliance.judge.proof import load_pack
from compliance.judge.talk import load_talk
from compliance.judge.types import InvalidInput

CALLS = Path(__file__).parents[3] / "compliance" / "corpus" / "conversations-dev-zh.jsonl"
TALK = load_talk(load_pack("cn"))


def first() -> dict[str, object]:
    row = json.loads(CALLS.read_text(encoding="utf-8").splitlines()[0])
    assert isinstance(row, dict)
    return row


def test_a_plain_call_is_filed_as_labelled() -> None:
    figures = evaluate_outcomes([first()], TALK)
    (call,) = figures.calls
    assert (call.draft.outcome, call.draft.reason) == ("promise", "forgot")
    assert call.promise == Promised(date(2026, 11, 10), Decimal("3344.13"))


def test_the_day_of_the_call_is_what_relative_days_count_from() -> None:
    (call,) = evaluate_outcomes([first()], TALK).calls
    assert call.promised is not None
    assert call.promised.due == date(2026, 11, 10)


def test_what_is_filed_otherwise_is_named() -> None:
    figures = evaluate_outcomes([{**first(), "outcome": "refused"}], TALK)
    assert figures.to_dict()["outcome"] == 0
    assert "zh-cd-001: outcome refused → promise" in figures.as_table()


def test_a_call_that_cannot_be_read_is_named() -> None:
    with pytest.raises(InvalidInput, match="zh-cd-001"):
        evaluate_outcomes([{**first(), "account": {}}], TALK)


def test_nothing_to_evaluate_is_said() -> None:
    with pytest.raises(InvalidInput):
        evaluate_outcomes([], TALK)
