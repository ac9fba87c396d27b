"""How the learned reader does on what it has not seen: by folds of whole minimal pairs, and by whole sources.

The figure by sources is the one to believe: every file was written by a different hand. Whatever is chosen on scores
(calibration, thresholds) is chosen without the cases that are then judged with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from compliance.judge.calibration import SCORES
from compliance.judge.core import core_of
from compliance.judge.reader import Model, lane_of, signs_in
from compliance.judge.swaps import MEASURING, is_neutral
from compliance.judge.training import Case, Signs, fit, fold, fresh_of
from compliance.judge.tuning import (
    Chances,
    Flags,
    Numbers,
    Ruled,
    Scores,
    Truth,
    calibrate,
    choose_thresholds,
    decide,
    micro_f1,
    name,
)  # fmt: skip
from compliance.judge.types import Decision, Finding

Rules = Callable[[Case], tuple[Finding, ...]]


def no_rules(case: Case) -> tuple[Finding, ...]:
    """The learned reader alone."""
    return ()


def fold_of(case: Case, folds: int) -> int:
    """The fold of a case: that of all its minimal pair, whatever the other cases are."""
    return int.from_bytes(blake2b(case.group.encode(), digest_size=4).digest(), "big") % folds


def by_fold(cases: Sequence[Case], folds: int) -> list[Flags]:
    return [np.array([fold_of(case, folds) == fold for case in cases]) for fold in range(folds)]


def by_source(cases: Sequence[Case]) -> dict[str, Flags]:
    """Each file by its name, and all training files together, to be judged by what dev alone teaches."""
    sources = np.array([case.source for case in cases])
    parts = {str(source): sources == source for source in np.unique(sources)}
    return {**parts, "all but dev": ~np.char.startswith(sources, "dev")}


@dataclass(frozen=True)
class Unseen:
    """Case × ``SCORES``: raw scores by models that have not seen the case's part; NaN outside all parts."""

    alone: Scores
    """By the words of the case."""
    together: Scores
    """By its words and by what the rules found in it."""


def unseen_scores(cases: Sequence[Case], parts: Sequence[Flags], signs: Signs | None = None) -> Unseen:
    """Scores of every case in one of the parts; ``signs`` is what the rules found in the cases that may teach it."""
    signs = signs or {}
    scores = Unseen(*(np.full((len(cases), SCORES), np.nan) for _ in range(2)))
    for part in parts:
        model = fit([case for case, held in zip(cases, part, strict=True) if not held], signs)
        for number in np.flatnonzero(part).tolist():
            case = cases[number]
            scores.alone[number] = raw_scores(model, case)
            scores.together[number] = raw_scores(model, case, signs.get(case.id, frozenset()))
    return scores


def raw_scores(model: Model, case: Case, signs: frozenset[str] = frozenset()) -> Scores:
    plain = fold(case.message.text)
    signs = signs.union(signs_in(plain))
    return model.raw_scores(plain[slice(*core_of(plain))], lane_of(case.message), signs).astype(np.float64)


def lanes_of(cases: Sequence[Case]) -> Numbers:
    return np.array([lane_of(case.message) for case in cases])


@dataclass(frozen=True)
class Judged:
    """Cases with what both readers together make of them."""

    cases: tuple[Case, ...]
    decisions: Numbers
    categories: Flags


def judge_unseen(
    known: Sequence[Case], known_scores: Scores, cases: Sequence[Case], scores: Scores, rules: Rules
) -> Judged:
    """Judge ``cases`` with calibration and thresholds chosen on ``known``, of which no case may be among ``cases``."""
    truth = Truth.of(known)
    calibration = calibrate(known_scores, lanes_of(known), truth)
    ruled = Ruled.of([rules(case) for case in known])
    thresholds = choose_thresholds(
        ruled, Chances.of(calibration, known_scores, lanes_of(known)), truth, fresh_of(known)
    )
    own, chances = Ruled.of([rules(case) for case in cases]), Chances.of(calibration, scores, lanes_of(cases))
    decided = decide(own, chances, thresholds)
    return Judged(tuple(cases), decided, name(own, chances, thresholds, decided))


def cross_validate(cases: Sequence[Case], scores: Scores, folds: int, rules: Rules = no_rules) -> Judged:
    """Every case, judged without itself and its pair. ``scores`` are some of ``unseen_scores`` by the same folds."""
    results = [judge_part(cases, scores, scores, part, rules) for part in by_fold(cases, folds)]
    return Judged(
        tuple(case for result in results for case in result.cases),
        np.concatenate([result.decisions for result in results]),
        np.concatenate([result.categories for result in results]),
    )


def judge_part(cases: Sequence[Case], scores: Scores, own: Scores, part: Flags, rules: Rules = no_rules) -> Judged:
    """One part by all the others: ``scores`` are out of fold and serve to choose, ``own`` are those of the part."""
    known = [case for case, held in zip(cases, part, strict=True) if not held]
    chosen = [case for case, held in zip(cases, part, strict=True) if held]
    return judge_unseen(known, scores[~part], chosen, own[part], rules)


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
        kinds = "  ".join(f"{kind} {share:.2f}/{number}" for kind, (share, number) in self.hard.items())
        return (
            f"{self.cases} cases: block recall {self.recall:.3f} precision {self.precision:.3f}, "
            f"three-way {self.three_way:.3f}, category micro-F1 {self.micro:.3f}\n    {kinds}"
        )


def measure(judged: Judged) -> Figures:
    """Agreement with the labels; recall and precision are 1 where there is nothing to find and nothing found."""
    truth = Truth.of(judged.cases)
    right = judged.decisions == truth.decisions
    blocked, wanted = judged.decisions == Decision.BLOCK.rank, truth.decisions == Decision.BLOCK.rank
    common = int((blocked & wanted).sum())
    kinds = np.array([case.hard or "plain" for case in judged.cases])
    return Figures(
        cases=len(judged.cases),
        recall=common / int(wanted.sum()) if wanted.any() else 1.0,
        precision=common / int(blocked.sum()) if blocked.any() else 1.0,
        three_way=float(right.mean()),
        micro=micro_f1(judged.categories, truth.categories),
        hard={str(kind): (float(right[kinds == kind].mean()), int((kinds == kind).sum())) for kind in np.unique(kinds)},
    )


def swap_stability(model: Model, cases: Sequence[Case]) -> dict[str, float]:
    """Swap → share of the cases that it changes, but not their label, whose decision by the reader alone stays."""
    shares = {}
    for swap_name, swap in MEASURING.items():
        pairs = [
            (case, swap(case.message.text)) for case in cases if is_neutral(swap_name, case.decision, case.categories)
        ]
        changed = [(case, copy) for case, copy in pairs if copy != case.message.text]
        copies = [replace(case, message=replace(case.message, text=copy)) for case, copy in changed]
        before, after = decide_alone(model, [case for case, _ in changed]), decide_alone(model, copies)
        shares[swap_name] = float((before == after).mean()) if changed else 1.0
    return shares


def decide_alone(model: Model, cases: Sequence[Case]) -> Numbers:
    """The numbers of the decisions by the reader alone."""
    if not cases:
        return np.zeros(0, np.int64)
    scores = np.array([raw_scores(model, case) for case in cases])
    chances = Chances.of(model.calibration, scores, lanes_of(cases))
    return decide(Ruled.of([()] * len(cases)), chances, model.thresholds)
