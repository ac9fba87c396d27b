"""A token that was found good a moment ago: what it still opens, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from compliance.gate.models import Outreach
from tests.compliance.gate.world import populate
from web.accounts import User, issue_token
from web.accounts.models import ApiToken
from web.auth.lately import MOMENT_S, MOST, Lately
from web.auth.roles import is_for_lately


class Seconds:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(app: Flask) -> Seconds:
    clock = Seconds()
    app.extensions["zhengyan-lately"] = Lately(clock)
    return clock


@pytest.fixture
def status(app: Flask, now: datetime) -> Callable[[str], int]:
    """``status("/screen")``: with what Wang's token is answered there."""
    with app.extensions["zhengyan"].db.write() as session:
        token = issue_token(session, session.scalars(select(User).where(User.name == "wang")).one(), now)

    def ask(path: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"text": "您好"} if path == "/screen" else None
        return app.test_client().open(
            f"/api/v1{path}", method="POST" if body else "GET", json=body, headers=headers
        ).status_code  # fmt: skip

    return ask


def revoke(app: Flask, now: datetime) -> None:
    with app.extensions["zhengyan"].db.write() as session:
        session.scalars(select(ApiToken)).one().revoked_at = now


def test_a_revoked_token_has_a_text_judged_for_a_moment_and_no_longer(
    app: Flask, now: datetime, seconds: Seconds, status: Callable[[str], int]
) -> None:
    assert status("/screen") == 200
    revoke(app, now)
    assert status("/screen") == 200
    seconds.now += MOMENT_S
    assert status("/screen") == 401
    assert status("/screen") == 401


def test_a_revoked_token_reads_and_records_nothing_more_at_once(
    app: Flask, now: datetime, seconds: Seconds, status: Callable[[str], int]
) -> None:
    assert status("/screen") == 200
    assert status("/debtors/nobody") == 404
    revoke(app, now)
    assert status("/debtors/nobody") == 401


def test_a_token_that_was_refused_is_asked_for_again(
    app: Flask, now: datetime, seconds: Seconds, status: Callable[[str], int]
) -> None:
    revoke(app, now)
    assert status("/screen") == 401
    with app.extensions["zhengyan"].db.write() as session:
        session.scalars(select(ApiToken)).one().revoked_at = None
    assert status("/screen") == 200


def test_no_more_than_so_many_are_known() -> None:
    lately = Lately[int](Seconds())
    for number in range(MOST + 1):
        lately.put(str(number), number)
    assert lately.get("0") is None
    assert lately.get(str(MOST)) == MOST


@pytest.fixture
def submit(app: Flask, now: datetime, seconds: Seconds) -> Callable[[str], TestResponse]:
    """``submit("1")``: an SMS with that id, sent with an officer's token."""
    db = app.extensions["zhengyan"].db
    populate(db)
    with db.write() as session:
        token = issue_token(session, session.scalars(select(User).where(User.name == "zhao")).one(), now)
    headers = {"Authorization": f"Bearer {token}"}

    def send(id: str, debtor: str = "D1") -> TestResponse:
        body = {"id": id, "debtor": debtor, "contact_point": "M1", "channel": "sms", "text": "您好，请联系我们。"}
        return app.test_client().post("/api/v1/outreach", json=body, headers=headers)

    return send


def ids(app: Flask) -> list[str]:
    with app.extensions["zhengyan"].db.read() as session:
        return list(session.scalars(select(Outreach.client_id).order_by(Outreach.id)))


def test_a_submission_asks_for_the_token_once(app: Flask, submit: Callable[[str], TestResponse]) -> None:
    asked: list[bool] = []
    event.listen(
        app.extensions["zhengyan"].db.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: asked.append("api_tokens" in statement),
    )
    for id in ("1", "2"):
        asked.clear()
        assert submit(id).status_code == 201
        assert sum(asked) == 1


def test_a_revoked_token_submits_nothing_more_at_once(
    app: Flask, now: datetime, submit: Callable[[str], TestResponse]
) -> None:
    assert submit("1").status_code == 201
    revoke(app, now)
    for id in ("2", "1"):
        answer = submit(id)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")  # type: ignore[index]
    assert submit("3").status_code == 401
    assert ids(app) == ["1"]


def test_a_revoked_token_is_not_told_whom_there_is(
    app: Flask, now: datetime, submit: Callable[..., TestResponse]
) -> None:
    assert submit("1").status_code == 201
    revoke(app, now)
    assert submit("2", "nobody").status_code == 401


def test_whose_role_has_just_changed_is_asked_to_try_again(
    app: Flask, seconds: Seconds, submit: Callable[[str], TestResponse]
) -> None:
    assert submit("1").status_code == 201
    with app.extensions["zhengyan"].db.write() as session:
        session.scalars(select(User).where(User.name == "zhao")).one().role = "trainer"
    answer = submit("2")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "account_changed")  # type: ignore[index]
    seconds.now += MOMENT_S
    assert submit("2").status_code == 403
    assert ids(app) == ["1"]


def test_no_other_view_takes_who_was_found_a_moment_ago(app: Flask) -> None:
    """One reads and records nothing; the other asks again in its transaction, as tested above."""
    assert {name for name in app.view_functions if is_for_lately(app, name)} == {"api.screen", "api.submit"}
