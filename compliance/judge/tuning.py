"""Chances and thresholds, chosen on scores of texts that the model scoring them had not seen. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.calibration import LANE_COUNT, Calibration, Floats, evidence
from compliance.judge.combine import NEVER, Thresholds
from compliance.judge.types import CATEGORIES, Decision, Finding, strictest

if TYPE_CHECKING:
    from compliance.judge.training import Case

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
ORDER = (Decision.ALLOW, Decision.REVIEW, Decision.BLOCK)
LEAST_WAIVE = 0.8
"""No sign of a block is waived below this chance of ``allow``, whatever would do best on the labelled cases."""


def calibrate(scores: Scores, lanes: Numbers, truth: Truth) -> Calibration:
    """Raw scores → chances: the three decisions together, and each category, from all heads and the lane."""
    from sklearn.linear_model import LogisticRegression

    columns = np.hstack([np.array([evidence(row) for row in scores]), np.eye(LANE_COUNT)[lanes]])
    decisions = _for_all_three(LogisticRegression(C=0.3, max_iter=3000).fit(columns, truth.decisions))
    categories = np.array([_fit_single(columns, wanted) for wanted in truth.categories.T])
    size = columns.shape[1] - LANE_COUNT
    return Calibration(*_by_lane(decisions, size), *_by_lane(categories, size))


def _by_lane(rows: Scores, size: int) -> tuple[Floats, Floats]:
    """Coefficients of the evidence, the lanes and an intercept, by row → weights, and a bias for each lane."""
    biases = rows[:, -1] + rows[:, size:-1].T
    return rows[:, :size].astype(np.float32), biases.astype(np.float32)


def _fit_single(columns: Scores, wanted: Flags) -> Scores:
    """Coefficients and intercept; what never occurs is never likely."""
    from sklearn.linear_model import LogisticRegression

    if wanted.all() or not wanted.any():
        return np.append(np.zeros(columns.shape[1]), 20.0 if wanted.all() else -20.0)
    fitted = LogisticRegression(C=1.0, max_iter=3000).fit(columns, wanted)
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def _for_all_three(fitted: Any) -> Scores:
    """Coefficients and intercept of each decision; one that never occurs gets none and a very low intercept."""
    coefficients, intercepts, seen = fitted.coef_, fitted.intercept_, fitted.classes_
    if len(seen) == 2:
        coefficients, intercepts = np.vstack((0 * coefficients, coefficients)), np.append(0.0, intercepts)
    rows = np.zeros((len(ORDER), coefficients.shape[1] + 1))
    rows[:, -1] = -20.0
    rows[seen] = np.column_stack((coefficients, intercepts))
    return rows


@dataclass(frozen=True)
class Truth:
    """The labels of cases: number of the decision, and case × category."""

    decisions: Numbers
    categories: Flags

    @classmethod
    def of(cls, cases: Sequence[Case]) -> Truth:
        return cls(
            np.array([case.decision.rank for case in cases]),
            np.array([[name in case.categories for name in CATEGORIES] for case in cases]),
        )

    def part(self, rows: Flags) -> Truth:
        return Truth(self.decisions[rows], self.categories[rows])


@dataclass(frozen=True)
class Ruled:
    """What the rules say of cases: numbers of the decisions, and case × category, proofs and signs apart."""

    decisions: Numbers
    signs: Numbers
    """The number of the strictest decision of soft rules."""
    named: Flags
    hinted: Numbers
    """The number of the strictest decision of soft rules in each category."""

    @classmethod
    def of(cls, found: Sequence[tuple[Finding, ...]]) -> Ruled:
        hard = [[finding for finding in findings if not finding.soft] for findings in found]
        soft = [[finding for finding in findings if finding.soft] for findings in found]
        hinted = _by_category(soft)
        return cls(_strictest(hard), hinted.max(axis=1), _by_category(hard) > 0, hinted)

    def part(self, rows: Flags) -> Ruled:
        return Ruled(self.decisions[rows], self.signs[rows], self.named[rows], self.hinted[rows])


def _strictest(found: Sequence[list[Finding]]) -> Numbers:
    return np.array([strictest([finding.decision for finding in findings]).rank for findings in found], np.int64)


def _by_category(found: Sequence[list[Finding]]) -> Numbers:
    numbers = np.zeros((len(found), len(CATEGORIES)), np.int64)
    for row, findings in enumerate(found):
        for finding in findings:
            column = CATEGORIES.index(finding.category)
            numbers[row, column] = max(numbers[row, column], finding.decision.rank)
    return numbers


@dataclass(frozen=True)
class Chances:
    """Case × (allow, review, block) and case × category."""

    decisions: Scores
    categories: Scores

    @classmethod
    def of(cls, calibration: Calibration, scores: Scores, lanes: Numbers) -> Chances:
        rows = list(zip(scores, lanes.tolist(), strict=True))
        decisions = [calibration.decisions(row, lane) for row, lane in rows]
        return cls(np.array(decisions), np.array([calibration.categories(row, lane) for row, lane in rows]))

    def part(self, rows: Flags) -> Chances:
        return Chances(self.decisions[rows], self.categories[rows])


def decide(ruled: Ruled, chances: Chances, thresholds: Thresholds) -> Numbers:
    """``combine.decide`` for many cases at once: the numbers of their decisions."""
    allow, block = chances.decisions[:, 0], chances.decisions[:, 2]
    alone = np.where(block >= thresholds.block, 2, np.where(allow < thresholds.pass_, 1, 0))
    unconfirmed = np.where(allow < thresholds.waive, 1, 0)
    confirmed = np.where(ruled.signs == 2, np.where(block >= thresholds.confirm, 2, unconfirmed), 0)
    held = np.where((ruled.signs == 1) & (allow < thresholds.lift), 1, 0)
    decided: Numbers = np.max([alone, confirmed, held, ruled.decisions], axis=0)
    return decided


def name(ruled: Ruled, chances: Chances, thresholds: Thresholds, decided: Numbers) -> Flags:
    """``combine.explain`` for many cases at once: which categories they get, case × category."""
    shown = np.where(chances.categories >= thresholds.sign, ruled.hinted, 0)
    chosen: Flags = ruled.named | (shown > 0)
    has_rule: Flags = np.asarray(chosen.any(axis=1))
    limits = np.where(has_rule[:, None], _row(thresholds.also), _row(thresholds.categories))
    carried = np.maximum(ruled.decisions, shown.max(axis=1))
    chosen[chances.categories >= limits] = True
    owed = (decided > carried) & (~has_rule | (decided == Decision.BLOCK.rank))
    likeliest: Numbers = np.asarray(chances.categories.argmax(axis=1))
    chosen[np.flatnonzero(owed), likeliest[owed]] = True
    chosen[decided == Decision.ALLOW.rank] = False
    return chosen


def _row(limits: Mapping[str, float]) -> Scores:
    return np.array([limits.get(category, NEVER) for category in CATEGORIES])


def choose_thresholds(ruled: Ruled, chances: Chances, truth: Truth, fresh: Flags) -> Thresholds:
    """The thresholds that do best: first the decisions together, then each category, the others held.

    From when on the reader itself holds or blocks is chosen as if there were no rules: rules look better on the texts
    they were written from than on new ones, and a reader that left the blocking to them would miss what they miss.
    What a rule's word is worth is chosen on ``fresh`` cases alone, from which no rule was written; a sign of a block is
    waived from ``LEAST_WAIVE`` at the least. A decision's worth is three-way accuracy plus the F1 of ``block``. Of
    equals the most reluctant is taken.
    """
    nothing = Ruled.of([()] * len(truth.decisions))
    best = Thresholds(categories=dict.fromkeys(CATEGORIES, 0.5), also=dict.fromkeys(CATEGORIES, 0.9))
    grid = np.arange(0.98, 0.2, -0.03).round(2).tolist()
    for _ in range(2):
        best = _best([best, *(replace(best, block=value) for value in grid)], nothing, chances, truth)
        best = _best([best, *(replace(best, pass_=value) for value in reversed(grid))], nothing, chances, truth)
    ruled, chances, truth = ruled.part(fresh), chances.part(fresh), truth.part(fresh)
    best = replace(best, confirm=best.block, lift=best.pass_)
    for _ in range(2):
        best = _best([best, *(replace(best, lift=v) for v in reversed(grid) if v > best.pass_)], ruled, chances, truth)
        best = _best([best, *(replace(best, confirm=v) for v in grid if v < best.block)], ruled, chances, truth)
        best = _best([best, *(replace(best, waive=v) for v in grid if v >= LEAST_WAIVE)], ruled, chances, truth)
    return _choose_limits(best, ruled, chances, truth)


def _choose_limits(best: Thresholds, ruled: Ruled, chances: Chances, truth: Truth) -> Thresholds:
    """From which chance on a category is named: the decisions are those of ``best``."""
    decided = decide(ruled, chances, best)
    steps = np.arange(0.95, 0.08, -0.05).round(2).tolist()
    tried = [replace(best, sign=value) for value in (0.0, *steps)]
    for _ in range(2):
        best = max(tried, key=lambda one: micro_f1(name(ruled, chances, one, decided), truth.categories))
        for beside in (False, True):
            for category in CATEGORIES:
                tried = [_set(best, category, value, beside) for value in steps]
                best = max(tried, key=lambda one: micro_f1(name(ruled, chances, one, decided), truth.categories))
        tried = [best, *(replace(best, sign=value) for value in (0.0, *steps))]
    return best


def _best(tried: Sequence[Thresholds], ruled: Ruled, chances: Chances, truth: Truth) -> Thresholds:
    """The first of those whose decisions do best."""
    return max(tried, key=lambda one: _worth(decide(ruled, chances, one), truth.decisions))


def _set(thresholds: Thresholds, category: str, value: float, beside: bool) -> Thresholds:
    if beside:
        return replace(thresholds, also={**thresholds.also, category: value})
    return replace(thresholds, categories={**thresholds.categories, category: value})


def _worth(decided: Numbers, wanted: Numbers) -> float:
    return float((decided == wanted).mean()) + _f1(decided == 2, wanted == 2)


def micro_f1(given: Flags, wanted: Flags) -> float:
    """F1 of all categories of all cases together; 1 where there is nothing to find and nothing is found."""
    return _f1(given, wanted)


def _f1(given: Flags, wanted: Flags) -> float:
    total = int(given.sum() + wanted.sum())
    return 2 * int((given & wanted).sum()) / total if total else 1.0
