"""Screening many rows: one JSON-ready dict a row, in order. A bad row is answered, the rest is still done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compliance.judge.types import InvalidInput
from compliance.judge.verdict import Judge, JudgeError
from compliance.judge.wire import message_from_dict, verdict_to_dict

BadRow = InvalidInput
"""What a reader of rows may yield in place of a row that it could not read."""


def screen_rows(rows: Iterable[tuple[int, Mapping[str, Any] | BadRow]], judge: Judge) -> Iterator[dict[str, Any]]:
    """``{"id", "decision", "categories", "findings", "suggestion", …}`` a row, or ``{"id", "error", "line"}``.

    Rows come with the number of the line they stand on, counted from 1; without an ``id`` of its own a row is named by
    that number. Lazy: one row is held at a time.
    """
    for line, row in rows:
        yield screen_row(line, row, judge)


def screen_row(line: int, row: Mapping[str, Any] | BadRow, judge: Judge) -> dict[str, Any]:
    """One row's answer."""
    if isinstance(row, InvalidInput):
        return refuse_row(None, line, row.message)
    if not isinstance(row, Mapping):
        return refuse_row(None, line, "a row is an object with a text")
    name = row.get("id")
    name = line if name is None or name == "" else name
    try:
        return {"id": name, **verdict_to_dict(judge.screen(message_from_dict(row)))}
    except InvalidInput as error:
        return refuse_row(name, line, error.message)
    except JudgeError as error:
        return refuse_row(name, line, str(error))


def refuse_row(name: Any, line: int, problem: str) -> dict[str, Any]:
    """The answer to a row that cannot be used; ``name`` is its id, where it has one."""
    return {"id": line if name is None else name, "error": f"line {line}: {problem}", "line": line}
