from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from compliance.database import Database
from compliance.judge.types import Decision, InvalidInput
from scripts_library.editing import new_version, retire, roll_back, submit_for_approval
from scripts_library.models import ScriptVersion
from scripts_library.planting import plant
from scripts_library.remarks import LONGEST_REMARK, comment, comments_of
from scripts_library.seeding import SeedScript
from scripts_library.wording import ScriptHead, Wording

PLAN = SeedScript(
    ScriptHead("middle.plan.a", "middle", "协商分期", "一"),
    Wording("您可以申请分期。", valid_until=date(2026, 12, 31)),
    (),
)
SECOND = Wording("您可以申请最多六十期。")


@pytest.fixture
def library(db: Database, word_judge: Any, now: datetime) -> Database:
    """One approved script of lin's, and a second version of it as a draft."""
    db.run(lambda session: plant(session, word_judge, [PLAN], author="lin", approver="wu", now=now))
    db.run(lambda session: new_version(session, word_judge, 1, SECOND, "lin", now))
    return db


def test_remarks_of_all_versions_are_kept_in_order(library: Database, now: datetime) -> None:
    for version, author, text in ((2, "wu", "期数上限写了吗？"), (1, "lin", "写在第二版。")):
        library.run(lambda session, v=version, a=author, t=text: comment(session, v, a, t, now))  # type: ignore[misc]
    with library.read() as session:
        found = [(one.author, one.text, number) for one, number in comments_of(session, 1)]
    assert found == [("wu", "期数上限写了吗？", 2), ("lin", "写在第二版。", 1)]


@pytest.mark.parametrize("text", ["", " \n", "长" * (LONGEST_REMARK + 1), "\x00", "\ud800"])
def test_a_remark_that_cannot_be_kept_is_refused(library: Database, now: datetime, text: str) -> None:
    with pytest.raises(InvalidInput):
        library.run(lambda session: comment(session, 1, "wu", text, now))


def test_there_is_no_remark_on_nothing(library: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput) as error:
        library.run(lambda session: comment(session, 99, "wu", "？", now))
    assert error.value.code == "not_found"


@pytest.fixture
def third(library: Database, word_judge: Any, now: datetime) -> Callable[[str], ScriptVersion]:
    """Goes back to the first version, in the name of somebody, after the second was withdrawn from its author."""

    def act(author: str) -> ScriptVersion:
        later = now + timedelta(minutes=5)
        library.run(lambda session: retire(session, 2, "lin", "不用了", later))
        return library.run(lambda session: roll_back(session, word_judge, 1, author, later))

    return act


def test_going_back_is_a_new_draft_with_the_old_words(third: Callable[[str], ScriptVersion]) -> None:
    version = third("wu")
    assert (version.number, version.state, version.say) == (3, "draft", PLAN.wording.say)
    assert "第 1 版" in version.comment


def test_the_old_dates_do_not_come_back(third: Callable[[str], ScriptVersion]) -> None:
    assert third("wu").valid_until is None


def test_what_comes_back_is_judged_by_the_present_pack(
    library: Database, third: Callable[[str], ScriptVersion], word_judge: Any, now: datetime
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    version = third("wu")
    assert version.verdict["decision"] == "block"
    with pytest.raises(InvalidInput):
        library.run(lambda session: submit_for_approval(session, word_judge, version.id, "wu", now))


def test_one_does_not_go_back_past_a_draft(library: Database, word_judge: Any, now: datetime) -> None:
    with pytest.raises(InvalidInput) as error:
        library.run(lambda session: roll_back(session, word_judge, 1, "wu", now))
    assert error.value.code == "conflict"
