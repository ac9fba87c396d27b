"""Findings in place: a text cut into pieces, each with the strictest finding that covers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from compliance.judge.types import Decision, Finding, strictest


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive characters with the same findings. ``findings`` are indexes; empty where nothing hit."""

    text: str
    decision: Decision | None
    findings: tuple[int, ...]


def pieces(text: str, findings: Sequence[Finding]) -> list[Piece]:
    """``text`` cut at every edge of a span; joined, the pieces are the text again."""
    spans = [(number, finding) for number, finding in enumerate(findings) if finding.span is not None]
    edges = {0, len(text)}
    for _, finding in spans:
        if finding.span is not None:
            edges |= {min(finding.span.start, len(text)), min(finding.span.end, len(text))}
    cuts = sorted(edges)
    return [_piece(text, start, end, spans) for start, end in pairwise(cuts)]


def _piece(text: str, start: int, end: int, spans: list[tuple[int, Finding]]) -> Piece:
    covering = [(n, f) for n, f in spans if f.span is not None and f.span.start <= start and end <= f.span.end]
    decision = strictest([finding.decision for _, finding in covering]) if covering else None
    return Piece(text[start:end], decision, tuple(number for number, _ in covering))


def marks(findings: Sequence[Finding]) -> list[tuple[int, int, str]]:
    """``(start, end, decision)`` of each finding with a span, in code points, for the editor's underlines."""
    return [(f.span.start, f.span.end, f.decision.value) for f in findings if f.span is not None]
