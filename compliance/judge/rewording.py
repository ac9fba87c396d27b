"""Saying it better: each sentence that may not go out is replaced by what its rule says instead, or masked."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.judge.context import Layout
from compliance.judge.packs import Pack
from compliance.judge.types import Decision, Finding, Message, Span

_KEEP = 4
"""Last characters that stay legible when a number is masked."""


def reword(message: Message, findings: Sequence[Finding], pack: Pack) -> str | None:
    """The whole message with every offending sentence reworded, or ``None`` where one of them cannot be saved.

    The caller screens the result; it is offered only if it passes.
    """
    grave = [finding for finding in findings if finding.decision is not Decision.ALLOW]
    if not grave or any(finding.span is None for finding in grave):
        return None
    masked = {rule.id for rule in pack.rules if rule.mask}
    sentences = Layout(message.text).sentences
    parts: list[str] = []
    said: set[str] = set()
    for start, end in sentences:
        here = [finding for finding in grave if finding.span and start < finding.span.end and finding.span.start < end]
        part = _reworded(message.text, Span(start, end), here, masked)
        if part is None:
            return None
        if not here or part not in said:
            parts.append(part)
        if here:
            said.add(part)
    return "".join(parts)


def _reworded(raw: str, sentence: Span, findings: list[Finding], masked: set[str]) -> str | None:
    """One sentence made fit to go out, or ``None``."""
    lost = [finding for finding in findings if finding.rule not in masked]
    if lost:
        worst = max(lost, key=lambda finding: (finding.decision.rank, finding.instead is not None))
        if any(finding.instead is None for finding in lost if finding.decision is worst.decision):
            return None
        return worst.instead
    text = raw[sentence.start : sentence.end]
    for finding in findings:
        if finding.span is not None:
            first = max(finding.span.start - sentence.start, 0)
            last = min(finding.span.end - sentence.start, len(text))
            text = text[:first] + _mask(text[first:last]) + text[last:]
    return text


def _mask(words: str) -> str:
    """Stars for all but the last characters; the length stays, so that later spans still fit."""
    keep = _KEEP if len(words) > 2 * _KEEP else 1
    return "*" * (len(words) - keep) + words[-keep:]
