"""Numbers in addresses and queries: all that the databases count to, and nothing beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from compliance.casebook.models import Account
from web.numbers import GREATEST, MOST_PAGES, page_number, whole
from web.state import state_of


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("7", 7),
        (str(2**40), 2**40),
        (str(GREATEST), GREATEST),
        ("9" * 19, GREATEST),
        ("9" * 20, 3),
        ("-1", 3),
        ("٣", 3),
    ],
)
def test_a_whole_number_is_one_that_a_row_can_have(raw: str, number: int) -> None:
    assert whole(raw, 3) == number


@pytest.mark.parametrize(("raw", "page"), [(None, 1), ("0", 1), ("2", 2), ("x", 1), (str(GREATEST), MOST_PAGES)])
def test_pages_are_counted_from_one(raw: str | None, page: int) -> None:
    assert page_number(raw) == page


def test_a_row_beyond_32_bits_has_its_page(app: Flask, cases: dict[str, int], login: Callable[[str], Any]) -> None:
    with state_of(app).db.write() as session:
        account = session.get_one(Account, cases["wang"])
        another = Account(
            id=2**31 + 7, creditor_id=account.creditor_id, debtor_id=account.debtor_id, account_no="another",
            product=account.product, principal=account.principal, due_date=account.due_date, collector="wang",
        )  # fmt: skip
        session.add(another)

    assert login("wang").get(f"/cases/{2**31 + 7}").status_code == 200
