"""People, passwords, tokens."""

from __future__ import annotations

from datetime import datetime

import pytest

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import InvalidInput
from web.accounts import (
    ApiToken,
    User,
    create_user,
    issue_token,
    record_login,
    set_disabled,
    set_staff_no,
    staff_no_of,
    user_of_token,
    verify_password,
)

GOOD = {"name": "han", "display_name": "小韩", "role": "collector", "password": "long enough"}


def add(db: Database, now: datetime, **changes: str) -> User:
    with db.write() as session:
        return create_user(session, **(GOOD | changes), now=now)


def test_only_the_right_password_is_theirs(db: Database, now: datetime) -> None:
    add(db, now)
    with db.read() as session:
        assert verify_password(session, "han", "long enough") is not None
        assert verify_password(session, "han", "long enough ") is None
        assert verify_password(session, "nobody", "long enough") is None


def test_a_password_is_kept_as_argon2id(db: Database, now: datetime) -> None:
    assert add(db, now).password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Han"), ("name", ""), ("name", "a b"), ("display_name", " "), ("role", "king"), ("password", "short")],
)
def test_bad_particulars_are_refused_by_name(db: Database, now: datetime, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as error:
        add(db, now, **{field: value})
    assert error.value.field == field


def test_a_name_is_given_once(db: Database, now: datetime) -> None:
    add(db, now)
    with pytest.raises(InvalidInput) as error:
        add(db, now)
    assert error.value.code == "conflict"


def test_a_token_stands_for_its_user_and_is_not_kept(db: Database, now: datetime) -> None:
    user = add(db, now)
    with db.write() as session:
        token = issue_token(session, user, now)
    with db.read() as session:
        found = user_of_token(session, token)
        assert found is not None
        assert found.name == "han"
        assert token not in {kept.digest for kept in session.query(ApiToken)}


def test_an_unknown_or_revoked_token_stands_for_nobody(db: Database, now: datetime) -> None:
    user = add(db, now)
    with db.write() as session:
        token = issue_token(session, user, now)
    with db.write() as session:
        assert user_of_token(session, "zy_guess") is None
        session.query(ApiToken).one().revoked_at = now
    with db.read() as session:
        assert user_of_token(session, token) is None


def test_a_disabled_user_has_neither_password_nor_token(db: Database, now: datetime) -> None:
    user = add(db, now)
    with db.write() as session:
        token = issue_token(session, user, now)
        set_disabled(session, user.id, True, actor="admin", now=now)
    with db.read() as session:
        assert verify_password(session, "han", "long enough") is None
        assert user_of_token(session, token) is None


def test_who_is_given_no_number_gets_the_next(db: Database, now: datetime) -> None:
    assert add(db, now).staff_no == "1001"
    add(db, now, name="bo", staff_no="3107")
    add(db, now, name="cai", staff_no="ZX-0215")
    assert add(db, now, name="ding").staff_no == "3108"


def test_a_number_is_one_persons(db: Database, now: datetime) -> None:
    add(db, now, staff_no="3107")
    with pytest.raises(InvalidInput) as error:
        add(db, now, name="bo", staff_no="3107")
    assert (error.value.field, error.value.code) == ("staff_no", "conflict")


@pytest.mark.parametrize("number", ["", " ", "三一〇七", "31 07", "x" * 21, "-1"])
def test_what_is_no_number_is_refused(db: Database, now: datetime, number: str) -> None:
    add(db, now, staff_no="3107")
    with pytest.raises(InvalidInput) as error, db.write() as session:
        set_staff_no(session, "han", number, actor="admin", now=now)
    assert error.value.field == "staff_no"
    with db.read() as session:
        assert staff_no_of(session, "han") == "3107"


def test_a_changed_number_is_recorded_once(db: Database, now: datetime) -> None:
    add(db, now, staff_no="3107")
    for _ in range(2):
        with db.write() as session:
            set_staff_no(session, "han", "3200", actor="admin", now=now)
    assert recorded(db)[1:] == [("user:staff_no_set", "user:han", "admin")]


def recorded(db: Database) -> list[tuple[str, str, str]]:
    with db.read() as session:
        return [(entry.kind, entry.subject, entry.actor) for entry in ledger.entries(session)]


def test_creating_a_user_and_issuing_a_token_are_recorded(db: Database, now: datetime) -> None:
    user = add(db, now)
    with db.write() as session:
        token = issue_token(session, user, now)
    assert recorded(db) == [("user:created", "user:han", "system"), ("token:issued", "user:han", "system")]
    with db.read() as session:
        bodies = "".join(entry.body for entry in ledger.entries(session))
    assert token not in bodies
    assert "argon2" not in bodies


def test_a_refused_user_is_not_recorded(db: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        add(db, now, role="king")
    assert recorded(db) == []


def test_disabling_and_enabling_are_recorded_when_they_change_something(db: Database, now: datetime) -> None:
    user = add(db, now)
    with db.write() as session:
        for disabled in (True, True, False, False):
            set_disabled(session, user.id, disabled, actor="admin", now=now)
    assert recorded(db)[1:] == [("user:disabled", "user:han", "admin"), ("user:enabled", "user:han", "admin")]


def test_log_ins_are_recorded_by_the_names_that_exist(db: Database, now: datetime) -> None:
    add(db, now)
    with db.write() as session:
        record_login(session, "han", now, succeeded=True)
        record_login(session, "han", now, succeeded=False)
        record_login(session, "my-secret-password", now, succeeded=False)
    assert recorded(db)[1:] == [
        ("user:logged_in", "user:han", "han"),
        ("user:login_refused", "user:han", "system"),
        ("user:login_refused", "user:?", "system"),
    ]
