"""The JSON shapes of verdicts and messages, as the interfaces in DESIGN.md promise them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from compliance.judge.types import AUDIENCES, CHANNELS, STAGES, Citation, Finding, InvalidInput, Message, Verdict


def citation_to_dict(citation: Citation) -> dict[str, str]:
    return {
        "rule": citation.rule,
        "source": citation.source,
        "article": citation.article,
        "confidence": citation.confidence,
    }


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """``start`` and ``end`` count code points of the raw text, half-open; ``null`` where the whole message is meant."""
    return {
        "rule": finding.rule,
        "category": finding.category,
        "decision": finding.decision.value,
        "start": finding.span.start if finding.span else None,
        "end": finding.span.end if finding.span else None,
        "why": finding.why,
        "cites": [citation_to_dict(citation) for citation in finding.cites],
        "instead": finding.instead,
        "fix": finding.fix,
        "source": finding.source,
        "soft": finding.soft,
        "confidence": finding.confidence,
        "next_allowed_at": finding.next_allowed_at.isoformat() if finding.next_allowed_at else None,
        "turn": finding.turn,
    }


def verdict_to_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "decision": verdict.decision.value,
        "categories": verdict.categories,
        "findings": [finding_to_dict(finding) for finding in verdict.findings],
        "suggestion": verdict.suggestion,
        "pack": {"name": verdict.pack, "version": verdict.version, "digest": verdict.digest},
        "next_allowed_at": verdict.next_allowed_at.isoformat() if verdict.next_allowed_at else None,
        "remaining": verdict.remaining,
    }


def message_from_dict(row: Mapping[str, Any]) -> Message:
    """A message from JSON or a table row. Absent and empty fields take their defaults; others are not guessed.

    Raises:
        InvalidInput: naming the field.
    """
    text = row.get("text")
    if not isinstance(text, str):
        raise InvalidInput("text is missing or is no string", code="missing", field="text")
    if not text.strip():
        raise InvalidInput("text is empty", code="empty", field="text")
    if "\0" in text:
        raise InvalidInput("text holds a NUL character", code="nul", field="text")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput("text holds half a character (a lone surrogate)", code="encoding", field="text") from error
    channel = _choice(row, "channel", CHANNELS) or "sms"
    return Message(
        text=text,
        channel=channel,
        audience=_choice(row, "audience", AUDIENCES) or ("internal" if channel == "note" else "debtor"),
        lang=_string(row, "lang"),
        stage=_choice(row, "stage", STAGES),
        first_contact=_boolean(row, "first_contact"),
        amounts=_amounts(row.get("amounts")),
        case_no=_string(row, "case_no"),
        previous=_previous(row.get("previous")),
    )


def _string(row: Mapping[str, Any], field: str) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{field} must be a string", code="type", field=field)
    return value


def _choice(row: Mapping[str, Any], field: str, known: tuple[str, ...]) -> str | None:
    value = _string(row, field)
    if value is not None and value not in known:
        raise InvalidInput(f"{field} is {value!r}, not one of {', '.join(known)}", code="unknown", field=field)
    return value


def _boolean(row: Mapping[str, Any], field: str) -> bool | None:
    value = row.get(field)
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(f"{field} must be true or false", code="type", field=field)
    return value


def _amounts(value: Any) -> tuple[Decimal, ...] | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) or any(isinstance(amount, bool) for amount in value):
            raise TypeError
        amounts = tuple(Decimal(str(amount)) for amount in value)
    except (TypeError, InvalidOperation) as error:
        raise InvalidInput("amounts must be a list of numbers in yuan", code="type", field="amounts") from error
    if not all(amount.is_finite() for amount in amounts):
        raise InvalidInput("amounts must be finite numbers in yuan", code="type", field="amounts")
    return amounts


def _previous(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise InvalidInput("previous must be a list of texts", code="type", field="previous")
    return tuple(value)
