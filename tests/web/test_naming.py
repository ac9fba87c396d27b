"""Whoever acted is named by name and staff number, never by log-in name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PageClient
from web.accounts.users import set_staff_no
from web.naming import staff
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]


@pytest.fixture
def noted(app: Flask, login: Login, cases: Cases) -> Flask:
    """A note of wang's that waits for an officer, who has the number W-77."""
    edge = state_of(app)
    with edge.db.write() as session:
        set_staff_no(session, "wang", "W-77", actor="admin", now=edge.clock())
    note = {"client_id": "n-1", "note": "客户称金额不对，要求更正"}
    assert login("wang").submit(f"/cases/{cases['wang']}/note", note).status_code == 303
    return app


def names(page: str) -> list[str]:
    """What stands between tags."""
    return [text.strip() for text in re.findall(r">([^<>]+)<", page)]


def test_the_queue_and_its_filter_name_people(noted: Flask, login: Login) -> None:
    page = login("chen").get("/review").text
    assert names(page).count("Wang W-77") == 2
    assert '<option value="wang">' in page and "wang" not in names(page)


def test_an_item_the_decided_and_the_ledger_name_people(noted: Flask, login: Login, cases: Cases) -> None:
    chen = login("chen")
    place = chen.submit("/review/next").headers["Location"]
    page = chen.get(place).text
    assert "Wang W-77 ·" in page and re.search(r"· Chen \d{4}<", page)
    form = {"act": "note", "reason": "已核对", "decision-0": "compliant", "reason-0": "已核对"}
    assert chen.submit(place, form).status_code == 303
    for path in ("/review/decided", "/ledger"):
        found = names(chen.get(path).text)
        assert "Wang W-77" in found and not {"wang", "chen"} & set(found)
    timeline = login("wang").get(f"/cases/{cases['wang']}").text
    assert "Wang W-77" in names(timeline) and "wang" not in names(timeline)


def test_whoever_is_no_user_stays_as_entered_and_nobody_is_nobody(noted: Flask) -> None:
    with noted.test_request_context():
        assert [staff(one) for one in ("cli:root", "wang", "", None)] == ["cli:root", "Wang W-77", "", ""]
