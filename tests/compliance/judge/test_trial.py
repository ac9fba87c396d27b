"""Hits in disguise: the share that is still caught, and that the figures mean what they say."""

from __future__ import annotations

import pytest

from compliance.judge.disguise import KINDS
from compliance.judge.rules import Rule
from compliance.judge.trial import TARGET, Attempt, Trial, try_disguises


@pytest.fixture(scope="module")
def trial() -> Trial:
    return try_disguises("cn")


def test_disguised_hits_are_still_caught(trial: Trial) -> None:
    missed = [attempt for attempt in trial.attempts if not attempt.caught]
    assert trial.caught >= TARGET, missed


def test_every_kind_is_tried(trial: Trial) -> None:
    assert set(trial.by(lambda attempt: attempt.kind)) == set(KINDS)


def test_only_texts_that_were_changed_count(trial: Trial) -> None:
    own = {case.message.text for rule in _rules() for case in rule.cases if case.hit}
    assert not [attempt for attempt in trial.attempts if attempt.text in own]


def test_the_same_seed_gives_the_same_texts(trial: Trial) -> None:
    assert try_disguises("cn").attempts == trial.attempts


def test_another_seed_gives_other_texts(trial: Trial) -> None:
    assert {attempt.text for attempt in try_disguises("cn", seed=7).attempts} != {a.text for a in trial.attempts}


def test_figures_are_shares_of_what_was_tried() -> None:
    trial = Trial("x", (attempt(caught=True), attempt(caught=True), attempt(caught=False), attempt("b", caught=True)))
    assert trial.caught == 0.75
    assert [line.split() for line in trial.lines()[1:]] == [
        ["pinyin", "4", "0.000", "0.750"],
        ["all", "4", "0.000", "0.750"],
        ["weakest", "rules:"],
        ["a", "3", "0.000", "0.667"],
    ]


def attempt(rule: str = "a", *, caught: bool) -> Attempt:
    return Attempt(rule=rule, kind="pinyin", text="…", same_rule=False, caught=caught)


def _rules() -> tuple[Rule, ...]:
    from compliance.judge.proof import load_pack

    return load_pack("cn").rules
