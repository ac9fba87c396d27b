"""Figures on labelled utterances."""

from __future__ import annotations

import pytest

from assistant.intents.figures import Heard as Compared
from assistant.intents.figures import IntentFigures, evaluate_utterances
from assistant.intents.training import Case
from compliance.judge.types import InvalidInput


def compared(labels: tuple[str, ...], meant: tuple[str, ...], ranked: tuple[str, ...]) -> Compared:
    return Compared(Case("1", "dev", "…", labels), meant, ranked)


FIGURES = IntentFigures(
    (
        compared(("refuse",), ("refuse",), ("refuse", "hostile", "dispute", "complain")),
        compared(("hardship", "refuse"), ("refuse",), ("refuse", "hostile", "hardship", "complain")),
        compared(("self_harm",), ("refuse",), ("refuse", "hostile", "dispute", "self_harm")),
        compared(("small_talk",), ("small_talk", "self_harm"), ("small_talk", "hostile", "dispute", "complain")),
    )
)


def test_first_and_within_three() -> None:
    assert (FIGURES.first, FIGURES.top, FIGURES.fitting) == (0.5, 0.75, 0.75)


def test_an_intent_is_counted_wherever_it_stands() -> None:
    risk = FIGURES.of_intent("self_harm")
    assert (risk.true, risk.false, risk.missed) == (0, 1, 1)


def test_confused_pairs_are_those_of_the_first() -> None:
    assert FIGURES.confused == {("hardship", "refuse"): 1, ("self_harm", "refuse"): 1}


def test_the_table_tells_what_the_dict_tells() -> None:
    assert FIGURES.to_dict()["top_three"] == 0.75
    assert "within three 0.750" in FIGURES.as_table()
    assert "self_harm → refuse" in FIGURES.as_table()


def test_rows_are_heard_by_the_shipped_reader() -> None:
    rows = [{"id": "1", "text": "你打错了", "intents": ["wrong_number"]}]
    assert evaluate_utterances(rows).first == 1


def test_nothing_to_evaluate_is_said() -> None:
    with pytest.raises(InvalidInput):
        evaluate_utterances([])
