"""Training and measuring, on a corpus small enough to train in a test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from compliance.judge.crossval import calibrate, fold_of, judge_all, measure, out_of_fold, swap_stability
from compliance.judge.reader import Reader, load_model, save_model
from compliance.judge.swaps import MEASURING, TRAINING, Swap
from compliance.judge.training import Case, dress, fit, fold_for_reading, labels_of, read_cases, train
from compliance.judge.types import CATEGORIES, Decision, Message

LAWFUL = ("请按时还款", "账单已出", "可以申请分期", "感谢来电", "异议请致电客服")
WRONG = ("去你家泼油漆", "带人堵你的门", "让你全家难看", "打断你的腿", "等着收尸")


def row(number: int, suffix: str, text: str, decision: str, categories: list[str]) -> dict[str, object]:
    return {
        "id": f"zh-x-{number:04}{suffix}", "lang": "zh-Hans", "channel": "im", "audience": "debtor", "text": text,
        "decision": decision, "categories": categories, "hard": None, "source": "authored",
    }  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = []
    for number in range(30):
        rows.append(row(number, "a", f"第{number}期{LAWFUL[number % 5]}，谢谢", "allow", []))
        named = list(CATEGORIES) if number < 10 else ["threat"]
        decision = "review" if number % 6 == 0 else "block"
        rows.append(row(number, "b", f"第{number}期{WRONG[number % 5]}，快点", decision, named))
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in rows)
    (tmp_path / "outreach-train-zh-tiny.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cases(corpus: Path) -> list[Case]:
    return read_cases(corpus)


def test_a_pair_shares_its_group_and_its_fold(cases: list[Case]) -> None:
    assert cases[0].group == cases[1].group == "zh-x-0000"
    assert fold_of(cases[0], 5) == fold_of(cases[1], 5)


def test_no_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_cases(tmp_path)


def test_every_case_is_trained_on_as_it_is_and_dressed(cases: list[Case]) -> None:
    dressed = dress(cases)
    assert sorted(dressed.owners[dressed.weights == 1.0]) == list(range(len(cases)))
    assert len(dressed.plains) > len(cases)


def test_the_same_cases_give_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    train(corpus, first)
    train(corpus, second)
    assert first.read_bytes() == second.read_bytes()


def test_what_is_trained_can_be_read_back(corpus: Path, tmp_path: Path) -> None:
    report = train(corpus, tmp_path / "reader.npz")
    reader = Reader.load(tmp_path / "reader.npz")
    assert reader.version in report[0]
    assert reader.score(Message("带人堵你的门", "im"), "带人堵你的门").p_block > 0.5


def test_storing_in_a_byte_a_weight_changes_little(cases: list[Case], tmp_path: Path) -> None:
    model = fit(cases)
    save_model(tmp_path / "reader.npz", model)
    stored = load_model(tmp_path / "reader.npz")
    before, after = model.raw_scores("去你家泼油漆", 0), stored.raw_scores("去你家泼油漆", 0)
    assert np.abs(before - after).max() < 0.05


def test_a_case_is_scored_by_a_model_that_has_not_seen_it(cases: list[Case]) -> None:
    scores = out_of_fold(cases, folds=3)
    own = fit(cases).raw_scores(cases[1].message.text, 0)
    assert not np.isnan(scores).any()
    assert scores[1, 1] != pytest.approx(float(own[1]))


def test_calibrated_chances_follow_the_share_that_is_right() -> None:
    scores = np.repeat([[-1.0], [1.0]], 100, axis=0)
    labels = np.array([[number % 10 == 0] for number in range(100)] + [[number % 10 != 0] for number in range(100)])
    slopes, offsets = calibrate(scores, labels)
    assert 1 / (1 + np.exp(-(slopes[0] + offsets[0]))) == pytest.approx(0.9, abs=0.01)


def test_the_figures_count_what_they_say(cases: list[Case]) -> None:
    model = fit(cases)
    perfect = np.where(labels_of(cases), 9.0, -9.0)
    figures = measure(judge_all(model, cases, perfect))
    assert (figures.recall, figures.precision, figures.three_way) == (1.0, 1.0, 1.0)


def test_stability_names_every_swap(cases: list[Case]) -> None:
    assert set(swap_stability(fit(cases), cases)) == set(MEASURING)


@pytest.mark.parametrize("swap", [*TRAINING.values(), *MEASURING.values()])
def test_a_swap_keeps_what_is_said(swap: Swap) -> None:
    assert "泼油漆" in fold_for_reading(swap("今天不还就去泼油漆").replace(" ", ""))


def test_an_empty_text_can_be_dressed() -> None:
    case = Case("x-1", "x-1", "tiny", Message("无", "im"), Decision.ALLOW, frozenset(), None)
    assert all(plain for plain in dress([case]).plains)
