"""A debtor on a telephone: from the link in a message to a receipt, by keyboard, with and without JavaScript.

Skipped where there is no Chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select

from compliance import rights
from compliance.casebook.models import ContactPoint, Creditor
from compliance.gate.models import Outreach
from compliance.rights.models import RightsRequest
from tests.browser.test_pages import ARGS, AXE, CHROMIUM, RULES, RUN_AXE, UNLABELLED, WIDTHS
from tests.conftest import _add_case
from tests.serving import served
from web import create_app
from web.config import Config
from web.state import State, state_of

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@dataclass(frozen=True)
class Link:
    """A server with one message that was sent, and the address in it."""

    url: str
    state: State

    def requests(self) -> list[RightsRequest]:
        with self.state.db.read() as session:
            return list(session.scalars(select(RightsRequest)))


@pytest.fixture
def link(sqlite_template: Path, tmp_path: Path, now: datetime) -> Iterator[Link]:
    path = tmp_path / "debtor.db"
    shutil.copyfile(sqlite_template, path)
    app = create_app(
        Config(database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=tmp_path), clock=lambda: now
    )
    state = state_of(app)
    with state.db.write() as session:
        creditor = Creditor(name="华夏银行信用卡中心", kind="bank", phone="95577")
        session.add(creditor)
        session.flush()
        account = _add_case(session, creditor, "wang", "张伟", now)
        point = session.scalars(select(ContactPoint).where(ContactPoint.ref == "M-wang")).one()
        sent = Outreach(
            client_id="o1", body_digest="0" * 64, debtor_id=point.debtor_id, account_id=account,
            contact_point_id=point.id, creditor_id=creditor.id, channel="sms", audience="debtor", collector="wang",
            at=now, local_day=now.date(), created_at=now, state="sent", decision="allow", verdict={"findings": []},
            pack_digest="", tries=1, permit_nonce="n1",
        )  # fmt: skip
        session.add(sent)
        code = rights.offer_code(session, "k" * 40, "o1", now)
    with served(app) as address:
        yield Link(f"{address}/d/{code}", state)
    state.db.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


def telephone(browser: Browser, *, script: bool) -> BrowserContext:
    # The page's own policy lets no foreign script in; axe is let in by going round it.
    return browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=script, bypass_csp=script)


def check(page: Page) -> None:
    """Nothing sticks out, everything has its label, axe-core finds no fault."""
    width, room = page.evaluate(WIDTHS)
    assert width <= room
    assert page.evaluate(UNLABELLED) == []
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE, RULES) == []


def walk(page: Page, link: Link, *, checked: bool) -> None:
    """See who asks, dispute by keyboard, keep the receipt, prove who one is and see the debt."""
    page.goto(link.url)
    expect(page.get_by_role("heading", name="是谁在联系我")).to_be_visible()
    if checked:
        check(page)
    page.get_by_role("link", name="对欠款有异议").focus()
    page.keyboard.press("Enter")
    page.get_by_label("您要说明的情况").focus()
    page.keyboard.type("利息算错了")
    if checked:
        check(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="已收到，回执如下")).to_be_visible()
    (request,) = link.requests()
    expect(page.get_by_text(request.ref)).to_be_visible()
    expect(page.get_by_text("利息算错了")).to_be_visible()
    if checked:
        check(page)
    page.get_by_role("link", name="返回").click()
    page.get_by_label("姓名").fill("张伟")
    page.get_by_label("身份证号或手机号的后四位").fill("5678")
    page.get_by_role("button", name="确认并查看").click()
    expect(page.get_by_text("¥8,380.50")).to_be_visible()
    if checked:
        check(page)


@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no-javascript"])
def test_from_the_link_to_the_receipt(browser: Browser, link: Link, script: bool) -> None:
    context = telephone(browser, script=script)
    foreign: list[str] = []
    page = context.new_page()
    page.on("request", lambda asked: foreign.append(asked.url) if "127.0.0.1" not in asked.url else None)
    referrers: list[str] = []
    page.on("request", lambda asked: referrers.append(asked.headers.get("referer", "")))
    walk(page, link, checked=script)
    context.close()
    assert foreign == []
    assert set(referrers) == {""}


def test_a_receipt_prints_alone(browser: Browser, link: Link) -> None:
    context = telephone(browser, script=True)
    page = context.new_page()
    walk(page, link, checked=False)
    page.goto(f"{link.url}/receipt/{link.requests()[0].ref}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="已收到，回执如下")).to_be_visible()
    expect(page.get_by_role("link", name="返回")).to_be_hidden()
    context.close()
