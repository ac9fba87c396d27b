"""Findings in place: the pieces are the text, and each knows what covers it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance.judge.types import Decision, Finding, Span
from web.marking import marks, pieces


def finding(start: int, end: int, decision: Decision = Decision.REVIEW) -> Finding:
    return Finding("test.rule", "threat", decision, "why", span=Span(start, end))


def test_overlapping_findings_show_the_strictest() -> None:
    cut = pieces("abcdef", [finding(0, 4), finding(2, 6, Decision.BLOCK)])
    assert [(piece.text, piece.decision, piece.findings) for piece in cut] == [
        ("ab", Decision.REVIEW, (0,)),
        ("cd", Decision.BLOCK, (0, 1)),
        ("ef", Decision.BLOCK, (1,)),
    ]


def test_a_finding_without_a_span_marks_nothing() -> None:
    whole = Finding("test.rule", "missing_disclosure", Decision.BLOCK, "why")
    assert [piece.decision for piece in pieces("abc", [whole])] == [None]
    assert marks([whole]) == []


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_joined_pieces_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    found = [finding(min(span), max(span)) for span in spans]
    assert "".join(piece.text for piece in pieces(text, found)) == text
