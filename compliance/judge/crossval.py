"""How the learned reader does on what it has not seen: by folds of whole minimal pairs, and by whole sources.

The figure by sources is the one to believe: every file was written by a different hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from compliance.judge.combine import Ruling, Thresholds, combine
from compliance.judge.reader import HEADS, Model, chances_of, lane_of
from compliance.judge.swaps import MEASURING
from compliance.judge.training import Case, fit, fold_for_reading
from compliance.judge.types import CATEGORIES, Decision, Finding, strictest

Scores = NDArray[np.float64]
Found = Callable[[Case], tuple[Finding, ...]]
"""What the rules find in a case."""


def nothing_found(case: Case) -> tuple[Finding, ...]:
    """The rules left out: the reader alone."""
    return ()


def fold_of(case: Case, folds: int) -> int:
    """The fold of a case: that of all its minimal pair, whatever the other cases are."""
    return int.from_bytes(blake2b(case.group.encode(), digest_size=4).digest(), "big") % folds


def out_of_fold(cases: Sequence[Case], folds: int = 5) -> Scores:
    """Case × head: raw scores by models that have seen neither the case nor its minimal pair."""
    return _scores(cases, [[fold_of(case, folds) == fold for case in cases] for fold in range(folds)])


def by_source(cases: Sequence[Case]) -> Scores:
    """Case × head: raw scores by models that have seen no case of the same file."""
    sources = sorted({case.source for case in cases})
    return _scores(cases, [[case.source == source for case in cases] for source in sources])


def across(cases: Sequence[Case], is_test: Callable[[Case], bool]) -> Scores:
    """Case × head for the cases with ``is_test``, by a model of all the others."""
    chosen = [is_test(case) for case in cases]
    return _scores(cases, [chosen])[chosen]


def _scores(cases: Sequence[Case], parts: Sequence[Sequence[bool]]) -> Scores:
    scores = np.full((len(cases), len(HEADS)), np.nan)
    for part in parts:
        model = fit([case for case, held in zip(cases, part, strict=True) if not held])
        for number in np.flatnonzero(part).tolist():
            scores[number] = raw_scores(model, cases[number])
    return scores


def raw_scores(model: Model, case: Case) -> NDArray[np.float32]:
    return model.raw_scores(fold_for_reading(case.message.text), lane_of(case.message))


def calibrate(scores: Scores, labels: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope and offset of each head (Platt): the chance that it is right, from scores of texts not trained on."""
    from sklearn.linear_model import LogisticRegression

    fitted = [LogisticRegression(C=1000.0).fit(scores[:, [head]], labels[:, head]) for head in range(labels.shape[1])]
    slopes = np.array([one.coef_[0, 0] for one in fitted], np.float32)
    return slopes, np.array([one.intercept_[0] for one in fitted], np.float32)


@dataclass(frozen=True, slots=True)
class Judged:
    """A case, the decision and the categories that both readers together give it."""

    case: Case
    decision: Decision
    categories: frozenset[str]


def judge_all(model: Model, cases: Sequence[Case], scores: Scores, found: Found = nothing_found) -> list[Judged]:
    """Every case by its raw scores and what the rules find, by the model's calibration and thresholds."""
    judged = []
    for case, raw in zip(cases, scores, strict=True):
        allow, block, chances = chances_of(model, raw, lane_of(case.message))
        ruling = combine(found(case), allow, block, chances, model.thresholds)
        judged.append(_judged(case, ruling))
    return judged


def _judged(case: Case, ruling: Ruling) -> Judged:
    decisions = [finding.decision for finding in ruling.kept] + [decision for _, decision, _ in ruling.added]
    names = {finding.category for finding in ruling.kept} | {category for category, _, _ in ruling.added}
    return Judged(case, strictest(decisions), frozenset(names))


@dataclass(frozen=True, slots=True)
class Figures:
    """Fractions of 1. ``hard`` gives three-way accuracy and number for each kind of difficulty."""

    cases: int
    recall: float
    precision: float
    three_way: float
    micro: float
    hard: Mapping[str, tuple[float, int]]

    def __str__(self) -> str:
        kinds = "  ".join(f"{kind} {share:.2f}/{number}" for kind, (share, number) in sorted(self.hard.items()))
        return (
            f"{self.cases} cases: block recall {self.recall:.3f} precision {self.precision:.3f}, "
            f"three-way {self.three_way:.3f}, category micro-F1 {self.micro:.3f}\n    {kinds}"
        )


def measure(judged: Sequence[Judged]) -> Figures:
    """Agreement with the labels. There must be a case, a ``block`` and a category."""
    block = Decision.BLOCK
    right = sum(one.case.decision is block and one.decision is block for one in judged)
    common = sum(len(one.case.categories & one.categories) for one in judged)
    kinds = sorted({one.case.hard or "plain" for one in judged})
    return Figures(
        cases=len(judged),
        recall=right / max(sum(one.case.decision is block for one in judged), 1),
        precision=right / max(sum(one.decision is block for one in judged), 1),
        three_way=_share(judged),
        micro=2 * common / max(sum(len(one.case.categories) + len(one.categories) for one in judged), 1),
        hard={kind: _of_kind([one for one in judged if (one.case.hard or "plain") == kind]) for kind in kinds},
    )


def _share(judged: Sequence[Judged]) -> float:
    return sum(one.case.decision is one.decision for one in judged) / len(judged)


def _of_kind(judged: Sequence[Judged]) -> tuple[float, int]:
    return _share(judged), len(judged)


def choose_thresholds(model: Model, cases: Sequence[Case], scores: Scores, found: Found = nothing_found) -> Thresholds:
    """The thresholds that do best on unseen scores: first the decisions, then each category by its own F1.

    ``block`` and ``raise_`` weigh precision and recall of ``block`` beside three-way accuracy; ties go to the
    higher threshold.
    """
    best = Thresholds(categories=dict.fromkeys(CATEGORIES, 0.5), also=dict.fromkeys(CATEGORIES, 0.8))
    read = [
        _Read(case, found(case), *chances_of(model, raw, lane_of(case.message)))
        for case, raw in zip(cases, scores, strict=True)
    ]
    grid = np.arange(0.2, 0.99, 0.02).round(2).tolist()
    for _ in range(2):
        best = _best(read, [replace(best, block=value) for value in grid])
        best = _best(read, [replace(best, pass_=value) for value in grid])
        best = _best(read, [replace(best, raise_=value) for value in grid])
        best = _best(read, [replace(best, lift=value) for value in grid])
    return _with_categories(read, _with_categories(read, best, beside_rules=False), beside_rules=True)


def _best(read: Sequence[_Read], tried: Sequence[Thresholds]) -> Thresholds:
    """The most worth; of equals the last, which is the most reluctant."""
    return max(reversed(tried), key=lambda one: _worth(read, one))


@dataclass(frozen=True, slots=True)
class _Read:
    """A case as both readers have read it, before anything is decided."""

    case: Case
    found: tuple[Finding, ...]
    allow: float
    block: float
    chances: Mapping[str, float]

    def judge(self, thresholds: Thresholds) -> Judged:
        return _judged(self.case, combine(self.found, self.allow, self.block, self.chances, thresholds))


def _figures(read: Sequence[_Read], thresholds: Thresholds) -> Figures:
    return measure([one.judge(thresholds) for one in read])


def _worth(read: Sequence[_Read], thresholds: Thresholds) -> float:
    figures = _figures(read, thresholds)
    harmonic = 2 * figures.recall * figures.precision / max(figures.recall + figures.precision, 1e-9)
    return figures.three_way + harmonic


def _with_categories(read: Sequence[_Read], thresholds: Thresholds, *, beside_rules: bool) -> Thresholds:
    """Each category's threshold by the best micro-F1, the others' held; one round is enough."""
    for category in CATEGORIES:
        tried = [
            _set(thresholds, category, value, beside_rules) for value in np.arange(0.1, 0.96, 0.05).round(2).tolist()
        ]
        thresholds = max(tried, key=lambda one: _figures(read, one).micro)
    return thresholds


def _set(thresholds: Thresholds, category: str, value: float, beside_rules: bool) -> Thresholds:
    if beside_rules:
        return replace(thresholds, also={**thresholds.also, category: value})
    return replace(thresholds, categories={**thresholds.categories, category: value})


def swap_stability(model: Model, cases: Sequence[Case]) -> dict[str, float]:
    """Swap → share of the cases it changes whose decision by the reader alone stays the same."""
    shares = {}
    for name, swap in MEASURING.items():
        pairs = [(case, swap(case.message.text)) for case in cases]
        pairs = [(case, copy) for case, copy in pairs if copy != case.message.text]
        copies = [replace(case, message=replace(case.message, text=copy)) for case, copy in pairs]
        before = _decide_all(model, [case for case, _ in pairs])
        after = _decide_all(model, copies)
        shares[name] = sum(one is other for one, other in zip(before, after, strict=True)) / max(len(pairs), 1)
    return shares


def _decide_all(model: Model, cases: Sequence[Case]) -> list[Decision]:
    scores = np.array([raw_scores(model, case) for case in cases]).reshape(len(cases), len(HEADS))
    return [one.decision for one in judge_all(model, cases, scores)]


def report(model: Model, cases: Sequence[Case], scores: Scores) -> Iterator[str]:
    """Out of fold, the reader alone."""
    yield f"out of fold, reader alone: {measure(judge_all(model, cases, scores))}"
