from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

EXERCISE = {
    "title": "听到困难",
    "stage": "middle",
    "scene": "困难了解",
    "turns": "我失业了\n\n能不能分期？",
    "items": ["identity"],
}
GOOD = {"answer": ["您好，我是海岳银行的客服，工号1001，通话会录音。您先别着急。", "可以申请，我帮您登记。"]}
BAD = {"answer": ["不还就去你单位拉横幅", "可以申请，我帮您登记。"]}


@pytest.fixture
def lin(app: Flask, login: Callable[[str], Any]) -> Any:
    """A trainer who has written one exercise."""
    browser = login("lin")
    assert browser.submit("/practice/new", EXERCISE).status_code == 303
    return browser


@pytest.fixture
def wang(lin: Any, login: Callable[[str], Any]) -> Any:
    return login("wang")


def test_a_learner_finds_the_exercise_and_its_utterances(wang: Any) -> None:
    assert "听到困难" in wang.get("/practice").text
    page = wang.get("/practice/1").text
    assert page.count("<textarea") == 2
    assert "能不能分期？" in page


def test_a_good_answer_is_told_so(wang: Any) -> None:
    page = wang.submit("/practice/1", GOOD).text
    assert "2 句里 2 句可以这样说" in page
    assert "该说的都说到了" in page


def test_what_must_not_be_said_and_what_is_missing_is_shown(wang: Any) -> None:
    page = wang.submit("/practice/1", BAD).text
    assert "2 句里 1 句可以这样说" in page
    assert "没有说到" in page
    assert 'class="lib-finding"' in page
    assert "不还就去你单位拉横幅" in page


def test_the_trainer_sees_the_last_attempt_of_every_learner(lin: Any, wang: Any, login: Callable[[str], Any]) -> None:
    wang.submit("/practice/1", BAD)
    wang.submit("/practice/1", GOOD)
    login("li").submit("/practice/1", BAD)
    rows = lin.get("/practice").text.partition('id="results"')[2].replace(" ", "").split("<tr>")[2:]
    cells = [[cell.partition("</td>")[0].partition(">")[2] for cell in row.split("<td")[1:6]] for row in rows]
    assert [row[1:5] for row in cells] == [["Li1002", "1", "1", "0"], ["Wang1001", "2", "0", "0"]]


def test_a_learner_sees_only_their_own_results(wang: Any, login: Callable[[str], Any]) -> None:
    wang.submit("/practice/1", BAD)
    assert 'id="results"' not in login("li").get("/practice").text
    assert 'id="results"' in wang.get("/practice").text


def test_every_utterance_needs_an_answer_and_what_was_typed_stays(wang: Any) -> None:
    answer = wang.submit("/practice/1", {"answer": ["您先别着急。", " "]})
    assert (answer.status_code, "您先别着急。" in answer.text) == (422, True)
    assert 'id="results"' not in wang.get("/practice").text


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"scene": ""}, {"stage": "any"}, {"turns": "\n"}, {"turns": "话\n" * 13}, {"turns": "长" * 301},
     {"items": ["dance"]}, {"title": "\x00"}],
)  # fmt: skip
def test_an_exercise_with_a_fault_is_not_kept(lin: Any, wrong: dict[str, Any]) -> None:
    assert lin.submit("/practice/new", EXERCISE | {"title": "第二个"} | wrong).status_code == 422
    assert lin.get("/practice/2").status_code == 404


def test_a_learner_writes_no_exercise(wang: Any) -> None:
    assert wang.submit("/practice/new", EXERCISE).status_code == 403


def test_a_closed_exercise_is_gone_and_its_results_stay(lin: Any, wang: Any) -> None:
    wang.submit("/practice/1", GOOD)
    assert lin.submit("/practice/1/close").status_code == 303
    assert wang.get("/practice/1").status_code == 404
    assert 'href="/practice/1"' not in wang.get("/practice").text
    assert 'id="results"' in wang.get("/practice").text


def test_a_learner_closes_no_exercise(wang: Any) -> None:
    assert wang.submit("/practice/1/close").status_code == 403


def test_there_is_no_such_exercise(wang: Any) -> None:
    assert wang.submit("/practice/9", GOOD).status_code == 404
