"""A token that was found good a moment ago: what it still opens, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from web.accounts import User, issue_token
from web.accounts.models import ApiToken
from web.auth.lately import MOMENT_S, MOST, Lately


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
