"""Whether a call had to be recorded, by what came of it (CN-REC-01/03/06). ``[call.*]`` of ``contact.toml`` says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from compliance.judge.contact.policy import Policy
from compliance.judge.types import Finding


@dataclass(frozen=True, slots=True)
class CallSpec:
    """The parameters that the values of a rule about a finished call must have; its reason names no numbers."""

    params: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


CALL_SPECS: Mapping[str, CallSpec] = {"recording": CallSpec({"outcomes": "outcomes"})}


def owes_recording(outcome: str | None, day: date, policy: Policy) -> Finding | None:
    """What an officer has to look at where a call with this outcome was not recorded; ``None`` where it need not be.

    ``day`` is the debtor's local one.
    """
    rule = policy.call["recording"]
    value = rule.at(day)
    if value is None or outcome not in value.params["outcomes"]:
        return None
    why = policy.house_prefix + rule.why if value.house else rule.why
    return Finding(
        rule=rule.id, category=rule.category, decision=value.decision, why=why, cites=value.cites, source="contact"
    )
