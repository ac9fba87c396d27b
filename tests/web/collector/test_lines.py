"""Which registered number a call or a message goes out on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import Creditor
from compliance.gate.models import Outreach
from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]


def register(app: Flask, lines: str) -> None:
    with state_of(app).db.write() as session:
        session.scalars(select(Creditor)).one().lines = lines


def offered(page: str) -> dict[str, bool]:
    """The lines on the page, each with whether it is picked."""
    found = re.findall(r'name="line" value="([^"]+)"[^>]*?(checked)?>', page)
    return {line: bool(picked) for line, picked in found}


def call(page: PageClient, account: int, **changes: str) -> None:
    page.submit(f"/cases/{account}/send", {"client_id": "c-1", "point": "M-wang", "channel": "call"} | changes)


def made(app: Flask) -> tuple[str, str | None]:
    with state_of(app).db.read() as session:
        row = session.scalars(select(Outreach)).one()
    return row.state, row.line


def test_the_only_line_is_picked(app: Flask, login: Login, cases: Cases) -> None:
    register(app, "95577\n")
    page = login("wang").get(f"/cases/{cases['wang']}?point=M-wang&channel=call").text
    assert offered(page) == {"95577": True}
    assert "可以联系" in page


def test_among_several_the_collector_picks(app: Flask, login: Login, cases: Cases) -> None:
    register(app, "95577\n021-5000")
    client = login("wang")
    page = client.get(f"/cases/{cases['wang']}?point=M-wang&channel=call").text
    assert offered(page) == {"95577": False, "021-5000": False}
    drawn = {"client_id": "c-1", "point": "M-wang", "channel": "call", "line": "021-5000"}
    assert offered(client.submit(f"/cases/{cases['wang']}/draft", drawn).text) == {"95577": False, "021-5000": True}


@pytest.mark.parametrize(
    ("line", "state"), [("021-5000", "permitted"), ("", "held"), ("13900000000", "blocked")]
)  # fmt: skip
def test_the_gate_decides_on_the_line(app: Flask, login: Login, cases: Cases, line: str, state: str) -> None:
    register(app, "95577\n021-5000")
    call(login("wang"), cases["wang"], line=line)
    assert made(app) == (state, line or None)


def test_no_line_is_asked_for_where_none_is_registered(login: Login, cases: Cases) -> None:
    assert offered(login("wang").get(f"/cases/{cases['wang']}?point=M-wang&channel=call").text) == {}
