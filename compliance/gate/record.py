"""Verdicts as they are stored: what may stay for ever apart from what repeats the message and can be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from compliance.gate.models import Outreach, OutreachText
from compliance.gate.types import Receipt
from compliance.judge.types import Citation, Decision, Finding, Span, Verdict


def store_finding(finding: Finding) -> dict[str, Any]:
    """A finding without its rewording, which repeats the message."""
    return {
        "rule": finding.rule,
        "category": finding.category,
        "decision": finding.decision.value,
        "why": finding.why,
        "cites": [[cite.rule, cite.source, cite.article, cite.confidence] for cite in finding.cites],
        "span": [finding.span.start, finding.span.end] if finding.span else None,
        "fix": finding.fix,
        "source": finding.source,
        "soft": finding.soft,
        "confidence": finding.confidence,
        "next_allowed_at": _iso(finding.next_allowed_at),
    }


def restore_finding(stored: dict[str, Any]) -> Finding:
    """The finding that ``store_finding`` wrote."""
    return Finding(
        rule=stored["rule"],
        category=stored["category"],
        decision=Decision(stored["decision"]),
        why=stored["why"],
        cites=tuple(Citation(*cite) for cite in stored["cites"]),
        span=Span(*stored["span"]) if stored["span"] else None,
        fix=stored.get("fix"),
        source=stored["source"],
        soft=stored["soft"],
        confidence=stored["confidence"],
        next_allowed_at=_instant(stored["next_allowed_at"]),
    )


def store_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict without suggestion and rewordings."""
    return {
        "decision": verdict.decision.value,
        "findings": [store_finding(finding) for finding in verdict.findings],
        "pack": verdict.pack,
        "version": verdict.version,
        "digest": verdict.digest,
        "next_allowed_at": _iso(verdict.next_allowed_at),
        "remaining": verdict.remaining,
    }


def store_answer(verdict: Verdict, state: str) -> dict[str, Any]:
    """What ``first_answer`` needs besides the verdict to tell the first answer again."""
    return {
        "decision": verdict.decision.value,
        "state": state,
        "findings": len(verdict.findings),
        "permitted": state == "permitted",
    }


def append_findings(outreach: Outreach, text: OutreachText | None, fresh: tuple[Finding, ...]) -> None:
    """Add objections that came up later, at the end: decisions on the earlier ones go by their index."""
    known = [*outreach.verdict["findings"]]
    outreach.verdict = {**outreach.verdict, "findings": known + [store_finding(finding) for finding in fresh]}
    if text is not None and text.erased_at is None:
        padding: list[str | None] = [None] * (len(known) - len(text.instead))
        text.instead = [*text.instead, *padding, *(finding.instead for finding in fresh)]


def stored_findings(outreach: Outreach, text: OutreachText | None) -> tuple[Finding, ...]:
    """The findings of a stored outreach, with their rewordings where these are not erased."""
    instead = list(text.instead) if text else []
    findings = [restore_finding(stored) for stored in outreach.verdict["findings"]]
    return tuple(
        replace(finding, instead=instead[index] if index < len(instead) else None)
        for index, finding in enumerate(findings)
    )


def first_answer(outreach: Outreach, text: OutreachText | None) -> Receipt:
    """What the sender was told, told again; only what was erased since is missing."""
    answer = outreach.answer
    return Receipt(
        id=outreach.client_id,
        decision=Decision(answer["decision"]),
        state=answer["state"],
        findings=stored_findings(outreach, text)[: answer["findings"]],
        suggestion=text.suggestion if text else None,
        permit=outreach.permit if answer["permitted"] else None,
        next_allowed_at=_instant(outreach.verdict["next_allowed_at"]),
        remaining=dict(outreach.verdict["remaining"]),
        ledger_seq=outreach.ledger_seq or 0,
        repeated=True,
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
