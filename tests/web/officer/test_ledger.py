"""The ledger page: entries, and a button that proves them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PageClient
from web.state import state_of

Login = Callable[[str], PageClient]


@pytest.mark.parametrize("name", ["chen", "admin"])
def test_entries_are_shown_newest_first(login: Login, cases: dict[str, int], name: str) -> None:
    page = login(name).get("/ledger").text
    assert page.index("notice:given") > 0
    assert "EMS 1" not in page


def test_a_sound_ledger_is_said_to_be_sound(login: Login, cases: dict[str, int]) -> None:
    assert "台账完好：共 16 条" in login("chen").submit("/ledger/verify").text


def test_a_changed_entry_is_named(app: Flask, login: Login, cases: dict[str, int]) -> None:
    with state_of(app).db.engine.begin() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE ledger_entries SET actor = 'mallory' WHERE seq = 5")
    assert "第 5 条不符，此前 4 条完好" in login("chen").submit("/ledger/verify").text


@pytest.mark.parametrize("before", ["1", "0", "-3", "x", "99999999999999999999999"])
def test_an_odd_place_in_the_ledger_is_a_page(login: Login, cases: dict[str, int], before: str) -> None:
    assert login("chen").get("/ledger", query_string={"before": before}).status_code == 200
