"""The main job in a real Chromium: blocked, reworded, sent; held, released; delivered once; proven.

Skipped where there is no Chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from sqlalchemy import select

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.ledger import verify
from tests.serving import served
from web import create_app
from web.accounts import User
from web.config import Config
from web.state import EXTENSION, State

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse battery"
BAD = (
    "【云杉银行】方先生您好，您尾号1204的信用卡账单1000.00元已逾期17天，请登录手机银行还款。"
    "再不还款，我们就通知您的单位和家人。如有异议请致电95000。"
)
VAGUE = "【云杉银行】方先生您好，您尾号1204的信用卡账单1000.00元已逾期，请尽快处理，否则后果自负。如有异议请致电95000。"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


class Mailbox:
    """What the SMTP server was given, as it came."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A real SMTP server on this machine, and its port."""
    mailbox = Mailbox()
    port = _free_port()  # the controller connects to the port it was told, and cannot be told "any"
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Floor:
    """A running server with one case."""

    app: Flask
    url: str
    mailbox: Mailbox

    @property
    def state(self) -> State:
        state = self.app.extensions[EXTENSION]
        assert isinstance(state, State)
        return state


@pytest.fixture
def floor(staff_template: Path, tmp_path: Path, now: datetime, mailbox: tuple[Mailbox, int]) -> Iterator[Floor]:
    path = tmp_path / "desks.db"
    shutil.copyfile(staff_template, path)
    config = Config(
        database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=tmp_path, channel="smtp",
        smtp_port=mailbox[1], smtp_security="none",
    )  # fmt: skip
    app = create_app(config, clock=lambda: now)
    _add_case(app.extensions[EXTENSION].db, now)
    with served(app) as address:
        yield Floor(app, address, mailbox[0])
    app.extensions[EXTENSION].db.dispose()


def _add_case(db: Database, now: datetime) -> None:
    with db.write() as session:
        creditor = Creditor(name="云杉银行", kind="bank", phone="95000")
        debtor = Debtor(ref="D-1", name="方志远")
        session.add_all([creditor, debtor])
        session.flush()
        session.add(
            Account(
                creditor_id=creditor.id, debtor_id=debtor.id, product="信用卡", account_no="6001204",
                principal=Decimal("1000"), due_date=date(2026, 11, 1), collector="wang",
            )
        )  # fmt: skip
        session.add(
            ContactPoint(
                ref="P-1", debtor_id=debtor.id, kind="email", value="fang@example.com", relation="self",
                source="contract", valid=True,
            )
        )  # fmt: skip
        for user in session.scalars(select(User)):
            user.trained_until = now + timedelta(days=100)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def desk(browser: Browser, floor: Floor) -> Iterator[Callable[[str], Page]]:
    """``desk("wang")``: Wang's own browser, logged in. A request to another host or a script error fails the test."""
    faults: list[str] = []
    contexts = []

    def open_desk(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: request.url.startswith(floor.url) or faults.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(floor.url)
        page.get_by_label("登录名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield open_desk
    for context in contexts:
        context.close()
    assert faults == []


def send(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.get_by_role("button", name="送出").click()


def test_what_is_typed_before_the_page_is_ready_is_judged(floor: Floor, desk: Callable[[str], Page]) -> None:
    wang = desk("wang")
    address = wang.get_by_role("link", name="方").get_attribute("href")
    held: list[Route] = []
    wang.route("**/app.js*", lambda route: held.append(route))
    wang.goto(f"{floor.url}{address}", wait_until="commit")
    wang.locator("#text").fill(BAD)
    wang.wait_for_timeout(200)
    assert wang.locator("#judgement").inner_text().strip() == ""

    held[0].continue_()
    expect(wang.locator("#judgement")).to_contain_text("不能送出")


def test_from_the_blocked_message_to_the_proof(floor: Floor, desk: Callable[[str], Page]) -> None:
    wang = desk("wang")
    wang.get_by_role("link", name="方").click()
    wang.locator("#text").fill(BAD)
    expect(wang.locator("#judgement")).to_contain_text("不能送出")
    expect(wang.locator(".zy-backdrop mark").first).to_contain_text("通知您的单位")
    wang.get_by_role("button", name="送出").click()
    expect(wang.locator("#result-title")).to_contain_text("没有送出")

    wang.locator("[data-use]").first.click()
    expect(wang.locator("#text")).not_to_have_value(BAD)
    wang.get_by_role("button", name="送出").click()
    expect(wang.locator("#result-title")).to_contain_text("已许可")

    send(wang, VAGUE)
    expect(wang.locator("#result-title")).to_contain_text("已转合规复核")

    chen = desk("chen")
    chen.keyboard.press("n")
    findings = chen.locator("fieldset[data-finding]")
    expect(findings.first).to_be_visible()
    for number in range(findings.count()):
        findings.nth(number).locator("input[value=compliant]").check(force=True)
        findings.nth(number).locator("input[name^=reason-]").fill("如实告知")
    chen.locator("#reason").fill("措辞可以接受")
    chen.get_by_role("button", name="放行").click()
    expect(chen.locator(".alert")).to_contain_text("已放行")

    floor.state.dispatch("test")
    floor.state.dispatch("test")
    assert len(floor.mailbox.letters) == 2
    assert all(letter.rcpt_tos == ["fang@example.com"] for letter in floor.mailbox.letters)

    wang.reload()
    expect(wang.locator("#timeline-title")).to_be_visible()
    with floor.state.db.read() as session:
        sound = verify(session)
    assert sound.ok
    assert sound.count > 0
    assert _change_one_byte(floor.state) == 2


def _change_one_byte(state: State) -> int | None:
    """Which entry the verification names after one character of entry 2 was changed past the triggers."""
    with sqlite3.connect(state.db.url.removeprefix("sqlite:///")) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE ledger_entries SET body = '[' || substr(body, 2) WHERE seq = 2")
    connection.close()
    with state.db.read() as session:
        return verify(session).first_bad
