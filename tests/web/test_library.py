from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.calls.models import Call, SuggestionUse
from compliance.casebook.models import ContactPoint
from compliance.judge.types import Decision
from scripts_library import load_seeds, plant, recheck
from scripts_library.models import Script, ScriptVersion
from scripts_library.seeding import SeedScript
from scripts_library.slots import SLOTS
from scripts_library.wording import ONLY, ScriptHead, Wording
from tests.compliance.gate.world import populate
from web.library.comparing import Change, compare
from web.library.words import ONLY as ONLY_WORDS
from web.library.words import SLOT

PLAN = SeedScript(
    ScriptHead("middle.plan.test", "middle", "协商分期", "试一试", channels=("call", "sms")),
    Wording("您可以申请分{plan_months}期。", "给出路", "不要说没有分期", ("说明 {plan_months}",), ("CN-PLAN-01",)),
    (),
)
SEEDS = load_seeds()
FORM = {
    "key": "late.test.new",
    "title": "新的",
    "stage": "late",
    "scene": "诉前告知",
    "channels": ["call"],
    "audience": "debtor",
    "intent": "",
    "say": "{creditor}可能依法通过诉讼解决。",
    "article": "CN-LEGAL-07",
}


@pytest.fixture
def shelf(app: Flask, word_judge: Any, now: datetime) -> Flask:
    """The application with a judge of two words and one approved script of lin's."""
    state = replace(app.extensions["zhengyan"], judge=word_judge)
    app.extensions["zhengyan"] = state
    with state.db.write() as session:
        plant(session, word_judge, [PLAN], author="lin", approver="wu", now=now)
    return app


@pytest.fixture
def lin(shelf: Flask, login: Callable[[str], Any]) -> Any:
    return login("lin")


@pytest.fixture
def wu(shelf: Flask, login: Callable[[str], Any]) -> Any:
    return login("wu")


def states(app: Flask) -> dict[int, str]:
    with app.extensions["zhengyan"].db.read() as session:
        return {version.id: version.state for version in session.query(ScriptVersion)}


def plain(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


def write_second(lin: Any, say: str = "您可以申请最多{plan_months}期。") -> None:
    answer = lin.submit("/library/1/edit", {"say": say, "article": "CN-PLAN-01"})
    assert answer.status_code == 303


def test_the_tree_and_the_list_show_a_script(lin: Any) -> None:
    page = lin.get("/library").text
    assert "协商分期" in page
    assert "试一试" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?stage=middle", True),
        ("?stage=late", False),
        ("?q=plan-01", True),
        ("?q=飞机", False),
        ("?channel=sms", True),
        ("?channel=letter", False),
        ("?intent=refuse", False),
        ("?product=credit_card", True),
        ("?page=7", False),
        ("?state=draft", False),
    ],
)
def test_the_list_is_filtered(lin: Any, query: str, found: bool) -> None:
    assert ("试一试" in lin.get(f"/library{query}").text) is found


@pytest.mark.parametrize("number", ["0", "-1", "x", "9223372036854775807", "99999999999999999999", "２"])
def test_an_odd_number_in_the_address_is_no_error(lin: Any, number: str) -> None:
    assert lin.get("/library", query_string={"page": number}).status_code == 200
    assert lin.get("/library/1", query_string={"version": number, "against": number}).status_code in (200, 404)


def test_words_that_were_looked_for_are_marked(lin: Any) -> None:
    assert '<mark class="lib-hit">申请</mark>' in lin.get("/library?q=申请").text


def test_words_that_no_script_has_together_are_said_to_be(lin: Any) -> None:
    page = plain(lin.get("/library?q=申请 飞机").text)
    assert "没有话术含有全部词语" in page
    assert "试一试" in page


def test_a_script_shows_what_a_collector_needs(lin: Any) -> None:
    page = plain(lin.get("/library/1").text)
    for part in ("您可以申请分分期期数期", "给出路", "不要说没有分期", "CN-PLAN-01", "信用卡办法2011"):
        assert part in page


def test_a_new_script_is_saved_as_a_draft(shelf: Flask, lin: Any) -> None:
    answer = lin.submit("/library/new", FORM)
    assert (answer.status_code, states(shelf)[2]) == (303, "draft")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "middle.plan.test"}, "is taken"),
        ({"say": ""}, "必填"),
        ({"say": "{creditr}"}, "{creditr}"),
        ({"article": "CN-FREQ-07"}, "未经核实"),
        ({"channels": []}, "至少选一个渠道"),
        ({"audience": "other_third_party"}, "第三人"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "失效日"),
        ({"stage": "early"}, "阶段"),
    ],
    ids=["taken", "empty", "slot", "article", "channel", "third party", "dates", "stage"],
)
def test_a_wrong_field_is_shown_and_nothing_saved(shelf: Flask, lin: Any, wrong: dict[str, Any], said: str) -> None:
    answer = lin.submit("/library/new", FORM | wrong)
    assert (answer.status_code, list(states(shelf))) == (422, [1])
    assert said in answer.text


def test_what_was_typed_is_not_lost_with_a_fault(lin: Any) -> None:
    assert "可能依法通过诉讼解决" in lin.submit("/library/new", FORM | {"key": ""}).text


def test_the_live_check_marks_what_does_not_pass(lin: Any) -> None:
    page = lin.submit("/library/check", FORM | {"say": "不还就坐牢"}).text
    assert '<mark class="zy-mark zy-mark-block" data-findings="0">坐牢</mark>' in page


def test_the_live_check_of_a_version_knows_its_channels(lin: Any, word_judge: Any) -> None:
    word_judge.screened.clear()
    lin.submit("/library/1/check", {"say": "分{plan_months}期"})
    assert {message.channel for message in word_judge.screened} == {"call", "sms"}


@pytest.mark.parametrize("path", ["/library/new", "/library/1/edit"])
def test_without_javascript_the_check_is_a_button(shelf: Flask, lin: Any, path: str) -> None:
    page = lin.submit(path, FORM | {"say": "不还就坐牢", "check": "1"}).text
    assert "zy-mark-block" in page
    assert list(states(shelf)) == [1]


def test_the_form_asks_for_every_reservation_and_keeps_it(app: Flask, shelf: Flask, lin: Any) -> None:
    assert set(ONLY_WORDS) == set(ONLY)
    lin.submit("/library/new", FORM | {"key": "late.test.assigned", "only": ["assigned"]})
    with app.extensions["zhengyan"].db.read() as session:
        assert session.scalars(select(Script.only).where(Script.key == "late.test.assigned")).all() == ["assigned"]
    assert "没有专用条件" in plain(lin.submit("/library/new", FORM | {"key": "late.test.b", "only": ["sold"]}).text)


def test_a_new_version_leaves_the_old_in_use(shelf: Flask, lin: Any) -> None:
    write_second(lin)
    assert states(shelf) == {1: "approved", 2: "draft"}


def test_saving_a_draft_again_makes_no_third_version(shelf: Flask, lin: Any) -> None:
    write_second(lin)
    write_second(lin, "您可以申请最多{plan_months}期，以审批为准。")
    assert states(shelf) == {1: "approved", 2: "draft"}


def test_another_person_approves(shelf: Flask, lin: Any, wu: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    assert wu.submit("/library/versions/2/approve").status_code == 303
    assert states(shelf) == {1: "retired", 2: "approved"}


def test_nobody_approves_their_own_version(shelf: Flask, lin: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    assert lin.submit("/library/versions/2/approve").status_code == 403
    assert states(shelf)[2] == "submitted"


def test_the_author_is_told_to_wait_for_somebody_else(lin: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    page = lin.get("/library/1").text
    assert "须由另一位培训师批准" in page
    assert "/versions/2/approve" not in page


def test_words_that_do_not_pass_cannot_be_submitted(shelf: Flask, lin: Any) -> None:
    write_second(lin, "后果自负，{plan_months}期")
    assert lin.submit("/library/versions/2/submit").status_code == 422
    assert states(shelf)[2] == "draft"


def test_submitting_twice_does_nothing_twice(lin: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    assert lin.submit("/library/versions/2/submit").status_code == 409


def test_a_returned_version_shows_the_reason(shelf: Flask, lin: Any, wu: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    wu.submit("/library/versions/2/return", {"reason": "写明以审批为准"})
    assert "写明以审批为准" in lin.get("/library/1").text
    assert states(shelf)[2] == "draft"


def seeded(lin: Any) -> Any:
    """The shipped scripts, submitted by lin."""
    answer = lin.submit("/library/seed")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/library?state=submitted")
    return answer


def test_an_empty_library_leads_to_the_shipped_scripts(app: Flask, login: Callable[[str], Any]) -> None:
    lin = login("lin")
    assert "/library/import#shipped" in lin.get("/library").text
    assert f"有 {len(SEEDS)} 条本库还没有" in lin.get("/library/import").text


def test_shipped_scripts_wait_for_another_trainer(shelf: Flask, lin: Any) -> None:
    seeded(lin)
    assert list(states(shelf).values()) == ["approved", *["submitted"] * len(SEEDS)]
    assert "随产品附带的话术本库都有" in lin.get("/library/import").text
    assert "先看下一条" not in lin.get("/library/2").text


def test_shipped_scripts_leave_alone_what_the_library_has(shelf: Flask, lin: Any) -> None:
    lin.submit("/library/new", {**FORM, "key": SEEDS[0].key})
    seeded(lin)
    seeded_again = lin.submit("/library/seed")
    assert list(states(shelf).values()) == ["approved", "draft", *["submitted"] * (len(SEEDS) - 1)]
    assert seeded_again.headers["Location"] == "/library"


def test_who_approves_is_led_from_one_to_the_next(shelf: Flask, lin: Any, wu: Any) -> None:
    seeded(lin)
    assert "/library/3" in wu.get("/library/2").text
    assert wu.submit("/library/versions/2/approve").headers["Location"] == "/library/3"
    assert f"还有 {len(SEEDS) - 1} 条等您审批" in wu.get("/library/3").text
    assert wu.submit("/library/versions/3/return", {"reason": "改"}).headers["Location"] == "/library/4"
    last = len(SEEDS) + 1
    assert wu.submit(f"/library/versions/{last}/approve").headers["Location"] == "/library/4"


def test_behind_the_last_nothing_waits(shelf: Flask, lin: Any, wu: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    assert "先看下一条" not in wu.get("/library/1").text
    assert wu.submit("/library/versions/2/approve").headers["Location"] == "/library/1?version=2"


def test_retiring_needs_a_reason(shelf: Flask, wu: Any) -> None:
    assert wu.submit("/library/versions/1/retire", {"reason": ""}).status_code == 422
    wu.submit("/library/versions/1/retire", {"reason": "条款已变"})
    assert states(shelf) == {1: "retired"}


def test_two_versions_are_compared_in_place(lin: Any) -> None:
    write_second(lin)
    page = lin.get("/library/1?version=2").text
    assert "<del>分</del>" in page
    assert "<ins>最多</ins>" in page


def test_who_is_to_approve_reads_first_what_changed(lin: Any, wu: Any) -> None:
    write_second(lin)
    draft = lin.get("/library/1").text
    lin.submit("/library/versions/2/submit")
    waiting = wu.get("/library/1").text
    assert draft.index('class="lib-words"') < draft.index('id="diff"')
    assert waiting.index('id="diff"') < waiting.index('class="lib-words"')


@pytest.mark.parametrize("path", ["/library/99", "/library/99/edit"])
def test_there_is_no_such_script(lin: Any, path: str) -> None:
    assert lin.get(path).status_code == 404


@pytest.mark.parametrize("name", ["wang", "chen", "admin"])
@pytest.mark.parametrize("path", ["/library", "/library/1", "/library/new", "/library/1/edit"])
def test_the_library_is_the_trainers(shelf: Flask, login: Callable[[str], Any], name: str, path: str) -> None:
    assert login(name).get(path).status_code == 403


@pytest.mark.parametrize("act", ["submit", "approve", "return", "retire", "restore", "comments"])
def test_an_act_is_never_a_get(lin: Any, act: str) -> None:
    assert lin.get(f"/library/versions/1/{act}").status_code == 405


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("同样", "同样", [Change("same", "同样")]),
        ("", "新", [Change("new", "新")]),
        ("分三期", "分六期", [Change("same", "分"), Change("gone", "三"), Change("new", "六"), Change("same", "期")]),
        ("甲天乙", "丙天丁", [Change("gone", "甲天乙"), Change("new", "丙天丁")]),
    ],
    ids=["same", "added", "changed", "a lone common character is noise"],
)
def test_changes_are_read_by_people(old: str, new: str, expected: list[Change]) -> None:
    assert compare(old, new) == expected


@pytest.mark.parametrize(("old", "new"), [("一二三四五", "一三五七"), ("请您还款", "请您尽快还款。"), ("", "")])
def test_nothing_is_lost_in_comparing(old: str, new: str) -> None:
    changes = compare(old, new)
    assert "".join(one.text for one in changes if one.kind != "new") == old
    assert "".join(one.text for one in changes if one.kind != "gone") == new


def test_branches_are_written_by_the_word_on_the_screen(shelf: Flask, lin: Any) -> None:
    lin.submit("/library/new", FORM)
    lin.submit(
        "/library/1/edit", {"say": "分{plan_months}期。", "branches": "经济困难 late.test.new\nrefuse → late.no.such"}
    )
    page = plain(lin.get("/library/1").text)
    assert "经济困难" in page
    assert "新的" in page
    assert "没有这条话术" in page
    assert "试一试" in plain(lin.get("/library/2").text)


def test_what_was_written_as_branches_comes_back_into_the_form(lin: Any) -> None:
    lin.submit("/library/1/edit", {"say": "分{plan_months}期。", "branches": "refuse late.no.such"})
    assert "拒绝还款 late.no.such</textarea>" in lin.get("/library/1/edit").text


@pytest.mark.parametrize("line", ["dance late.a.b", "refuse", "refuse middle.plan.test"])
def test_a_wrong_branch_is_shown_at_its_field(shelf: Flask, lin: Any, line: str) -> None:
    answer = lin.submit("/library/1/edit", {"say": "分{plan_months}期。", "branches": line})
    assert answer.status_code == 422
    assert 'aria-describedby="branches-hint"' in answer.text


def test_an_earlier_version_is_taken_up_again(shelf: Flask, lin: Any, wu: Any) -> None:
    write_second(lin)
    lin.submit("/library/versions/2/submit")
    wu.submit("/library/versions/2/approve")
    assert "按第 1 版写新草稿" in plain(lin.get("/library/1?version=1").text)
    assert lin.submit("/library/versions/1/restore").status_code == 303
    assert states(shelf) == {1: "retired", 2: "approved", 3: "draft"}


def test_while_a_draft_is_written_nothing_else_is_taken_up(lin: Any) -> None:
    write_second(lin)
    assert "按第 1 版写新草稿" not in plain(lin.get("/library/1?version=1").text)
    assert lin.submit("/library/versions/1/restore").status_code == 409


def test_a_remark_stands_on_the_page(lin: Any, wu: Any) -> None:
    wu.submit("/library/versions/1/comments", {"text": "期数<b>上限</b>？"})
    assert "期数&lt;b&gt;上限&lt;/b&gt;？" in lin.get("/library/1").text


def test_an_empty_remark_is_refused(lin: Any) -> None:
    assert lin.submit("/library/versions/1/comments", {"text": " "}).status_code == 422


def test_the_author_is_told_of_what_was_withdrawn_until_they_have_seen_it(
    shelf: Flask, lin: Any, wu: Any, word_judge: Any, now: datetime
) -> None:
    word_judge.words["申请分"] = Decision.BLOCK
    recheck(shelf.extensions["zhengyan"].db, word_judge, word_judge.digest, now)
    assert "1 条话术被撤下" in lin.get("/library").text
    assert "不能说申请分" in lin.get("/library").text
    assert "被撤下" not in wu.get("/library").text
    lin.submit("/library/notices/seen")
    assert "被撤下" not in lin.get("/library").text


def test_nothing_is_said_of_a_script_that_nobody_used(lin: Any) -> None:
    assert "还没有人在通话里用过" in lin.get("/library/1").text


def test_few_calls_are_counted_and_many_have_an_interval(lin: Any, shelf: Flask, now: datetime) -> None:
    use_in_calls(shelf, now, 19)
    page = lin.get("/library/1").text
    assert "太少，不算比例" in page
    assert "%" not in plain(page.partition('id="uses"')[2].partition("</section>")[0])
    use_in_calls(shelf, now, 1)
    assert "20 次，84%–100%" in lin.get("/library/1").text


def use_in_calls(app: Flask, now: datetime, count: int) -> None:
    """So many closed calls with a promise, in each of which the first version was taken."""
    db = app.extensions["zhengyan"].db
    with db.read() as session:
        known = session.query(ContactPoint).first()
    if known is None:
        populate(db)
    with db.write() as session:
        point = session.query(ContactPoint).first()
        at = session.query(Call).count()
        for number in range(at, at + count):
            call = Call(
                ref=f"c{number}", debtor_id=point.debtor_id, contact_point_id=point.id, collector="wang", caller="王",
                direction="in", started_at=now, opened_at=now, closed_at=now, outcome="promise",
            )  # fmt: skip
            session.add(call)
            session.flush()
            session.add(SuggestionUse(call_id=call.id, script_version_id=1, revision=1, by="wang", at=now))


@pytest.mark.parametrize("ending", ["xlsx", "md"])
def test_what_is_exported_is_imported_without_a_change(shelf: Flask, lin: Any, ending: str) -> None:
    raw = lin.get(f"/library/export.{ending}")
    assert f"scripts.{ending}" in raw.headers["Content-Disposition"]
    page = plain(lin.submit("/library/import", {"file": (io.BytesIO(raw.data), f"a.{ending}")}).text)
    assert "无变化 1" in page
    assert states(shelf) == {1: "approved"}


NEW = "## late.a.b\n- 阶段：late\n- 场景：诉前告知\n- 标题：二\n### 说什么\n{}\n"


def test_a_dry_run_shows_what_would_happen(shelf: Flask, lin: Any) -> None:
    file = (io.BytesIO(NEW.format("不还就坐牢").encode()), "C:\\a.md")
    page = lin.submit("/library/import", {"file": file, "dry": "1"}).text
    assert "试运行，什么都没有改" in page
    assert "late.a.b" in page
    assert list(states(shelf)) == [1]


def test_an_import_names_what_is_wrong_and_keeps_the_rest(shelf: Flask, lin: Any) -> None:
    text = NEW.format("您好") + NEW.replace("late.a.b", "late.a.c").format("{creditr}您好")
    page = lin.submit("/library/import", {"file": (io.BytesIO(text.encode()), "a.md")}).text
    assert "a.md 第 " in page
    assert states(shelf) == {1: "approved", 2: "draft"}


@pytest.mark.parametrize("sent", [{}, {"file": (io.BytesIO(b"x"), "a.doc")}], ids=["nothing", "another kind"])
def test_without_a_fit_file_nothing_is_imported(lin: Any, sent: dict[str, Any]) -> None:
    assert lin.submit("/library/import", sent).status_code == 422


def test_every_slot_has_a_word_on_the_screen() -> None:
    assert set(SLOT) == set(SLOTS)
