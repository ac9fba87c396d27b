"""Every hit and every miss of every rule of the Chinese pack is a test of its own."""

from __future__ import annotations

import pytest

from compliance.judge.findings import find
from compliance.judge.proof import load_pack, prove
from compliance.judge.rules import Case, Rule
from compliance.judge.text import Text
from compliance.judge.types import CATEGORIES

PACK = load_pack("cn")
CASES = [(rule, case) for rule in PACK.rules for case in rule.cases]


def named(value: object) -> str:
    if isinstance(value, Rule):
        return value.id
    return f"{'hit' if value.hit else 'miss'}-{value.message.text[:12]}" if isinstance(value, Case) else str(value)


@pytest.mark.parametrize(("rule", "case"), CASES, ids=named)
def test_the_rule_does_as_its_case_says(rule: Rule, case: Case) -> None:
    found = {finding.rule for finding in find(Text.of(case.message.text), case.message, PACK)}
    assert (rule.id in found) is case.hit


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_rules(category: str) -> None:
    assert any(rule.category == category for rule in PACK.rules)


@pytest.mark.parametrize("rule", PACK.rules, ids=named)
def test_no_rule_presents_an_unverified_row_as_law(rule: Rule) -> None:
    assert any(citation.confidence != "not verified" for citation in rule.cites)


@pytest.mark.parametrize("rule", [rule for rule in PACK.rules if rule.instead], ids=named)
def test_what_is_said_instead_passes(rule: Rule) -> None:
    from compliance.judge import Decision, Message, load_judge

    audience = rule.audience[0] if rule.audience else "debtor"
    verdict = load_judge("cn", reader=False).screen(Message(rule.instead or "", channel="im", audience=audience))
    assert (verdict.decision, verdict.findings) == (Decision.ALLOW, ())


def test_the_pack_proves_itself() -> None:
    report = prove("cn")
    assert report.ok
    assert report.lines() == [f"cn: {len(PACK.rules)} rules, {report.hits} hits, {report.misses} misses, 0 fault(s)"]
