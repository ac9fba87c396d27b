"""Every page of every role in a real Chromium, wide and narrow, on the demo: nothing sticks out, nothing is called
from elsewhere, everything has its label, and axe-core finds no fault. Then the keys.

Skipped where there is no Chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account
from compliance.gate.models import Outreach
from compliance.review.models import Review
from compliance.rights.models import RightsRequest
from scripts_library.models import Script
from tests.serving import served
from web import create_app
from web.accounts import ROLES
from web.config import Config
from web.demo import PASSWORD, load_demo
from web.state import State, state_of

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
AXE = (Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa"]
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
STAFF_OF = {"collector": "wang", "officer": "chen", "trainer": "lin", "admin": "admin"}
UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter((one) => !one.labels.length && !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby"))
  .map((one) => one.outerHTML.slice(0, 120))"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
RUN_AXE = """(rules) => axe.run(document, {runOnly: {type: "tag", values: rules}}).then((found) =>
  found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 4).map((node) => node.target + " " + node.html.slice(0, 110)).join(" | ")}`))"""  # noqa: E501

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@dataclass(frozen=True)
class Site:
    """The demo, served, and the pages of each role."""

    url: str
    state: State
    pages: dict[str, list[str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, now_of_session: datetime) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pages")
    path = folder / "pages.db"
    shutil.copyfile(sqlite_template, path)
    config = Config(database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=folder)
    app = create_app(config, clock=lambda: now_of_session)
    state = state_of(app)
    assert load_demo(state.db, state.judge, now_of_session, keys=state.keys)
    with state.db.read() as session:
        pages = pages_of(session)
    with served(app) as address:
        yield Site(address, state, pages)
    state.db.dispose()


def pages_of(session: Session) -> dict[str, list[str]]:
    """Every address that shows a page, by role; of rows the one with the most on it."""
    case = session.scalars(
        select(Outreach.account_id)
        .join(Account, Account.id == Outreach.account_id)
        .where(Account.collector == "wang")
        .group_by(Outreach.account_id)
        .order_by(func.count().desc())
    ).first()
    waiting = session.scalars(select(Review.id).where(Review.state == "waiting").order_by(Review.id)).first()
    decided = session.scalars(select(Review.id).where(Review.decided_at.is_not(None))).first()
    complaint = session.scalars(
        select(RightsRequest.ref).where(RightsRequest.closed_at.is_(None)).order_by(RightsRequest.type != "complaint")
    ).first()
    script = session.scalars(select(Script.id).order_by(Script.id)).first()
    assert None not in (case, waiting, decided, complaint, script)
    return {
        "collector": ["/cases", "/cases?q=nobody", f"/cases/{case}", f"/cases/{case}?channel=sms", "/practice",
                      "/no-such-page"],
        "officer": ["/review", f"/review/{waiting}", f"/review/{decided}", "/review/decided", "/rights",
                    f"/rights/{complaint}", "/undelivered", "/ledger",
                    "/appeals", "/samples"],
        "trainer": ["/library", "/library?q=分期&channel=call", "/library/import", f"/library/{script}",
                    f"/library/{script}/edit", "/library/new", "/practice"],
        "admin": ["/admin/users", "/ledger"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@dataclass
class Desk:
    """Somebody's browser and what went wrong in it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


@pytest.fixture
def sit_down(browser: Browser, site: Site) -> Iterator[Callable[[str, str], Desk]]:
    """``sit_down("chen", "narrow")``: logged in, with every fault of the browser noted."""
    contexts = []

    def log_in(name: str, size: str) -> Desk:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        desk = Desk(context.new_page(), site.url)
        desk.page.on("request", lambda asked: asked.url.startswith(site.url) or desk.faults.append(asked.url))
        desk.page.on("pageerror", lambda error: desk.faults.append(str(error)))
        desk.page.on("console", lambda said: note(desk, said))
        desk.open("/login")
        desk.page.get_by_label("登录名").fill(name)
        desk.page.get_by_label("密码").fill(PASSWORD)
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_url(lambda url: "/login" not in url)
        return desk

    yield log_in
    for context in contexts:
        context.close()


def note(desk: Desk, said: Any) -> None:
    """Errors on the console; that a page answered 404 is what the page for it is about."""
    if said.type == "error" and "404 (NOT FOUND)" not in said.text:
        desk.faults.append(said.text)


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page that is open."""
    wide, room = page.evaluate(WIDTHS)
    found = [f"{wide} px on {room}"] if wide > room else []
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} h1")
    found += [f"no label: {html}" for html in page.evaluate(UNLABELLED)]
    page.evaluate(AXE)
    return found + [f"axe {fault}" for fault in page.evaluate(RUN_AXE, RULES)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("role", ROLES)
def test_no_page_has_a_fault(site: Site, sit_down: Callable[[str, str], Desk], role: str, size: str) -> None:
    desk = sit_down(STAFF_OF[role], size)
    found = {path: faults for path in site.pages[role] if (faults := faults_of(desk.open(path)))}
    assert found == {}
    assert desk.faults == []


@pytest.mark.parametrize("size", SIZES)
def test_the_log_in_has_no_fault(site: Site, browser: Browser, size: str) -> None:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site.url}/login")
    assert faults_of(page) == []
    page.close()


def test_english_pages_have_no_fault(site: Site, sit_down: Callable[[str, str], Desk]) -> None:
    desk = sit_down("chen", "narrow")
    desk.page.get_by_role("button", name="English").click()
    found = {path: faults for path in site.pages["officer"] if (faults := faults_of(desk.open(path)))}
    assert found == {}


def test_the_list_of_cases_is_walked_by_keys(sit_down: Callable[[str, str], Desk]) -> None:
    page = sit_down("wang", "wide").open("/cases")
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    target = rows.nth(0).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    page.keyboard.press("m")
    expect(page.locator("#text")).to_be_focused()


def test_a_request_is_opened_and_answered_by_keys(sit_down: Callable[[str, str], Desk]) -> None:
    page = sit_down("chen", "wide").open("/rights")
    target = page.locator("[data-row]").first.get_attribute("href")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    page.keyboard.press("a")
    page.keyboard.type("已寄送账单明细。")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rights")
    expect(page.get_by_role("status")).to_contain_text("已答复并关闭")
    page.goto(page.url.removesuffix("/rights") + str(target))
    expect(page.locator("main")).to_contain_text("已寄送账单明细。")


def test_the_queue_gives_the_next_item_to_a_key(sit_down: Callable[[str, str], Desk]) -> None:
    page = sit_down("zhao", "wide").open("/review")
    page.keyboard.press("n")
    page.wait_for_url("**/review/*")
    page.keyboard.press("j")
    expect(page.locator("fieldset[data-finding]").first).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("[data-choice='2']").first).to_be_checked()
    expect(page.locator("input[name^=reason-]").first).to_be_focused()


@pytest.mark.parametrize("role", ROLES)
def test_the_keys_are_shown_and_put_away(sit_down: Callable[[str, str], Desk], site: Site, role: str) -> None:
    page = sit_down(STAFF_OF[role], "wide").open(site.pages[role][0])
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
