"""Figures on cases that the learned reader has not seen, source by source: the ones to believe.

``evaluate`` with the shipped model judges cases that the model was trained on; its figures for the reader are memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from compliance.judge.crossval import Judged, by_fold, judge_part, measure, unseen_scores
from compliance.judge.training import FOLDS, Case, read_cases, shipped_rules, signs_by_case
from compliance.judge.types import CATEGORIES, Decision, Finding, strictest

MEASURE = "dev"
"""The source that no rule is written from."""


def report_unseen(corpus: Path) -> Iterator[str]:
    """Lines: the development file judged by what all others teach (rules, reader, together), and what went wrong.

    Thresholds and calibration are chosen on the others, too. Takes minutes.
    """
    cases = read_cases(corpus)
    rules = shipped_rules()
    found = {case.id: rules(case) for case in cases}
    signs = signs_by_case(cases, found)
    scores = unseen_scores(cases, by_fold(cases, FOLDS), signs)
    part = np.array([case.source.startswith(MEASURE) for case in cases])
    yield f"{int(part.sum())} cases of {MEASURE}, judged by what {int((~part).sum())} others teach"
    yield f"rules alone:  {measure(_by_rules([case for case in cases if case.source.startswith(MEASURE)], found))}"
    own = unseen_scores(cases, [part], signs)
    yield f"reader alone: {measure(judge_part(cases, scores.alone, own.alone, part))}"
    together = judge_part(cases, scores.together, own.together, part, lambda case: found[case.id])
    yield f"together:     {measure(together)}"
    yield from _errors(together)


def _by_rules(cases: list[Case], found: dict[str, tuple[Finding, ...]]) -> Judged:
    decisions = np.array([strictest([f.decision for f in found[case.id]]).rank for case in cases])
    named = [{f.category for f in found[case.id]} for case in cases]
    flags = np.array([[category in names for category in CATEGORIES] for names in named])
    return Judged(tuple(cases), decisions, flags)


def _errors(judged: Judged) -> Iterator[str]:
    """What was judged wrongly, the furthest off first."""
    names = list(Decision)
    far = [abs(int(given) - case.decision.rank) for case, given in zip(judged.cases, judged.decisions, strict=True)]
    for number in sorted(range(len(far)), key=lambda index: -far[index]):
        if far[number]:
            case, given = judged.cases[number], names[int(judged.decisions[number])]
            yield f"{case.id} {case.decision} → {given}: {case.message.text[:60]!r}"
