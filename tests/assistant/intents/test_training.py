"""Training: from few cases to a model, the same every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.intents import training
from assistant.intents.reader import INTENTS, load_model
from assistant.intents.training import Case, case_of, choose_risk, fit, read_cases, train
from compliance.judge.types import InvalidInput

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"


def few() -> list[Case]:
    """Ten cases an intent, of all files."""
    cases = read_cases(CORPUS)
    chosen = [[case for case in cases if case.intents[0] == name][:10] for name in INTENTS]
    return [case for part in chosen for case in part]


def no_phrases(text: str) -> frozenset[str]:
    return frozenset()


def test_the_same_cases_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "read_cases", lambda corpus: few())
    lines = [train(CORPUS, tmp_path / name) for name in ("one", "two")]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert lines[0][0].split(": ")[1] == lines[1][0].split(": ")[1]


def test_what_was_learned_is_known(tmp_path: Path) -> None:
    cases = few()
    model = fit(cases, no_phrases)
    right = [model.read(training.Utterance.of(case.text)).ranked()[0][0] == case.intents[0] for case in cases]
    assert np.mean(right) > 0.9


def test_the_shipped_model_was_trained_on_the_present_files() -> None:
    assert load_model().version == training.version_of(read_cases(CORPUS))


@pytest.mark.parametrize(
    "row",
    [
        *({"text": "好"}, {"text": "好", "intents": []}, {"text": "好", "intents": ["joy"]}, {"intents": ["refuse"]}),
        *({"text": "好", "intents": 5}, {"text": "好", "intents": [["refuse"]]}, {"text": "好", "intents": "refuse"}),
    ],
)
def test_a_row_without_a_known_label_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        case_of(row, "dev")


def test_risk_is_heard_from_the_lowest_chance_that_keeps_its_precision() -> None:
    chances = np.array([0.9, 0.45, 0.4, 0.3, 0.2, 0.1])
    there = np.array([True, True, True, True, False, False])
    assert choose_risk(chances, np.zeros(6, bool), there) == 0.3


def test_risk_is_never_heard_later_than_anything_else() -> None:
    assert choose_risk(np.array([0.9, 0.4]), np.zeros(2, bool), np.array([False, False])) == 0.5
