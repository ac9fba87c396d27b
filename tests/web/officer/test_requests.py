"""Open requests of debtors: most urgent first, answered once, by an officer who did not record them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint
from compliance.rights.models import RightsRequest
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
ANSWER = {"answer": "已寄送账单明细，张伟本人确认，回电13812345678。"}


@pytest.fixture
def receive(app: Flask, cases: Cases) -> Callable[..., str]:
    """``receive("complaint", days=20)``: wang's debtor asked for it 20 days ago; its reference."""
    edge = state_of(app)

    def add(type: str, *, days: float = 1, by: str = "wang", point: str | None = None) -> str:
        with edge.db.write() as session:
            account = session.get_one(Account, cases["wang"])
            named = session.scalar(select(ContactPoint.id).where(ContactPoint.ref == point)) if point else None
            request = rights.receive_request(
                session, debtor_id=account.debtor_id, account_id=account.id, contact_point_id=named, type=type,
                channel="call", evidence="录音 1：张伟称 13812345678 是工作号", at=edge.clock() - timedelta(days=days),
                actor=by, now=edge.clock(), policy=edge.judge.policy,
            )  # fmt: skip
            return request.ref

    return add


def stored(app: Flask, ref: str) -> RightsRequest:
    with state_of(app).db.read() as session:
        return session.scalars(select(RightsRequest).where(RightsRequest.ref == ref)).one()


def kinds(app: Flask) -> list[str]:
    with state_of(app).db.read() as session:
        return [entry.kind for entry in ledger.entries(session, limit=1000)]


def test_the_most_urgent_is_first_and_what_is_overdue_says_so(login: Login, receive: Callable[..., str]) -> None:
    later, late = receive("plan", days=0.5), receive("complaint", days=40)
    page = login("chen").get("/rights").text
    assert page.index(f"/rights/{late}") < page.index(f"/rights/{later}")
    assert page.count('class="zy-late"') == 1
    assert "已逾期 1" in page


def test_nothing_open_is_said(login: Login, cases: Cases) -> None:
    assert "没有未结的权利请求" in login("chen").get("/rights").text


@pytest.mark.parametrize("path", ["/rights", "/rights/{ref}"])
def test_the_debtor_is_masked(login: Login, receive: Callable[..., str], path: str) -> None:
    page = login("chen").get(path.format(ref=receive("stop_contact", point="M-wang"))).text
    assert "张*" in page
    assert "张伟" not in page
    assert "13812345678" not in page


def test_the_effect_is_that_of_the_named_contact_point_and_of_all_others(
    login: Login, receive: Callable[..., str]
) -> None:
    page = login("chen").get(f"/rights/{receive('stop_contact', point='M-wang')}").text
    effects = page[page.index("zy-effects") :]
    assert effects.index("禁止联系") < effects.index("138****5678") < effects.index("其他联系方式")


def test_an_answer_closes_it_and_is_in_the_ledger(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("explanation")
    assert login("chen").submit(f"/rights/{ref}/answer", ANSWER).headers["Location"] == "/rights"
    closed = stored(app, ref)
    assert (closed.closed_by, closed.answer) == ("chen", ANSWER["answer"])
    assert kinds(app)[-1] == "request:closed"


def test_it_is_answered_once(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("explanation")
    login("chen").submit(f"/rights/{ref}/answer", ANSWER)
    assert login("zhao").submit(f"/rights/{ref}/answer", {"answer": "另一个答复"}).status_code == 409
    assert stored(app, ref).answer == ANSWER["answer"]
    assert kinds(app).count("request:closed") == 1


@pytest.mark.parametrize("answer", ["", "  ", "答\0复", "答" * 5001])
def test_an_answer_that_says_nothing_or_cannot_be_kept_is_shown_at_its_field(
    app: Flask, login: Login, receive: Callable[..., str], answer: str
) -> None:
    ref = receive("explanation")
    page = login("chen").submit(f"/rights/{ref}/answer", {"answer": answer})
    assert page.status_code == 422
    assert "is-invalid" in page.text
    assert stored(app, ref).closed_at is None


@pytest.mark.parametrize("name", ["wang", "lin", "admin"])
@pytest.mark.parametrize("act", ["answer", "extend"])
def test_only_officers_answer(app: Flask, login: Login, receive: Callable[..., str], name: str, act: str) -> None:
    ref = receive("explanation")
    assert login(name).submit(f"/rights/{ref}/{act}", ANSWER).status_code == 403
    assert stored(app, ref).closed_at is None


def test_who_recorded_it_does_not_answer_it(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("complaint", by="chen")
    chen = login("chen")
    assert "自己登记的请求由他人答复" in chen.get(f"/rights/{ref}").text
    assert chen.submit(f"/rights/{ref}/answer", ANSWER).status_code == 403
    assert chen.submit(f"/rights/{ref}/extend", {"extension": "complex", "reason": "案情复杂"}).status_code == 403
    assert stored(app, ref).closed_at is None
    assert login("zhao").submit(f"/rights/{ref}/answer", ANSWER).status_code == 303


@pytest.mark.parametrize("path", ["/rights/rq_none", "/rights/%20"])
def test_a_request_that_is_not_there_is_not_found(login: Login, cases: Cases, path: str) -> None:
    assert login("chen").get(path).status_code == 404


def test_a_complex_complaint_gets_more_time(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("complaint")
    before = stored(app, ref).due_at
    form = {"extension": "complex", "reason": "须向委托方调取录音"}
    assert login("chen").submit(f"/rights/{ref}/extend", form).status_code == 303
    after = stored(app, ref).due_at
    assert before is not None
    assert after == before + timedelta(days=15)
    assert kinds(app)[-1] == "request:extended"


SPECIAL = {"extension": "special", "reason": "涉及三家机构", "approved_by": "zhao", "told_at": "2026-11-18T09:00"}


@pytest.mark.parametrize(
    "change",
    [
        {"approved_by": ""}, {"approved_by": "chen"}, {"approved_by": "wang"}, {"approved_by": "nobody"},
        {"told_at": ""}, {"told_at": "2026-11-19T09:00"}, {"reason": " "}, {"extension": "endless"},
    ],
    ids=str,
)  # fmt: skip
def test_an_extension_that_lacks_what_it_needs_is_shown_and_changes_nothing(
    app: Flask, login: Login, receive: Callable[..., str], change: dict[str, str]
) -> None:
    ref = receive("complaint")
    before = stored(app, ref).due_at
    page = login("chen").submit(f"/rights/{ref}/extend", SPECIAL | change)
    assert page.status_code == 422
    assert "is-invalid" in page.text
    assert stored(app, ref).due_at == before


def test_an_approved_extension_of_which_the_debtor_was_told_is_given(
    app: Flask, login: Login, receive: Callable[..., str]
) -> None:
    ref = receive("complaint")
    before = stored(app, ref).due_at
    assert login("chen").submit(f"/rights/{ref}/extend", SPECIAL).status_code == 303
    after = stored(app, ref).due_at
    assert before is not None
    assert after == before + timedelta(days=45)


@pytest.mark.parametrize(("type", "days"), [("explanation", 1), ("complaint", 40)])
def test_no_more_time_is_offered_where_the_data_have_none_or_it_has_run_out(
    login: Login, receive: Callable[..., str], type: str, days: int
) -> None:
    assert "/extend" not in login("chen").get(f"/rights/{receive(type, days=days)}").text


def test_the_collector_reads_the_answer_masked(login: Login, receive: Callable[..., str], cases: Cases) -> None:
    ref = receive("explanation")
    login("chen").submit(f"/rights/{ref}/answer", ANSWER)
    page = login("wang").get(f"/cases/{cases['wang']}").text
    assert "已寄送账单明细，张*本人确认，回电138****5678。" in page
    assert ANSWER["answer"] not in page


def test_a_closed_request_is_shown_with_its_answer_and_without_a_form(
    login: Login, receive: Callable[..., str]
) -> None:
    ref, chen = receive("explanation"), login("chen")
    chen.submit(f"/rights/{ref}/answer", ANSWER)
    assert f"/rights/{ref}" in chen.get("/rights").text
    page = chen.get(f"/rights/{ref}").text
    assert "已寄送账单明细" in page
    assert "/answer" not in page


def test_an_officer_takes_it_and_may_hand_it_on(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref, chen = receive("dispute"), login("chen")
    assert chen.submit(f"/rights/{ref}/owner", {"owner": "chen"}).status_code == 303
    assert ref in chen.get("/rights?owner=mine").text
    assert ref not in login("zhao").get("/rights?owner=mine").text
    chen.submit(f"/rights/{ref}/owner", {"owner": "zhao"})
    assert stored(app, ref).owner == "zhao"


def test_it_is_handed_to_officers_only(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("dispute")
    assert login("chen").submit(f"/rights/{ref}/owner", {"owner": "wang"}).status_code == 422
    assert stored(app, ref).owner is None


@pytest.mark.parametrize(
    ("asked", "shown"), [("?type=plan", "plan"), ("?urgency=overdue", "complaint"), ("?owner=nobody", "plan")]
)
def test_the_list_is_filtered(login: Login, receive: Callable[..., str], asked: str, shown: str) -> None:
    refs = {"plan": receive("plan", days=0.5), "complaint": receive("complaint", days=40)}
    login("zhao").submit(f"/rights/{refs['complaint']}/owner", {"owner": "zhao"})
    page = login("chen").get(f"/rights{asked}").text
    assert [name for name, ref in refs.items() if ref in page] == [shown]


def test_a_refusal_is_told_as_one(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref, chen = receive("pi_deletion"), login("chen")
    chen.submit(f"/rights/{ref}/answer", {"answer": "法定保存期未满，只存储不再使用。", "outcome": "refused"})
    assert stored(app, ref).outcome == "refused"
    assert "不予支持" in chen.get(f"/rights/{ref}").text


def test_an_unknown_outcome_is_shown_and_changes_nothing(app: Flask, login: Login, receive: Callable[..., str]) -> None:
    ref = receive("explanation")
    assert login("chen").submit(f"/rights/{ref}/answer", ANSWER | {"outcome": "lost"}).status_code == 422
    assert stored(app, ref).closed_at is None


def test_an_answer_may_be_reviewed_and_its_author_does_not_review_it(
    app: Flask, login: Login, receive: Callable[..., str]
) -> None:
    ref = receive("complaint")
    client = login("chen")
    client.submit(f"/rights/{ref}/answer", {**ANSWER, "outcome": "answered"})
    assert f"/rights/{ref}/review" in client.get(f"/rights/{ref}").text
    client.submit(f"/rights/{ref}/review", {"channel": "letter", "evidence": "来信不服处理结果"})
    with state_of(app).db.read() as session:
        review = session.scalars(select(RightsRequest).where(RightsRequest.review_of == ref)).one()
    assert review.decided_by == "chen"
    page = client.get(f"/rights/{ref}").text
    assert f"/rights/{review.ref}" in page
    assert f"/rights/{ref}/review" not in page
    assert "不再因它限制联系" in page and "机构政策" not in page
    reviewing = login("zhao").get(f"/rights/{review.ref}").text
    assert all(word in reviewing for word in ("机构政策", "要核查的处理结果", "已寄送账单明细", "Chen 1003", ref))
    assert ">核查<" in client.get("/rights").text


def test_a_review_needs_the_debtors_words(login: Login, receive: Callable[..., str]) -> None:
    ref = receive("complaint")
    client = login("chen")
    client.submit(f"/rights/{ref}/answer", {**ANSWER, "outcome": "answered"})
    assert client.submit(f"/rights/{ref}/review", {"channel": "letter"}).status_code == 422
