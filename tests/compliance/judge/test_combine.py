"""What the learned reader may add to the rules' findings, and what it may lift."""

from __future__ import annotations

import pytest

from compliance.judge.combine import Thresholds, combine
from compliance.judge.types import Decision, Finding

LIMITS = Thresholds(
    block=0.8, pass_=0.4, raise_=0.7, lift=0.9, categories={"threat": 0.5, "insult": 0.5}, also={"threat": 0.9}
)
CHANCES = {"threat": 0.6, "insult": 0.2}


def found(decision: Decision, *, soft: bool = False, category: str = "insult") -> Finding:
    return Finding("cn.test.rule", category, decision, "因为", soft=soft)


@pytest.mark.parametrize(
    ("p_allow", "p_block", "expected"),
    [(0.9, 0.05, set()), (0.3, 0.4, {Decision.REVIEW}), (0.1, 0.85, {Decision.BLOCK})],
    ids=["passes", "is held", "is stopped"],
)
def test_what_the_rules_let_pass_may_be_raised(p_allow: float, p_block: float, expected: set[Decision]) -> None:
    ruling = combine((), p_allow, p_block, CHANCES, LIMITS)
    assert {decision for _, decision, _ in ruling.added} == expected


def test_a_held_message_may_become_a_block() -> None:
    ruling = combine((found(Decision.REVIEW),), 0.1, 0.75, CHANCES, LIMITS)
    assert ruling.added == (("threat", Decision.BLOCK, 0.6),)


def test_a_soft_review_is_lifted_by_a_sure_reader() -> None:
    assert combine((found(Decision.REVIEW, soft=True),), 0.95, 0.01, CHANCES, LIMITS).kept == ()


@pytest.mark.parametrize(
    "findings",
    [
        (found(Decision.REVIEW),),
        (found(Decision.REVIEW, soft=True), found(Decision.REVIEW)),
        (found(Decision.BLOCK),),
        (found(Decision.BLOCK), found(Decision.REVIEW, soft=True)),
    ],
    ids=["hard review", "soft beside hard", "block", "block beside soft"],
)
def test_nothing_else_is_ever_lifted(findings: tuple[Finding, ...]) -> None:
    assert combine(findings, 1.0, 0.0, CHANCES, LIMITS).kept == findings


def test_an_unsure_reader_lifts_nothing() -> None:
    soft = (found(Decision.REVIEW, soft=True),)
    assert combine(soft, 0.85, 0.05, CHANCES, LIMITS).kept == soft


def test_beside_a_block_the_reader_names_more_but_only_for_review() -> None:
    ruling = combine((found(Decision.BLOCK),), 0.0, 1.0, {"threat": 0.95, "insult": 0.9}, LIMITS)
    assert ruling.added == (("threat", Decision.REVIEW, 0.95),)


def test_what_is_held_always_has_a_category() -> None:
    ruling = combine((), 0.1, 0.5, {"threat": 0.2, "insult": 0.3}, LIMITS)
    assert ruling.added == (("insult", Decision.REVIEW, 0.3),)


def test_what_passes_has_none() -> None:
    assert combine((), 0.9, 0.0, {"threat": 0.99, "insult": 0.99}, LIMITS).added == ()


def test_thresholds_survive_being_stored() -> None:
    assert Thresholds.from_dict(LIMITS.to_dict()) == LIMITS
