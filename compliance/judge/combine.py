"""Two readers, one answer: what the learned reader may add to the findings of the rules, and what it may lift.

What a rule proves stands: the reader may only raise it. What a soft rule finds is a sign. One of a block stops what the
reader is nearly sure to stop and holds the rest for a person, unless the reader is nearly sure that it may go out, the
sentence of the sign by itself too. One of a review holds where the reader is not sure that the message may go out. The
thresholds are chosen on texts that neither has seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from compliance.judge.types import Decision, Finding, strictest

NEVER = 1.1
"""A chance that is never reached."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which the reader speaks. All are of calibrated scores."""

    block: float = 0.5
    """``block`` from this chance of a block."""
    pass_: float = 0.5
    """``review`` where the chance of ``allow`` is below this."""
    confirm: float = 0.5
    """A soft rule's ``block`` stands from this chance of a block."""
    lift: float = 0.8
    """Only soft rules hold: nothing is held from this chance of ``allow``."""
    waive: float = NEVER
    """A soft rule's ``block`` holds nothing from this chance of ``allow``."""
    sign: float = 0.0
    """A soft rule's finding is shown from this chance of its category."""
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


def decide(found: tuple[Finding, ...], p_allow: float, p_block: float, thresholds: Thresholds) -> Decision:
    """What becomes of a message; see the module."""
    if not found:  # most messages
        if p_block >= thresholds.block:
            return Decision.BLOCK
        return Decision.REVIEW if p_allow < thresholds.pass_ else Decision.ALLOW
    hard = strictest([finding.decision for finding in found if not finding.soft])
    sign = strictest([finding.decision for finding in found if finding.soft])
    if hard is Decision.BLOCK or p_block >= thresholds.block:
        return Decision.BLOCK
    if sign is Decision.BLOCK and p_block >= thresholds.confirm:
        return Decision.BLOCK
    lifted_from = {Decision.BLOCK: thresholds.waive, Decision.REVIEW: thresholds.lift}.get(sign, 0.0)
    held = p_allow < thresholds.pass_ or p_allow < lifted_from
    return Decision.REVIEW if held or hard is Decision.REVIEW else Decision.ALLOW


def explain(
    found: tuple[Finding, ...], decision: Decision, chances: Mapping[str, float], thresholds: Thresholds
) -> Ruling:
    """What stands of the rules' findings beside a decision, and what the reader adds so that every one has a reason."""
    if decision is Decision.ALLOW:
        return Ruling((), ())
    kept = tuple(
        _no_stricter(finding, decision)
        for finding in found
        if not finding.soft or chances[finding.category] >= thresholds.sign
    )
    ruled = strictest([finding.decision for finding in kept])
    named = {finding.category for finding in kept}
    least = thresholds.also if named else thresholds.categories
    chosen = [c for c, chance in chances.items() if c not in named and chance >= least.get(c, NEVER)]
    likeliest = max(chances, key=chances.__getitem__)
    if decision is not ruled and likeliest not in chosen and (not named or decision is Decision.BLOCK):
        chosen.append(likeliest)
    own = decision if decision is not ruled else Decision.REVIEW
    return Ruling(kept, tuple((category, own, chances[category]) for category in chosen))


def _no_stricter(finding: Finding, decision: Decision) -> Finding:
    """A sign says no more than what was decided."""
    return finding if finding.decision.rank <= decision.rank else replace(finding, decision=decision)
