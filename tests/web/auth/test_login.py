"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from compliance import ledger
from compliance.database import Database
from tests.conftest import PASSWORD, PageClient
from web.accounts import User

Login = Callable[[str], PageClient]


def database(app: Flask) -> Database:
    return app.extensions["zhengyan"].db


def test_right_password_opens_the_home_of_the_role(login: Login) -> None:
    assert login("admin").get("/").headers["Location"] == "/admin/users"


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong password"), ("nobody", PASSWORD), ("wang", "x" * 300)])
def test_wrong_name_or_password_is_refused(client: PageClient, name: str, password: str) -> None:
    answer = client.submit("/login", {"name": name, "password": password})
    assert answer.status_code in {401, 422}
    assert client.get("/").status_code == 303  # still asked to log in
    assert "/login" in client.get("/").headers["Location"]


def test_a_disabled_user_cannot_log_in_and_is_thrown_out(app: Flask, login: Login, client: PageClient) -> None:
    inside = login("admin")
    with database(app).write() as session:
        session.query(User).filter_by(name="admin").one().disabled = True
    assert "/login" in inside.get("/admin/users").headers["Location"]
    assert client.submit("/login", {"name": "admin", "password": PASSWORD}).status_code == 401


def test_a_changed_password_ends_open_sessions(app: Flask, login: Login) -> None:
    inside = login("admin")
    with database(app).write() as session:
        session.query(User).filter_by(name="admin").one().password_hash = "another"
    assert "/login" in inside.get("/admin/users").headers["Location"]


def test_logging_out_ends_the_session(login: Login) -> None:
    browser = login("admin")
    assert browser.submit("/logout").status_code == 303
    assert "/login" in browser.get("/admin/users").headers["Location"]


def test_logging_out_needs_post(login: Login) -> None:
    assert login("admin").get("/logout").status_code == 405


def test_failures_are_throttled_and_success_is_not_counted(client: PageClient, now: datetime) -> None:
    for _ in range(10):
        assert client.submit("/login", {"name": "wang", "password": "wrong password"}).status_code == 401
    assert client.submit("/login", {"name": "wang", "password": PASSWORD}).status_code == 429


def test_many_successes_are_not_throttled(login: Login) -> None:
    for _ in range(12):
        login("admin")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_log_in_nobody_is_sent_to_another_site(client: PageClient, target: str) -> None:
    answer = client.submit("/login", {"name": "admin", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_after_log_in_one_is_where_one_wanted_to_go(client: PageClient) -> None:
    wanted = client.get("/admin/users?page=2").headers["Location"]
    assert wanted == "/login?next=/admin/users?page%3D2"
    answer = client.submit("/login", {"name": "admin", "password": PASSWORD, "next": "/admin/users?page=2"})
    assert answer.headers["Location"] == "/admin/users?page=2"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: PageClient) -> None:
    cookie = client.submit("/login", {"name": "admin", "password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_log_ins_and_refusals_are_in_the_ledger_by_name_only(app: Flask, login: Login, client: PageClient) -> None:
    client.submit("/login", {"name": "wang", "password": "a wrong password"})
    client.submit("/login", {"name": "hunter2 typed here", "password": "x"})
    login("wang")
    with database(app).read() as session:
        found = ledger.entries(session, limit=1000)[-3:]
    assert [(entry.kind, entry.subject) for entry in found] == [
        ("user:login_refused", "user:wang"), ("user:login_refused", "user:?"), ("user:logged_in", "user:wang"),
    ]  # fmt: skip
    kept = "".join(f"{entry.subject}{entry.body}" for entry in found)
    assert not any(secret in kept for secret in ("wrong password", "hunter2", PASSWORD))
