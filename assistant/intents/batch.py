"""Hearing many rows: one JSON-ready dict a row, in order. A bad row is answered, the rest is still done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assistant.intents.hearing import understand
from compliance.judge.batch import refuse_row
from compliance.judge.types import InvalidInput
from compliance.judge.wire import message_from_dict

_DIGITS = 4
"""Decimals of a score."""


def hear_rows(rows: Iterable[tuple[int, Mapping[str, Any] | InvalidInput]]) -> Iterator[dict[str, Any]]:
    """``{"id", "intents", "ranked"}`` a row, or ``{"id", "error", "line"}``, as ``screen_rows`` answers.

    ``intents`` are those that are meant, most important first; ``ranked`` all with the chance of being that.
    """
    for line, row in rows:
        if isinstance(row, InvalidInput):
            yield refuse_row(None, line, row.message)
            continue
        name = line if row.get("id") in (None, "") else row["id"]
        try:
            found = understand(message_from_dict({"text": row.get("text")}).text)
        except InvalidInput as error:
            yield refuse_row(name, line, error.message)
            continue
        yield {
            "id": name,
            "intents": list(found.meant),
            "ranked": [[intent, round(score, _DIGITS)] for intent, score in found.ranked],
        }
