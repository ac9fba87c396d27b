"""What the learned reader may add to the rules' findings, and what it may lift."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from compliance.judge.combine import Ruling, Thresholds, decide, explain
from compliance.judge.types import Decision, Finding

LIMITS = Thresholds(
    block=0.8,
    pass_=0.4,
    confirm=0.6,
    lift=0.7,
    waive=0.9,
    sign=0.3,
    categories={"threat": 0.5, "insult": 0.5},
    also={"threat": 0.9},
)  # fmt: skip
CHANCES = {"threat": 0.6, "insult": 0.2}


def found(decision: Decision, *, soft: bool = False, category: str = "insult") -> Finding:
    return Finding("cn.test.rule", category, decision, "因为", soft=soft)


def combine(
    findings: tuple[Finding, ...], p_allow: float, p_block: float, chances: Mapping[str, float] = CHANCES
) -> Ruling:
    return explain(findings, decide(findings, p_allow, p_block, LIMITS), chances, LIMITS)


@pytest.mark.parametrize(
    ("p_allow", "p_block", "expected"),
    [(0.9, 0.05, set()), (0.3, 0.4, {Decision.REVIEW}), (0.1, 0.85, {Decision.BLOCK})],
    ids=["passes", "is held", "is stopped"],
)
def test_what_the_rules_let_pass_may_be_raised(p_allow: float, p_block: float, expected: set[Decision]) -> None:
    ruling = combine((), p_allow, p_block)
    assert {decision for _, decision, _ in ruling.added} == expected


def test_a_held_message_may_become_a_block() -> None:
    ruling = combine((found(Decision.REVIEW),), 0.1, 0.85)
    assert ruling.added == (("threat", Decision.BLOCK, 0.6),)


def test_a_soft_review_is_lifted_by_a_sure_reader() -> None:
    assert combine((found(Decision.REVIEW, soft=True),), 0.95, 0.01).kept == ()


@pytest.mark.parametrize(
    "findings",
    [
        (found(Decision.REVIEW),),
        (found(Decision.BLOCK),),
    ],
    ids=["hard review", "block"],
)
def test_what_is_not_soft_is_never_lifted(findings: tuple[Finding, ...]) -> None:
    assert combine(findings, 1.0, 0.0).kept == findings


def test_an_unsure_reader_lifts_nothing() -> None:
    soft = (found(Decision.REVIEW, soft=True, category="threat"),)
    assert combine(soft, 0.65, 0.05).kept == soft


def test_a_soft_block_stands_where_the_reader_is_nearly_sure() -> None:
    soft = (found(Decision.BLOCK, soft=True, category="threat"),)
    assert combine(soft, 0.1, 0.65).kept == soft


def test_a_soft_block_is_held_unless_the_reader_is_nearly_sure_that_it_may_go_out() -> None:
    soft = (found(Decision.BLOCK, soft=True, category="threat"),)
    (kept,) = combine(soft, 0.89, 0.0).kept
    assert kept.decision is Decision.REVIEW
    assert combine(soft, 0.9, 0.0).kept == ()
    assert decide(soft, 0.99, 0.0, Thresholds()) is Decision.REVIEW, "a model that knows of no waiving"


def test_a_review_that_is_not_soft_stands_beside_a_soft_block_that_is_waived() -> None:
    hard = found(Decision.REVIEW)
    (kept, *_) = combine((found(Decision.BLOCK, soft=True, category="threat"), hard), 0.99, 0.0).kept
    assert decide((found(Decision.BLOCK, soft=True), hard), 0.99, 0.0, LIMITS) is Decision.REVIEW
    assert kept.decision is Decision.REVIEW


def test_a_sign_of_an_unlikely_category_gives_way_to_the_likeliest() -> None:
    ruling = combine((found(Decision.REVIEW, soft=True, category="insult"),), 0.3, 0.3)
    assert (ruling.kept, ruling.added) == ((), (("threat", Decision.REVIEW, 0.6),))


def test_beside_a_block_the_reader_names_more_but_only_for_review() -> None:
    ruling = combine((found(Decision.BLOCK),), 0.0, 1.0, {"threat": 0.95, "insult": 0.9})
    assert ruling.added == (("threat", Decision.REVIEW, 0.95),)


def test_what_is_held_always_has_a_category() -> None:
    ruling = combine((), 0.1, 0.5, {"threat": 0.2, "insult": 0.3})
    assert ruling.added == (("insult", Decision.REVIEW, 0.3),)


def test_what_passes_has_none() -> None:
    assert combine((), 0.9, 0.0, {"threat": 0.99, "insult": 0.99}).added == ()


def test_thresholds_survive_being_stored() -> None:
    assert Thresholds.from_dict(LIMITS.to_dict()) == LIMITS
