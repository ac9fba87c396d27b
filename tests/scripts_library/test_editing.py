from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import Decision, InvalidInput
from compliance.ledger.models import LedgerEntry
from scripts_library.choosing import history, scripts_for
from scripts_library.editing import approve, draft, new_version, retire, revise, send_back, submit_for_approval
from scripts_library.models import ScriptVersion
from scripts_library.wording import Branch, ScriptHead, Wording

HEAD = ScriptHead("middle.plan.test", "middle", "协商分期", "试", channels=("call", "sms"))
WORDS = Wording("您可以申请分{plan_months}期。", must_say=("说明期数 {plan_months}",), article=("CN-PLAN-01",))
BAD = replace(WORDS, say="不还就坐牢，分{plan_months}期。")
UNSURE = replace(WORDS, say="后果自负，分{plan_months}期。")
TODAY = date(2026, 11, 18)


@pytest.fixture
def act(db: Database, word_judge: Any, now: datetime) -> Callable[..., Any]:
    """Runs one of the library's acts in a transaction of its own: ``act(approve, 1, "wu")``."""

    def run(function: Callable[..., Any], *arguments: Any) -> Any:
        judging = () if function in (send_back, retire) else (word_judge,)
        return db.run(lambda session: function(session, *judging, *arguments, now))

    return run


@pytest.fixture
def drafted(act: Callable[..., Any]) -> ScriptVersion:
    return act(draft, HEAD, WORDS, "lin")


@pytest.fixture
def approved(act: Callable[..., Any], drafted: ScriptVersion) -> ScriptVersion:
    act(submit_for_approval, drafted.id, "lin")
    return act(approve, drafted.id, "wu")


def served(db: Database, on: date = TODAY) -> list[int]:
    with db.read() as session:
        return [one.number for one in scripts_for(session, stage="middle", on=on)]


def refused(code: str, act: Callable[..., Any], *arguments: Any) -> None:
    with pytest.raises(InvalidInput) as error:
        act(*arguments)
    assert error.value.code == code


def test_a_draft_is_not_served(db: Database, drafted: ScriptVersion) -> None:
    assert (drafted.state, drafted.number, served(db)) == ("draft", 1, [])


def test_an_approved_version_is_served(db: Database, approved: ScriptVersion) -> None:
    assert (approved.state, approved.approver, served(db)) == ("approved", "wu", [1])


def test_nobody_approves_their_own_words(act: Callable[..., Any], drafted: ScriptVersion) -> None:
    act(submit_for_approval, drafted.id, "lin")
    refused("forbidden", act, approve, drafted.id, "lin")


def test_whoever_revises_last_cannot_approve(act: Callable[..., Any], drafted: ScriptVersion) -> None:
    act(revise, drafted.id, WORDS, "wu")
    act(submit_for_approval, drafted.id, "lin")
    refused("forbidden", act, approve, drafted.id, "wu")


@pytest.mark.parametrize("words", [BAD, UNSURE], ids=["block", "review"])
def test_words_that_do_not_pass_cannot_be_submitted(act: Callable[..., Any], words: Wording) -> None:
    version = act(draft, HEAD, words, "lin")
    refused("not_allowed", act, submit_for_approval, version.id, "lin")


@pytest.mark.parametrize("decision", [Decision.BLOCK, Decision.REVIEW])
def test_a_pack_that_changed_since_stops_the_approval(
    act: Callable[..., Any], drafted: ScriptVersion, word_judge: Any, decision: Decision
) -> None:
    act(submit_for_approval, drafted.id, "lin")
    word_judge.words["申请分"] = decision
    refused("not_allowed", act, approve, drafted.id, "wu")


def test_a_refused_approval_leaves_the_version_as_it_was(
    db: Database, act: Callable[..., Any], drafted: ScriptVersion, word_judge: Any
) -> None:
    act(submit_for_approval, drafted.id, "lin")
    word_judge.words["申请分"] = Decision.BLOCK
    refused("not_allowed", act, approve, drafted.id, "wu")
    with db.read() as session:
        assert session.get_one(ScriptVersion, drafted.id).state == "submitted"


def test_every_channel_is_judged_with_filled_slots(drafted: ScriptVersion, word_judge: Any) -> None:
    assert {message.channel for message in word_judge.screened} == {"call", "sms"}
    assert all("{" not in message.text for message in word_judge.screened)


def test_the_verdict_is_kept_with_the_version(act: Callable[..., Any], word_judge: Any) -> None:
    version = act(draft, HEAD, BAD, "lin")
    assert (version.verdict["decision"], version.pack_digest) == ("block", word_judge.digest)


def test_a_draft_may_be_approved_by_nobody(act: Callable[..., Any], drafted: ScriptVersion) -> None:
    refused("conflict", act, approve, drafted.id, "wu")


def test_approving_twice_does_nothing_twice(db: Database, act: Callable[..., Any], approved: ScriptVersion) -> None:
    refused("conflict", act, approve, approved.id, "wu")
    assert served(db) == [1]


def test_an_approved_version_cannot_be_revised(act: Callable[..., Any], approved: ScriptVersion) -> None:
    refused("conflict", act, revise, approved.id, WORDS, "lin")


def test_the_approved_version_stays_in_use_while_the_next_is_written(
    db: Database, act: Callable[..., Any], approved: ScriptVersion
) -> None:
    assert act(new_version, approved.script_id, WORDS, "lin").number == 2
    assert served(db) == [1]


def test_a_new_approved_version_takes_the_place_of_the_old(
    db: Database, act: Callable[..., Any], approved: ScriptVersion
) -> None:
    second = act(new_version, approved.script_id, WORDS, "wu")
    act(submit_for_approval, second.id, "wu")
    act(approve, second.id, "lin")
    with db.read() as session:
        states = {version.number: version.state for version in history(session, approved.script_id)[1]}
    assert (states, served(db)) == ({1: "retired", 2: "approved"}, [2])


def test_only_one_version_is_worked_on(act: Callable[..., Any], approved: ScriptVersion) -> None:
    act(new_version, approved.script_id, WORDS, "lin")
    refused("conflict", act, new_version, approved.script_id, WORDS, "wu")


def test_a_version_with_a_later_date_takes_over_on_its_day(
    db: Database, act: Callable[..., Any], approved: ScriptVersion
) -> None:
    start = TODAY + timedelta(days=3)
    second = act(new_version, approved.script_id, replace(WORDS, valid_from=start), "lin")
    act(submit_for_approval, second.id, "lin")
    act(approve, second.id, "wu")
    assert (served(db), served(db, start)) == ([1], [2])


def test_an_expired_version_does_not_bring_the_old_one_back(
    db: Database, act: Callable[..., Any], approved: ScriptVersion
) -> None:
    short = replace(WORDS, valid_from=TODAY, valid_until=TODAY)
    second = act(new_version, approved.script_id, short, "lin")
    act(submit_for_approval, second.id, "lin")
    act(approve, second.id, "wu")
    assert (served(db), served(db, TODAY + timedelta(days=1))) == ([2], [])


def test_a_retired_version_is_not_served(db: Database, act: Callable[..., Any], approved: ScriptVersion) -> None:
    act(retire, approved.id, "wu", "条款已变")
    assert served(db) == []


def test_retiring_needs_a_reason(act: Callable[..., Any], approved: ScriptVersion) -> None:
    refused("invalid", act, retire, approved.id, "wu", "  ")


def test_a_returned_version_is_a_draft_with_the_reason(act: Callable[..., Any], drafted: ScriptVersion) -> None:
    act(submit_for_approval, drafted.id, "lin")
    version = act(send_back, drafted.id, "wu", "补上投诉电话")
    assert (version.state, version.comment) == ("draft", "补上投诉电话")


def test_a_key_is_used_once(act: Callable[..., Any], drafted: ScriptVersion) -> None:
    refused("conflict", act, draft, HEAD, WORDS, "wu")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (replace(WORDS, say=" "), "say"),
        (replace(WORDS, say="{plan_month}"), "say"),
        (replace(WORDS, say="没有期数"), "must_say"),
        (replace(WORDS, say="分{plan_months}期\x00"), "say"),
        (replace(WORDS, say="分{plan_months}期\ud800"), "say"),
        (replace(WORDS, say="长" * 4001), "say"),
        (replace(WORDS, valid_from=TODAY, valid_until=TODAY - timedelta(days=1)), "valid_until"),
    ],
    ids=["empty", "unknown slot", "must say", "NUL", "surrogate", "long", "dates"],
)
def test_bad_words_are_refused_at_their_field(
    db: Database, act: Callable[..., Any], words: Wording, field: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        act(draft, HEAD, words, "lin")
    with db.read() as session:
        assert (error.value.field, session.scalar(select(ScriptVersion.id))) == (field, None)


def test_there_is_no_such_version(act: Callable[..., Any]) -> None:
    refused("not_found", act, approve, 99, "wu")


def test_every_act_is_entered_in_the_ledger(db: Database, act: Callable[..., Any], approved: ScriptVersion) -> None:
    act(retire, approved.id, "lin", "停用")
    with db.read() as session:
        kinds = list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.seq)))
        assert ledger.verify(session).ok
    assert kinds == ["script:drafted", "script:submitted", "script:approved", "script:retired"]


def led(key: str, answer: str = "hardship") -> Wording:
    return replace(WORDS, branches=(Branch(answer, key),))


def test_a_version_leads_on_by_the_answer(db: Database, act: Callable[..., Any]) -> None:
    act(draft, replace(HEAD, key="middle.plan.next"), WORDS, "lin")
    version = act(draft, HEAD, led("middle.plan.next"), "lin")
    act(submit_for_approval, version.id, "lin")
    act(approve, version.id, "wu")
    with db.read() as session:
        [served] = scripts_for(session, stage="middle", on=TODAY)
    assert served.branches == (("hardship", "middle.plan.next"),)


def test_a_version_that_leads_nowhere_stays_a_draft(act: Callable[..., Any]) -> None:
    version = act(draft, HEAD, led("middle.not.there"), "lin")
    refused("branches", act, submit_for_approval, version.id, "lin")


@pytest.mark.parametrize(
    ("branches", "said"),
    [
        ((Branch("dance", "middle.plan.next"),), "dance"),
        ((Branch("refuse", HEAD.key),), "接回自己"),
        ((Branch("refuse", "no key"),), "no key"),
        ((Branch("refuse", "a.b"), Branch("refuse", "a.c")), "写了两次"),
    ],
    ids=["intent", "itself", "key", "twice"],
)
def test_a_branch_that_cannot_be_is_refused(act: Callable[..., Any], branches: tuple[Branch, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        act(draft, HEAD, replace(WORDS, branches=branches), "lin")
