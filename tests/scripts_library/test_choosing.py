from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from compliance.database import Database
from compliance.judge.types import InvalidInput
from scripts_library.choosing import catalogue, history, scripts_for
from scripts_library.planting import plant
from scripts_library.seeding import SeedScript
from scripts_library.wording import ScriptHead, Wording

ON = date(2026, 11, 18)
CALL = SeedScript(ScriptHead("late.a.call", "late", "诉前告知", "一"), Wording("您好"), ())
EVERY_STAGE = SeedScript(ScriptHead("any.a.voice", "any", "留言", "二"), Wording("请回电{callback}"), ())
LETTER = SeedScript(ScriptHead("late.a.letter", "late", "诉前告知", "三", channels=("letter",)), Wording("函"), ())
CARD = SeedScript(ScriptHead("late.a.card", "late", "用卡管控", "四", products=("credit_card",)), Wording("卡"), ())
OTHER = SeedScript(
    ScriptHead("late.a.other", "late", "第三人接听", "五", audience="other_third_party"), Wording("喂"), ()
)
EARLY = SeedScript(ScriptHead("initial.a.one", "initial", "首次联系", "六"), Wording("早"), ())


@pytest.fixture
def found(db: Database, word_judge: Any, now: datetime) -> Callable[..., list[str]]:
    """Plants the six scripts and answers ``scripts_for`` with titles."""
    seeds = [CALL, EVERY_STAGE, LETTER, CARD, OTHER, EARLY]
    db.run(lambda session: plant(session, word_judge, seeds, author="lin", approver="wu", now=now))

    def ask(**asked: Any) -> list[str]:
        with db.read() as session:
            return [one.title for one in scripts_for(session, **{"stage": "late", "on": ON} | asked)]

    return ask


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, {"一", "二", "三"}),
        ({"channel": "letter"}, {"三"}),
        ({"product": "credit_card"}, {"一", "二", "三", "四"}),
        ({"product": "信用卡"}, {"一", "二", "三", "四"}),
        ({"product": "microloan"}, {"一", "二", "三"}),
        ({"audience": "other_third_party"}, {"五"}),
        ({"stage": "initial"}, {"六", "二"}),
    ],
)
def test_what_fits_is_served(found: Callable[..., list[str]], asked: dict[str, str], titles: set[str]) -> None:
    assert set(found(**asked)) == titles


def test_what_fits_every_stage_comes_last(found: Callable[..., list[str]]) -> None:
    assert found()[-1] == "二"


def test_a_served_script_names_its_slots(db: Database, found: Callable[..., list[str]]) -> None:
    with db.read() as session:
        [voice] = [one for one in scripts_for(session, stage="late", on=ON) if one.title == "二"]
    assert voice.slots == ("callback",)


def test_the_catalogue_shows_every_script_once(db: Database, found: Callable[..., list[str]]) -> None:
    with db.read() as session:
        assert len(catalogue(session)) == 6


def test_there_is_no_history_of_nothing(db: Database) -> None:
    with db.read() as session, pytest.raises(InvalidInput, match="no such script"):
        history(session, 1)


def test_planting_is_approved_by_a_second_person(db: Database, word_judge: Any, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="own words"):
        db.run(lambda session: plant(session, word_judge, [CALL], author="lin", approver="lin", now=now))


def test_words_that_do_not_pass_stay_drafts(db: Database, word_judge: Any, now: datetime) -> None:
    bad = replace(LETTER, wording=Wording("不还就坐牢"))
    left = db.run(lambda session: plant(session, word_judge, [CALL, bad], author="lin", approver="wu", now=now))
    with db.read() as session:
        states = {script.key: version.state for script, version in catalogue(session)}
    assert (left, states) == (("late.a.letter",), {"late.a.call": "approved", "late.a.letter": "draft"})


def test_planting_asks_the_judge_once_for_each_question(db: Database, word_judge: Any, now: datetime) -> None:
    db.run(lambda session: plant(session, word_judge, [EVERY_STAGE], author="lin", approver="wu", now=now))
    assert len(word_judge.screened) == len(set(word_judge.screened))
