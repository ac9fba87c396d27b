from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from compliance.database import Database
from scripts_library.editing import new_version
from scripts_library.planting import plant
from scripts_library.searching import Asked, Found, count_scenes, find_scripts, search_words
from scripts_library.seeding import SeedScript
from scripts_library.wording import ScriptHead, Wording

PLAN = SeedScript(
    ScriptHead("middle.plan.a", "middle", "协商分期", "分期方案", channels=("call", "sms"), intent="request_plan"),
    Wording("您可以申请分期，利息按合同计算。", article=("CN-PLAN-01",)),
    (),
)
TELL = SeedScript(
    ScriptHead("initial.tell.a", "initial", "告知欠款", "说明利息", products=("credit_card",)),
    Wording("利息一共{interest}元，也可以谈分期。", why="100%说清楚"),
    (),
)
CARE = SeedScript(ScriptHead("any.care.a", "any", "困难了解", "先听"), Wording("您先照顾好家里。"), ())


@pytest.fixture
def library(db: Database, word_judge: Any, now: datetime) -> Database:
    """Three approved scripts."""
    db.run(lambda session: plant(session, word_judge, [CARE, PLAN, TELL], author="lin", approver="wu", now=now))
    return db


@pytest.fixture
def find(library: Database) -> Callable[..., Found]:
    def ask(**asked: str) -> Found:
        with library.read() as session:
            return find_scripts(session, Asked(**asked))

    return ask


def keys(found: Found) -> list[str]:
    return [script.key for script, _ in found.rows]


def test_without_a_question_all_stand_in_the_order_of_the_tree(find: Callable[..., Found]) -> None:
    found = find()
    assert (keys(found), found.total) == (["initial.tell.a", "middle.plan.a", "any.care.a"], 3)


def test_a_question_is_cut_into_words_and_all_are_looked_for(find: Callable[..., Found]) -> None:
    assert find(q="分期利息").words == ("分期", "利息")
    assert set(keys(find(q="分期利息"))) == {"middle.plan.a", "initial.tell.a"}


@pytest.mark.parametrize(("question", "first"), [("利息", "initial.tell.a"), ("分期", "middle.plan.a")])
def test_a_word_in_the_title_counts_most(find: Callable[..., Found], question: str, first: str) -> None:
    assert keys(find(q=question))[0] == first


def test_where_none_has_all_words_those_with_some_are_given(find: Callable[..., Found]) -> None:
    found = find(q="家里 汽车")
    assert (keys(found), found.partly) == (["any.care.a"], True)


def test_nothing_is_said_to_be_found_partly_where_nothing_is_found(find: Callable[..., Found]) -> None:
    assert find(q="飞机 汽车") == Found([], 0, ("飞机", "汽车"), partly=False)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"stage": "middle"}, ["middle.plan.a"]),
        ({"scene": "困难了解"}, ["any.care.a"]),
        ({"channel": "sms"}, ["middle.plan.a"]),
        ({"channel": "ms"}, []),
        ({"intent": "request_plan"}, ["middle.plan.a"]),
        ({"product": "microloan"}, ["middle.plan.a", "any.care.a"]),
        ({"product": "credit_card"}, ["initial.tell.a", "middle.plan.a", "any.care.a"]),
        ({"state": "draft"}, []),
        ({"state": "approved", "q": "CN-PLAN-01"}, ["middle.plan.a"]),
        ({"q": "PLAN.A"}, ["middle.plan.a"]),
        ({"q": "100%"}, ["initial.tell.a"]),
        ({"q": "1_0%"}, []),
        ({"q": "，。"}, []),
    ],
)
def test_what_is_asked_for_is_found(find: Callable[..., Found], asked: dict[str, str], found: list[str]) -> None:
    assert keys(find(**asked)) == found


def test_the_newest_version_is_looked_through(
    library: Database, find: Callable[..., Found], word_judge: Any, now: datetime
) -> None:
    wording = replace(CARE.wording, say="您多保重。")
    library.run(lambda session: new_version(session, word_judge, 1, wording, "lin", now))
    assert (keys(find(q="保重")), keys(find(q="照顾"))) == (["any.care.a"], [])
    assert [version.number for _, version in find(q="保重").rows] == [2]


def test_a_page_follows_a_page(library: Database) -> None:
    with library.read() as session:
        pages = [find_scripts(session, Asked(), offset=at, limit=2) for at in (0, 2)]
    assert [len(page.rows) for page in pages] == [2, 1]
    assert [page.total for page in pages] == [3, 3]


def test_scenes_are_counted(library: Database) -> None:
    with library.read() as session:
        assert count_scenes(session) == {("initial", "告知欠款"): 1, ("middle", "协商分期"): 1, ("any", "困难了解"): 1}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("CN-PLAN-01 分期", ("cn-plan-01", "分期")),
        ("怎么还", ("怎么", "还")),
        ("您好吗", ("您好",)),
        ("您", ("您",)),
        ("  ", ()),
        ("分期 分期", ("分期",)),
    ],
)
def test_what_tells_nothing_is_not_looked_for(question: str, words: tuple[str, ...]) -> None:
    assert search_words(question) == words
