from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from compliance.database import Database
from compliance.judge import Judge, load_judge
from compliance.judge.packs import PACKS, read_pack
from compliance.judge.types import Decision
from compliance.ledger.models import LedgerEntry
from scripts_library.choosing import scripts_for
from scripts_library.editing import draft, retire, revise, submit_for_approval
from scripts_library.models import ScriptVersion
from scripts_library.planting import plant
from scripts_library.rechecking import Recheck, recheck
from scripts_library.remarks import notices_for, see_notices
from scripts_library.seeding import SeedScript, load_seeds
from scripts_library.wording import ScriptHead, Wording

ON = date(2026, 11, 18)
PLAN = SeedScript(ScriptHead("middle.plan.a", "middle", "协商分期", "一"), Wording("您可以申请分期。"), ())
CARE = SeedScript(ScriptHead("middle.care.a", "middle", "困难了解", "二"), Wording("先照顾好家里。"), ())


@pytest.fixture
def library(db: Database, word_judge: Any, now: datetime) -> Database:
    """Two approved scripts of lin's, versions 1 and 2."""
    db.run(lambda session: plant(session, word_judge, [PLAN, CARE], author="lin", approver="wu", now=now))
    return db


@pytest.fixture
def check(library: Database, word_judge: Any, now: datetime) -> Callable[..., Recheck]:
    """Judges again, an hour later."""
    return lambda **asked: recheck(library, word_judge, word_judge.digest, now + timedelta(hours=1), **asked)


def served(db: Database) -> set[str]:
    with db.read() as session:
        return {one.key for one in scripts_for(session, stage="middle", on=ON)}


def version(db: Database, number: int) -> ScriptVersion:
    with db.read() as session:
        return session.get_one(ScriptVersion, number)


def test_under_the_same_pack_nothing_is_judged(check: Callable[..., Recheck], word_judge: Any) -> None:
    word_judge.screened.clear()
    assert check() == Recheck(0, ())
    assert word_judge.screened == []


@pytest.mark.parametrize("decision", [Decision.BLOCK, Decision.REVIEW])
def test_a_rule_that_forbids_one_script_withdraws_that_one(
    library: Database, check: Callable[..., Recheck], word_judge: Any, decision: Decision
) -> None:
    word_judge.words["申请分期"] = decision
    [withdrawn] = check().withdrawn
    assert (withdrawn.key, withdrawn.owner, withdrawn.was) == ("middle.plan.a", "lin", "approved")
    assert served(library) == {"middle.care.a"}


def test_what_is_withdrawn_says_why(library: Database, check: Callable[..., Recheck], word_judge: Any) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    gone = version(library, 1)
    assert (gone.state, gone.verdict["decision"]) == ("retired", "block")
    assert "不能说申请分期" in gone.comment


def test_what_still_passes_is_of_the_new_pack(
    library: Database, check: Callable[..., Recheck], word_judge: Any
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    assert version(library, 2).pack_digest == word_judge.digest


def test_the_author_is_told_and_nobody_else(
    library: Database, check: Callable[..., Recheck], word_judge: Any, now: datetime
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    with library.read() as session:
        [(notice, script, _)] = notices_for(session, "lin", ["lin", "wu"])
        assert (script.key, notice.reason) == ("middle.plan.a", "不能说申请分期")
        assert notices_for(session, "wu", ["lin", "wu"]) == []


def test_of_an_author_who_left_everybody_is_told(
    library: Database, check: Callable[..., Recheck], word_judge: Any
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    with library.read() as session:
        assert len(notices_for(session, "wu", ["wu"])) == 1


def test_a_notice_is_seen_once(
    library: Database, check: Callable[..., Recheck], word_judge: Any, now: datetime
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    library.run(lambda session: see_notices(session, "lin", ["lin", "wu"], now))
    with library.read() as session:
        assert notices_for(session, "lin", ["lin", "wu"]) == []


def test_the_ledger_tells_of_it(library: Database, check: Callable[..., Recheck], word_judge: Any) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    with library.read() as session:
        *_, withdrawn, counted = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq))
    assert (withdrawn.kind, withdrawn.subject, withdrawn.actor) == (
        "script:withdrawn", "script:middle.plan.a", "system",
    )  # fmt: skip
    assert json.loads(counted.body) == {
        "checked": 2, "withdrawn": ["middle.plan.a"], "pack_digest": word_judge.digest,
    }  # fmt: skip


def test_a_second_run_finds_nothing(check: Callable[..., Recheck], word_judge: Any) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    check()
    assert check() == Recheck(0, ())


def test_everything_can_be_judged_again_under_the_same_pack(check: Callable[..., Recheck]) -> None:
    assert check(everything=True) == Recheck(2, ())


def test_what_waits_for_approval_goes_back_to_its_author(
    library: Database, check: Callable[..., Recheck], word_judge: Any, now: datetime
) -> None:
    head = replace(PLAN.head, key="middle.plan.b")
    waiting = library.run(lambda session: draft(session, word_judge, head, PLAN.wording, "wu", now))
    library.run(lambda session: submit_for_approval(session, word_judge, waiting.id, "wu", now))
    word_judge.words["申请分期"] = Decision.BLOCK
    assert {(one.key, one.was) for one in check().withdrawn} == {
        ("middle.plan.a", "approved"),
        ("middle.plan.b", "submitted"),
    }
    assert version(library, waiting.id).state == "draft"


def test_a_draft_is_judged_and_stays(
    library: Database, check: Callable[..., Recheck], word_judge: Any, now: datetime
) -> None:
    head = replace(PLAN.head, key="middle.plan.b")
    written = library.run(lambda session: draft(session, word_judge, head, PLAN.wording, "wu", now))
    word_judge.words["申请分期"] = Decision.BLOCK
    assert len(check().withdrawn) == 1
    again = version(library, written.id)
    assert (again.state, again.verdict["decision"]) == ("draft", "block")


def test_what_was_retired_meanwhile_stays_retired_for_its_own_reason(
    library: Database, word_judge: Any, now: datetime
) -> None:
    word_judge.words["申请分期"] = Decision.BLOCK
    ask = word_judge.screen

    def screen(message: Any) -> Any:
        if version(library, 1).state == "approved":
            library.run(lambda session: retire(session, 1, "wu", "不用了", now))
        return ask(message)

    word_judge.screen = screen
    assert recheck(library, word_judge, word_judge.digest, now).withdrawn == ()
    assert version(library, 1).comment == "不用了"


def test_words_that_were_changed_meanwhile_are_judged_as_they_are(
    library: Database, word_judge: Any, now: datetime
) -> None:
    head = replace(PLAN.head, key="middle.plan.b")
    written = library.run(lambda session: draft(session, word_judge, head, PLAN.wording, "wu", now))
    library.run(lambda session: retire(session, 1, "wu", "不用了", now))
    word_judge.words["申请分期"] = Decision.BLOCK
    ask = word_judge.screen

    def screen(message: Any) -> Any:
        if "申请分期" in message.text:
            word_judge.screen = ask
            library.run(lambda session: revise(session, word_judge, written.id, CARE.wording, "wu", now))
        return ask(message)

    word_judge.screen = screen
    recheck(library, word_judge, word_judge.digest, now)
    assert version(library, written.id).verdict["decision"] == "allow"


RULE = """
[[rule]]
id = "cn.threat.test"
decision = "block"
cites = ["CN-FORBID-01"]
any = ["这段时间确实不容易"]
why = "新规则不许这样说。"
hit = ["听您这么说，这段时间确实不容易", "这段时间确实不容易吧", "您这段时间确实不容易"]
miss = ["您好", "这段时间忙", "不容易"]
"""


def test_a_rule_added_to_the_shipped_pack_withdraws_the_shipped_script_it_forbids(
    desk_of_seeds: Database, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "cn"
    shutil.copytree(PACKS / "cn", folder)
    with (folder / "threat.toml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    changed = Judge(read_pack(folder))
    found = recheck(desk_of_seeds, changed, changed.pack.digest, now)
    assert [one.key for one in found.withdrawn] == ["middle.hardship.listen"]
    with desk_of_seeds.read() as session:
        keys = {one.key for one in scripts_for(session, stage="middle", on=ON)}
    assert "middle.hardship.listen" not in keys
    assert "middle.hardship.form" in keys


@pytest.fixture
def desk_of_seeds(db: Database, now: datetime) -> Database:
    """The shipped scripts of the scene 困难了解 and those they lead to, approved under the shipped rules."""
    judge = load_judge(reader=False)
    seeds = [seed for seed in load_seeds() if seed.head.stage == "middle"]
    known = {seed.key for seed in seeds}
    alone = [
        replace(seed, wording=replace(
            seed.wording, branches=tuple(branch for branch in seed.wording.branches if branch.key in known)
        ))
        for seed in seeds
    ]  # fmt: skip
    assert db.run(lambda session: plant(session, judge, alone, author="lin", approver="wu", now=now)) == ()
    return db
