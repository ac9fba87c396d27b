"""An offer of somebody else to pay, on the page of the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.casebook.models import Account, ContactPoint
from compliance.gate.models import Outreach, Review
from compliance.rights.models import PaymentOffer
from tests.conftest import PageClient
from web.state import attach, state_of

Login = Callable[[str], PageClient]
Cases = dict[str, int]
SAID = {"offer-point": "T-wang", "offer-words": "我替他还，怎么还？", "offer-at": "2026-11-17T10:00"}


@pytest.fixture
def sister(app: Flask, cases: Cases) -> Cases:
    """The cases, where Wang's debtor has a sister."""
    with state_of(app).db.write() as session:
        debtor = session.get_one(Account, cases["wang"]).debtor_id
        session.add(
            ContactPoint(
                ref="T-wang", debtor_id=debtor, kind="mobile", value="13900001111", relation="other_third_party",
                label="姐姐", source="contract", agreed_contact=True,
            )
        )  # fmt: skip
    return cases


def offers(app: Flask) -> list[PaymentOffer]:
    with state_of(app).db.read() as session:
        return list(session.scalars(select(PaymentOffer)))


def test_nobody_is_offered_the_form_where_there_is_no_third_party(login: Login, cases: Cases) -> None:
    assert "登记第三人主动表示代还" not in login("wang").get(f"/cases/{cases['wang']}").text


def test_an_offer_is_recorded_and_the_set_words_are_held(app: Flask, login: Login, sister: Cases) -> None:
    edge = state_of(app)
    attach(app, replace(edge, config=replace(edge.config, public_url="https://rights.example.cn")))
    browser, case = login("wang"), f"/cases/{sister['wang']}"
    assert browser.submit(f"{case}/offers", SAID | {"offer-recording": "REC-1"}).status_code == 303
    page = browser.get(case).text
    assert "139****1111 姐姐" in page
    told = page[page.index('name="text" value="') + len('name="text" value="') :].split('"')[0]
    assert ("代张*还款" in told, "8,380.50" in told) == (True, True)
    sent = {"client_id": "s-1", "point": "T-wang", "channel": "sms", "text": told, "link": "y"}
    browser.submit(f"{case}/send", sent)
    with state_of(app).db.read() as session:
        assert session.scalars(select(Outreach.state).where(Outreach.client_id == "s-1")).one() == "held"
        review = session.scalars(select(Review.id)).one()
    shown = login("chen").get(f"/review/{review}").text
    assert all(word in shown for word in ("我替他还，怎么还？", "REC-1"))


def test_without_what_shows_it_nothing_is_recorded(app: Flask, login: Login, sister: Cases) -> None:
    answer = login("wang").submit(f"/cases/{sister['wang']}/offers", SAID)
    assert (answer.status_code, offers(app)) == (422, [])


def test_an_offer_is_withdrawn_by_whoever_works_the_case(app: Flask, login: Login, sister: Cases) -> None:
    login("wang").submit(f"/cases/{sister['wang']}/offers", SAID | {"offer-recording": "REC-1"})
    (offer,) = offers(app)
    other = login("li").submit(f"/cases/{sister['li']}/offers/withdraw", {"ref": offer.ref})
    assert (other.status_code, offers(app)[0].withdrawn_at) == (404, None)
    login("wang").submit(f"/cases/{sister['wang']}/offers/withdraw", {"ref": offer.ref})
    assert offers(app)[0].withdrawn_by == "wang"
