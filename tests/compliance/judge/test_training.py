"""Training and measuring, on a corpus small enough to train in a test."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compliance.judge.calibration import HEADS
from compliance.judge.crossval import (
    by_fold,
    by_source,
    cross_validate,
    fold_of,
    judge_part,
    measure,
    no_rules,
    raw_scores,
    swap_stability,
    unseen_scores,
)  # fmt: skip
from compliance.judge.reader import Reader, load_model, save_model
from compliance.judge.swaps import MEASURING, TRAINING, Swap
from compliance.judge.training import Case, dress, fit, fold, read_cases, signs_by_case, train
from compliance.judge.types import CATEGORIES, Decision, Finding, Message

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
    assert sorted(dressed.owners[dressed.is_own]) == list(range(len(cases)))
    assert len(dressed.plains) > len(cases)


def test_the_same_cases_give_the_same_bytes_and_can_be_read_back(corpus: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    report = train(corpus, first, no_rules)
    train(corpus, second, no_rules)
    reader = Reader.load(first)
    assert first.read_bytes() == second.read_bytes()
    assert reader.version in report[0]
    assert reader.score(Message("带人堵你的门", "im"), "带人堵你的门").p_block > 0.5


def test_storing_in_a_byte_a_weight_changes_little(cases: list[Case], tmp_path: Path) -> None:
    model = fit(cases)
    save_model(tmp_path / "reader.npz", model)
    stored = load_model(tmp_path / "reader.npz")
    before, after = model.raw_scores("去你家泼油漆", 0), stored.raw_scores("去你家泼油漆", 0)
    assert np.abs(before - after).max() < 0.05


def test_a_sign_of_the_rules_weighs_as_it_proved(cases: list[Case]) -> None:
    signs = {case.id: frozenset({"cn.x"}) for case in cases if case.decision is Decision.BLOCK}
    model = fit(cases, signs)
    without, with_sign, unknown = (model.raw_scores("账单已出", 0, sign) for sign in ((), ("cn.x",), ("cn.y",)))
    assert with_sign[HEADS.index("block")] > without[HEADS.index("block")]
    assert unknown.tolist() == without.tolist()


def test_a_case_that_rules_were_written_from_teaches_no_trust_in_them(cases: list[Case]) -> None:
    finding = Finding("cn.x", "threat", Decision.BLOCK, "为什么", ())
    known = replace(cases[0], source="train-zh-written")
    signs = signs_by_case([known, cases[1]], {known.id: (finding,), cases[1].id: (finding,)})
    assert signs == {cases[1].id: frozenset({"cn.x", "threat/block"})}


def test_weights_unpacked_in_the_cache_are_those_of_the_file(cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "reader.npz"
    save_model(file, fit(cases, {cases[1].id: frozenset({"cn.x"})}))
    packed, mapped = load_model(file), load_model(file)
    assert np.array_equal(packed.rows, mapped.rows)
    assert not mapped.rows.flags.owndata
    assert list(mapped.signs) == ["cn.x", "signed"]


@pytest.mark.parametrize("left", [0, 50, 5000])
def test_weights_that_a_crash_cut_short_in_the_cache_are_unpacked_again(
    cases: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "reader.npz"
    save_model(file, fit(cases))
    packed = load_model(file)
    for array in (tmp_path / "cache").glob("*.npy"):
        array.write_bytes(array.read_bytes()[:left])
    again = load_model(file)
    assert np.array_equal(packed.rows, again.rows)
    assert np.array_equal(packed.vocabulary.marks, again.vocabulary.marks)


def test_a_case_is_scored_by_a_model_that_has_not_seen_it(cases: list[Case]) -> None:
    scores = unseen_scores(cases, by_fold(cases, 3))
    own = fit(cases).raw_scores(cases[1].message.text, 0)
    assert not np.isnan(scores.alone).any()
    assert scores.alone[1, 1] != pytest.approx(float(own[1]))


def test_every_case_is_in_one_fold(cases: list[Case]) -> None:
    assert np.sum(by_fold(cases, 3), axis=0).tolist() == [1] * len(cases)


def test_a_source_is_a_file_and_all_training_files_are_one_more(cases: list[Case]) -> None:
    parts = by_source([*cases, replace(cases[0], source="dev-zh")])
    assert {name: int(part.sum()) for name, part in parts.items()} == {
        "dev-zh": 1, "train-zh-tiny": 60, "all but dev": 60,
    }  # fmt: skip


def test_cross_validation_judges_every_case_once(cases: list[Case]) -> None:
    judged = cross_validate(cases, unseen_scores(cases, by_fold(cases, 3)).alone, 3)
    assert sorted(case.id for case in judged.cases) == sorted(case.id for case in cases)
    assert measure(judged).recall > 0.5


def test_what_is_left_out_is_judged_by_the_others(cases: list[Case]) -> None:
    part = np.array([number >= 40 for number in range(len(cases))])
    scores, own = unseen_scores(cases, by_fold(cases, 3)), unseen_scores(cases, [part])
    judged = judge_part(cases, scores.alone, own.alone, part)
    assert [case.id for case in judged.cases] == [case.id for case in cases[40:]]


def test_stability_names_every_swap(cases: list[Case]) -> None:
    assert set(swap_stability(fit(cases), cases)) == set(MEASURING)


@pytest.mark.parametrize("swap", [*TRAINING.values(), *MEASURING.values()])
def test_a_swap_keeps_what_is_said(swap: Swap) -> None:
    assert "泼油漆" in fold(swap("今天不还就去泼油漆").replace(" ", ""))


ANONYMOUS = Case("x-2", "x-2", "tiny", Message("您的欠款已逾期，请今天处理", "sms"), Decision.REVIEW,
                 frozenset({"missing_disclosure"}), None)  # fmt: skip
REMINDER = Case("x-3", "x-3", "tiny", Message("【青禾银行】您的欠款已逾期，请今天处理", "sms"), Decision.ALLOW,
                frozenset(), None)  # fmt: skip


def test_a_signature_is_no_mere_dress_where_it_makes_the_verdict() -> None:
    assert not dress([ANONYMOUS] * 6).is_signed.any()
    assert dress([REMINDER] * 6).is_signed.all()


def test_who_signs_is_told_from_who_does_not() -> None:
    numbers = range(40)
    cases = [
        replace(case, id=f"{case.id}-{number}", message=replace(case.message, text=f"{case.message.text}{number}元"))
        for number in numbers
        for case in (ANONYMOUS, REMINDER)
    ]
    model = fit(cases)
    signed, anonymous = (raw_scores(model, case)[0] for case in (REMINDER, ANONYMOUS))
    assert signed > 0 > anonymous


def test_an_empty_text_can_be_dressed() -> None:
    case = Case("x-1", "x-1", "tiny", Message("无", "im"), Decision.ALLOW, frozenset(), None)
    assert all(plain for plain in dress([case]).plains)
