"""Two readers, one answer: what the learned reader may add to the findings of the rules, and what it may lift.

It may raise ``allow`` to ``review`` or ``block`` and ``review`` to ``block``, and lift a ``review`` that came only from
rules marked soft. It never lifts a ``block``. The thresholds are chosen on texts that the reader has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from compliance.judge.types import Decision, Finding, strictest

NEVER = 1.1
"""A chance that is never reached."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which the reader speaks. All are of calibrated scores."""

    block: float = 0.5
    """Rules found nothing: ``block`` from this chance of a block."""
    pass_: float = 0.5
    """Rules found nothing: ``review`` where the chance of ``allow`` is below this."""
    raise_: float = 0.5
    """Rules hold for review: ``block`` from this chance of a block."""
    lift: float = 0.8
    """Only soft rules hold: nothing is held from this chance of ``allow``."""
    categories: Mapping[str, float] = field(default_factory=dict)
    """Category → the chance from which it is named, once the message does not pass."""
    also: Mapping[str, float] = field(default_factory=dict)
    """Category → the same, beside a category that a rule has named."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Thresholds:
        return cls(**stored)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules' findings that stand, and the reader's: category, decision, chance."""

    kept: tuple[Finding, ...]
    added: tuple[tuple[str, Decision, float], ...]


def combine(
    found: tuple[Finding, ...],
    p_allow: float,
    p_block: float,
    chances: Mapping[str, float],
    thresholds: Thresholds,
) -> Ruling:
    """What stands of the rules' findings and what the reader adds. Pure; see the module for what it may do."""
    ruled = strictest([finding.decision for finding in found])
    decision = _decide(ruled, all(finding.soft for finding in found), p_allow, p_block, thresholds)
    if decision is Decision.ALLOW:
        return Ruling((), ())
    named = {finding.category for finding in found}
    least = thresholds.also if named else thresholds.categories
    chosen = [c for c, chance in chances.items() if c not in named and chance >= least.get(c, NEVER)]
    likeliest = max(chances, key=lambda category: chances[category])
    if decision is not ruled and likeliest not in chosen and (not named or decision is Decision.BLOCK):
        chosen.append(likeliest)
    own = decision if decision is not ruled else Decision.REVIEW
    return Ruling(found, tuple((category, own, chances[category]) for category in chosen))


def _decide(ruled: Decision, soft: bool, p_allow: float, p_block: float, thresholds: Thresholds) -> Decision:
    if ruled is Decision.BLOCK:
        return ruled
    if ruled is Decision.REVIEW:
        if p_block >= thresholds.raise_:
            return Decision.BLOCK
        return Decision.ALLOW if soft and p_allow >= thresholds.lift else ruled
    if p_block >= thresholds.block:
        return Decision.BLOCK
    return Decision.REVIEW if p_allow < thresholds.pass_ else Decision.ALLOW
