"""The page of what has been kept long enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from compliance import gate
from compliance.gate.models import OutreachText, Review
from compliance.gate.types import Actor, Submission
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]


@pytest.fixture
def old(app: Flask, cases: dict[str, int], now: datetime) -> None:
    """A message of two years and some days ago."""
    edge = state_of(app)
    message = Submission("1", "D-wang", "sms", "M-wang", "您好，请与我们联系。")
    gate.submit(edge.db, edge.judge, message, Actor("wang"), now - timedelta(days=740), keys=edge.keys)
    with edge.db.write() as session:  # whatever the rules say of it today, it was decided long ago
        session.execute(update(Review).values(state="refused"))


def words(app: Flask) -> list[str | None]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(OutreachText.text)))


def test_what_is_due_is_listed_with_its_law(login: Login, old: None) -> None:
    page = login("chen").get("/retention").text
    assert "D-wang" in page
    assert "GB/T 45251" in page
    assert "删除 1 项到期内容" in page


def test_nothing_goes_without_the_box_ticked(app: Flask, login: Login, old: None) -> None:
    login("chen").submit("/retention")
    assert words(app) == ["您好，请与我们联系。"]


def test_it_is_erased_once_the_box_is_ticked(app: Flask, login: Login, old: None) -> None:
    officer = login("chen")
    assert officer.submit("/retention", {"sure": "yes"}).status_code == 303
    assert words(app) == [None]
    assert "没有到期的内容" in officer.get("/retention").text


@pytest.mark.parametrize("name", ["wang", "lin", "admin"])
def test_only_officers_may(login: Login, old: None, name: str) -> None:
    assert (login(name).get("/retention").status_code, login(name).submit("/retention").status_code) == (403, 403)
