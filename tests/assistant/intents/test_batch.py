"""Hearing many rows."""

from __future__ import annotations

from assistant.intents.batch import hear_rows
from assistant.intents.reader import INTENTS
from compliance.judge.types import InvalidInput


def test_a_row_is_answered_with_what_is_meant_and_all_ranked() -> None:
    (answer,) = hear_rows([(1, {"id": "a", "text": "我要投诉你们"})])
    assert (answer["id"], answer["intents"]) == ("a", ["complain"])
    assert answer["ranked"][0][0] == "complain"
    assert sorted(name for name, _ in answer["ranked"]) == sorted(INTENTS)


def test_a_bad_row_is_answered_and_the_rest_is_done() -> None:
    rows = [(1, InvalidInput("the line is not JSON")), (2, {"id": "b"}), (3, {"text": "你打错了"})]
    first, second, third = hear_rows(rows)
    assert (first["id"], first["line"]) == (1, 1)
    assert second["error"].startswith("line 2: text")
    assert (third["id"], third["intents"]) == (3, ["wrong_number"])
