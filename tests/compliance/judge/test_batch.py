"""Rows in, JSON-ready answers out; a bad row is answered and the rest is still done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compliance.judge import InvalidInput, load_judge
from compliance.judge.batch import screen_rows
from compliance.judge.evaluation import as_table, evaluate
from compliance.judge.wire import message_from_dict

JUDGE = load_judge("cn", reader=False)


def answers(*rows: Any) -> list[dict[str, Any]]:
    return list(screen_rows(enumerate(rows, 1), JUDGE))


def test_an_answer_has_the_promised_shape() -> None:
    (answer,) = answers({"id": "a", "text": "再不还钱就打断你的腿", "channel": "im"})
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["id"], answer["decision"], answer["categories"]) == ("a", "block", ["threat"])
    assert {"rule", "category", "decision", "start", "end", "why", "cites"} <= set(answer["findings"][0])
    assert "打断" not in answer["suggestion"]


def test_a_bad_row_is_answered_and_the_rest_is_done() -> None:
    given = answers(
        {"text": "您好"}, InvalidInput("the line is not JSON"), {"id": 7, "text": 3}, [], {"id": "z", "text": "好"}
    )
    outcome = [(answer["id"], "error" in answer) for answer in given]
    assert outcome == [
        (1, False),
        (2, True),
        (7, True),
        (4, True),
        ("z", False),
    ]
    assert given[1]["error"] == "line 2: the line is not JSON"


def test_rows_are_taken_one_at_a_time() -> None:
    taken: list[int] = []

    def rows() -> Any:
        for number in (1, 2):
            taken.append(number)
            yield number, {"text": "您好"}

    next(screen_rows(rows(), JUDGE))
    assert taken == [1]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({}, "text"), ({"text": ""}, "text"), ({"text": " \n"}, "text"), ({"text": "a\0"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "好", "channel": "fax"}, "channel"), ({"text": "好", "audience": 3}, "audience"),
        ({"text": "好", "stage": "M1"}, "stage"), ({"text": "好", "first_contact": 1}, "first_contact"),
        ({"text": "好", "amounts": "12"}, "amounts"), ({"text": "好", "amounts": ["NaN"]}, "amounts"),
        ({"text": "好", "amounts": 5}, "amounts"), ({"text": "好", "previous": "再"}, "previous"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(row: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        message_from_dict(row)
    assert caught.value.field == field


def test_a_note_is_internal_unless_told_otherwise() -> None:
    assert message_from_dict({"text": "已致电", "channel": "note"}).audience == "internal"


LABELLED = [
    {
        "id": "1",
        "text": "再不还钱就打断你的腿",
        "channel": "im",
        "decision": "block",
        "categories": ["threat"],
        "hard": None,
    },
    {"id": "2", "text": "您好，谢谢", "decision": "allow", "categories": [], "hard": "context"},
    {"id": "3", "text": "您好，再见", "decision": "review", "categories": ["insult"], "hard": "context"},
    {"id": "4", "text": "后果自负", "decision": "block", "categories": ["threat", "insult"], "hard": None},
]


def test_the_figures_are_counted_right() -> None:
    result = evaluate(LABELLED, JUDGE)
    assert result.accuracy == 0.5
    assert result.to_dict()["decisions"]["block"] == {
        "true": 1, "false": 0, "missed": 1, "precision": 1.0, "recall": 0.5, "f1": 2 / 3,
    }  # fmt: skip
    assert (result.micro.true, result.micro.false, result.micro.missed) == (2, 0, 2)
    assert result.by_kind == {"context": (0.5, 2), "plain": (0.5, 2)}
    assert result.confusion["review", "allow"] == 1


def test_a_score_of_nothing_is_no_score() -> None:
    assert evaluate(LABELLED, JUDGE).of_category("pii_leak").precision is None
    assert " - " in as_table(evaluate(LABELLED, JUDGE))


def test_the_reader_alone_finds_nothing_where_there_is_none() -> None:
    assert {case.given.value for case in evaluate(LABELLED, JUDGE, "reader").cases} == {"allow"}


@pytest.mark.parametrize("rows", [[], [{"id": "1", "text": "好"}]])
def test_unlabelled_rows_are_refused(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        evaluate(rows, JUDGE)


@pytest.mark.parametrize("categories", ["threat", ["treat"], [["threat"]], 5, {"threat": 1}])
def test_categories_that_nobody_knows_are_refused_not_counted(categories: object) -> None:
    row = {"id": "7", "text": "好", "decision": "review", "categories": categories}
    with pytest.raises(InvalidInput, match="row '7': categories"):
        evaluate([row], JUDGE)
