"""Chances and thresholds, and that choosing them decides as ``combine`` does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge import combine
from compliance.judge.combine import Thresholds
from compliance.judge.training import Case
from compliance.judge.tuning import Chances, Ruled, Truth, calibrate, choose_thresholds, decide, name
from compliance.judge.types import CATEGORIES, Decision, Finding, Message, strictest

CHANCE = st.floats(0, 1).map(lambda chance: round(chance, 2))
LIMITS = st.fixed_dictionaries(dict.fromkeys(CATEGORIES[:3], CHANCE))
FINDING = st.builds(
    lambda category, decision, soft: Finding("cn.test.rule", category, decision, "", soft=soft),
    st.sampled_from(CATEGORIES[:4]),
    st.sampled_from([Decision.REVIEW, Decision.BLOCK]),
    st.booleans(),
)


@given(
    findings=st.lists(FINDING, max_size=3).map(tuple),
    shares=st.tuples(CHANCE, CHANCE).map(sorted),
    singles=st.lists(CHANCE, min_size=15, max_size=15),
    thresholds=st.builds(Thresholds, CHANCE, CHANCE, CHANCE, CHANCE, CHANCE, CHANCE, LIMITS, LIMITS),
)
def test_many_at_once_are_decided_as_one_by_one(
    findings: tuple[Finding, ...], shares: list[float], singles: list[float], thresholds: Thresholds
) -> None:
    allow, block = shares[0], 1 - shares[1]
    single = combine.decide(findings, allow, block, thresholds)
    ruling = combine.explain(findings, single, dict(zip(CATEGORIES, singles, strict=True)), thresholds)
    ruled = Ruled.of([findings])
    chances = Chances(np.array([[allow, shares[1] - shares[0], block]]), np.array([singles]))
    decided = decide(ruled, chances, thresholds)
    named = {one.category for one in ruling.kept} | {category for category, _, _ in ruling.added}
    given_decision = strictest([one.decision for one in ruling.kept] + [decision for _, decision, _ in ruling.added])
    assert decided.tolist() == [given_decision.rank]
    assert {CATEGORIES[n] for n in np.flatnonzero(name(ruled, chances, thresholds, decided)[0])} == named


def case(number: int, decision: Decision) -> Case:
    categories = frozenset({CATEGORIES[number // 3 % 15]}) if decision is not Decision.ALLOW else frozenset()
    return Case(f"x-{number}", f"x-{number}", "tiny", Message("文"), decision, categories, None)


CASES = [case(number, list(Decision)[number % 3]) for number in range(90)]
TRUTH = Truth.of(CASES)
LANES = np.zeros(len(CASES), np.int64)


def scores_that_tell() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.column_stack(
        [TRUTH.decisions == 0, TRUTH.decisions == 2, *(TRUTH.categories[:, n] for n in range(15))]
    ).astype(float) * 2 - 1  # fmt: skip


def test_chances_of_the_decisions_sum_to_one() -> None:
    chances = Chances.of(calibrate(scores_that_tell(), LANES, TRUTH), scores_that_tell(), LANES)
    assert chances.decisions.sum(axis=1) == pytest.approx(np.ones(len(CASES)))


def test_scores_that_tell_give_the_right_decision() -> None:
    chances = Chances.of(calibrate(scores_that_tell(), LANES, TRUTH), scores_that_tell(), LANES)
    assert chances.decisions.argmax(axis=1).tolist() == TRUTH.decisions.tolist()


def test_a_decision_that_never_occurs_is_never_likely() -> None:
    seen = TRUTH.decisions != Decision.REVIEW.rank
    calibration = calibrate(scores_that_tell()[seen], LANES[seen], Truth(TRUTH.decisions[seen], TRUTH.categories[seen]))
    assert Chances.of(calibration, scores_that_tell(), LANES).decisions[:, 1].max() < 0.01


def test_a_note_is_never_blocked() -> None:
    calibration = calibrate(scores_that_tell(), LANES, TRUTH)
    chances = Chances.of(calibration, scores_that_tell(), np.full(len(CASES), 2))
    assert chances.decisions[:, 2].max() == 0.0


def test_thresholds_are_chosen_that_decide_right() -> None:
    chances = Chances.of(calibrate(scores_that_tell(), LANES, TRUTH), scores_that_tell(), LANES)
    ruled = Ruled.of([()] * len(CASES))
    thresholds = choose_thresholds(ruled, chances, TRUTH, np.ones(len(CASES), bool))
    decided = decide(ruled, chances, thresholds)
    assert decided.tolist() == TRUTH.decisions.tolist()
    assert (name(ruled, chances, thresholds, decided) == TRUTH.categories).all()
