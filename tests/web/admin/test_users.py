"""The administrator's desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from compliance import ledger
from tests.conftest import PASSWORD, PageClient
from web.accounts import User
from web.state import state_of

FORM = {"name": "han", "display_name": "小韩", "role": "officer", "staff_no": "", "agency": "", "password": PASSWORD}


def test_a_created_user_can_log_in(login: Callable[[str], PageClient]) -> None:
    assert login("admin").submit("/admin/users", FORM).status_code == 303
    assert login("han").get("/review").status_code == 200


@pytest.mark.parametrize("field", ["name", "display_name", "role", "password"])
def test_a_bad_field_is_shown_and_nobody_is_created(app: Flask, login: Callable[[str], PageClient], field: str) -> None:
    answer = login("admin").submit(
        "/admin/users", FORM | {field: "!"} if field != "display_name" else FORM | {field: ""}
    )
    assert answer.status_code == 422
    assert "is-invalid" in answer.text
    with state_of(app).db.read() as session:
        assert session.query(User).filter_by(name="han").count() == 0


def test_a_password_is_never_shown_again(login: Callable[[str], PageClient]) -> None:
    assert PASSWORD not in login("admin").submit("/admin/users", FORM | {"name": "!"}).text


def test_a_name_is_given_once(login: Callable[[str], PageClient]) -> None:
    admin = login("admin")
    assert admin.submit("/admin/users", FORM).status_code == 303
    assert admin.submit("/admin/users", FORM).status_code == 422


def test_disabling_shuts_out_and_enabling_lets_in(app: Flask, login: Callable[[str], PageClient]) -> None:
    admin, inside = login("admin"), login("wang")
    with state_of(app).db.read() as session:
        wang = session.query(User).filter_by(name="wang").one().id
    admin.submit(f"/admin/users/{wang}/disable")
    assert inside.get("/cases").status_code == 303
    admin.submit(f"/admin/users/{wang}/enable")
    assert login("wang").get("/cases").status_code == 200


def test_nobody_shuts_themselves_out(app: Flask, login: Callable[[str], PageClient]) -> None:
    with state_of(app).db.read() as session:
        own = session.query(User).filter_by(name="admin").one().id
    admin = login("admin")
    assert admin.submit(f"/admin/users/{own}/disable").status_code == 403
    assert admin.get("/admin/users").status_code == 200


def test_a_number_is_given_and_changed(app: Flask, login: Callable[[str], PageClient]) -> None:
    admin = login("admin")
    admin.submit("/admin/users", FORM | {"staff_no": "3107"})
    assert admin.submit("/admin/users/han/staff_no", {"staff_no": "3200"}).status_code == 303
    assert 'value="3200"' in admin.get("/admin/users").text


def test_a_number_that_another_has_is_refused_at_its_field(login: Callable[[str], PageClient]) -> None:
    admin = login("admin")
    admin.submit("/admin/users", FORM | {"staff_no": "3107"})
    again = admin.submit("/admin/users", FORM | {"name": "hu", "staff_no": "3107"})
    assert (again.status_code, "工号 3107 已被使用" in again.text) == (422, True)
    assert admin.submit("/admin/users/wang/staff_no", {"staff_no": "3107"}).status_code == 409


def test_who_did_it_is_in_the_ledger(app: Flask, login: Callable[[str], PageClient]) -> None:
    admin = login("admin")
    admin.submit("/admin/users", FORM)
    with state_of(app).db.read() as session:
        han = session.query(User).filter_by(name="han").one().id
    admin.submit(f"/admin/users/{han}/disable")
    admin.submit(f"/admin/users/{han}/enable")
    with state_of(app).db.read() as session:
        found = ledger.entries(session, limit=1000)[-3:]
    assert [(entry.kind, entry.subject, entry.actor) for entry in found] == [
        (f"user:{act}", "user:han", "admin") for act in ("created", "disabled", "enabled")
    ]
