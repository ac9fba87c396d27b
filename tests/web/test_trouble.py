"""When the database or the clock cannot be relied on, people and programs are told so, and to come back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import event, select

from compliance import gate
from compliance.gate.models import Outreach
from tests.conftest import PASSWORD, PageClient
from web import create_app
from web.accounts import User, create_user, issue_token
from web.config import Config
from web.state import state_of

BODY = {"id": "t-1", "debtor": "D-wang", "contact_point": "M-wang", "channel": "call"}


@pytest.fixture
def token(app: Flask, cases: dict[str, int]) -> str:
    edge = state_of(app)
    with edge.db.write() as session:
        return issue_token(session, session.scalars(select(User).where(User.name == "wang")).one(), edge.clock())


def post(app: Flask, token: str) -> Any:
    return app.test_client().post("/api/v1/outreach", json=BODY, headers={"Authorization": f"Bearer {token}"})


def refuse(*_: Any) -> None:
    raise sqlite3.OperationalError("unable to open database file")


@contextmanager
def no_database(app: Flask) -> Iterator[None]:
    engine = state_of(app).db.engine
    engine.dispose()
    event.listen(engine, "do_connect", refuse)
    yield
    event.remove(engine, "do_connect", refuse)


def rows(app: Flask) -> list[str]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(Outreach.client_id)))


def test_a_locked_database_is_503_with_a_reason(app: Flask, token: str) -> None:
    edge = state_of(app)
    event.listen(edge.db.engine, "connect", lambda c, _r: c.execute("PRAGMA busy_timeout = 20"))
    edge.db.engine.dispose()
    edge.db.timeout_s = 0.0
    with edge.db.write():
        answer = post(app, token)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert rows(app) == []
    assert post(app, token).status_code == 201


@pytest.mark.parametrize("path", ["/review", "/no-such-page"])
def test_a_page_says_it_too(app: Flask, login: Callable[[str], PageClient], path: str) -> None:
    """That of another error as well: it names who is signed in, and would have to ask."""
    browser = login("chen")
    with no_database(app):
        answer = browser.get(path)
    assert answer.status_code == 503
    assert "数据库暂时不可用" in answer.text


def test_who_signs_in_is_told_it_too(app: Flask) -> None:
    app.test_client_class = PageClient
    browser = cast(PageClient, app.test_client())
    with no_database(app):
        answer = browser.submit("/login", {"name": "chen", "password": "whatever it is"})
    assert answer.status_code == 503
    assert "数据库暂时不可用" in answer.text


def test_a_clock_that_was_set_back_is_503_with_a_reason(app: Flask, token: str) -> None:
    edge = state_of(app)
    earlier = gate.Submission("later", "D-wang", "call", "M-wang")
    gate.submit(edge.db, edge.judge, earlier, gate.Actor("wang"), edge.clock() + timedelta(hours=1), keys=edge.keys)
    answer = post(app, token)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "clock_behind")
    assert rows(app) == ["later"]


def test_a_nul_that_no_field_asked_for_is_refused_not_an_error(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    """PostgreSQL stores none, and does not look for one either; SQLite does both."""
    app = create_app(Config(database_url=database_url, secret_key="k" * 40, instance=tmp_path), clock=lambda: now)
    app.test_client_class = PageClient
    with state_of(app).db.write() as session:
        create_user(session, "chen", "Chen", "officer", PASSWORD, now)
    chen = cast(PageClient, app.test_client())
    chen.submit("/login", {"name": "chen", "password": PASSWORD})

    answer = chen.get("/why?outreach=a%00b")

    refused = (422, True) if database_url.startswith("postgresql") else (404, False)
    assert (answer.status_code, "不能保存的字符" in answer.text) == refused
    state_of(app).db.dispose()
