"""A whole shift of a collector in a real Chromium, by keyboard alone: nothing is clicked, nothing is addressed.

Log in, take the next case, read the preparation, dial with a permit, follow fifteen turns that the telephone system
posts, take suggestions by digit, see an alert, record a right with one key, wrap up, send a message, log out.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from assistant.calls.models import Call, CallRight, SuggestionUse
from assistant.calls.receiving import Incoming, receive
from compliance.gate.models import Outreach
from tests.browser.test_call import TURNS, browser, pytestmark, site  # noqa: F401
from web.demo import PASSWORD
from web.state import State

MESSAGE = "您好，您反映的情况已登记，有疑问请拨打官方客服电话，谢谢。"
PAUSE_MS = 120
"""Between two turns: natural speed, shortened."""
SETTLE_MS = 200
"""For a fragment that was answered to stand on the page."""
MOST_TABS = 80
COMPOSED = """(key) => {
  const target = document.activeElement || document.body;
  target.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
  const pressed = {key, isComposing: true, keyCode: 229, bubbles: true, cancelable: true};
  for (const type of ["keydown", "keyup"]) target.dispatchEvent(new KeyboardEvent(type, pressed));
  target.dispatchEvent(new CompositionEvent("compositionend", {data: key, bubbles: true}));
}"""


class Keys:
    """A page that is worked by keys alone."""

    def __init__(self, page: Page, shots: Path) -> None:
        self.page, self.shots, self.taken = page, shots, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def tab_to(self, selector: str) -> None:
        """Tab until the focus is on an element."""
        for _ in range(MOST_TABS):
            self.press("Tab")
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    def choose_channel(self, channel: str) -> None:
        """On the page of a case, among the channels that its contact point has."""
        wanted = self.page.locator(f"input[name=channel][value={channel}]:checked")
        for _ in range(MOST_TABS):
            if wanted.count():
                break
            self.tab_to("input[name=channel]:checked")
            with self.page.expect_response("**/draft*"):
                self.press("ArrowRight")
            self.page.wait_for_timeout(SETTLE_MS)
        self.press("Escape")

    def shoot(self, name: str) -> None:
        self.taken += 1
        self.page.screenshot(path=self.shots / f"{self.taken:02}-{name}.png")


@pytest.fixture
def keys(browser: Browser, tmp_path: Path) -> Keys:  # noqa: F811
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    return Keys(context.new_page(), tmp_path)


def test_a_whole_shift_by_keyboard(keys: Keys, site: tuple[str, State]) -> None:  # noqa: F811
    url, state = site
    log_in(keys, url)
    ref = dial_next_case(keys)
    follow_the_call(keys, state, ref)
    wrap_up(keys)
    send_message(keys)
    keys.tab_to("[data-logout], form[action*='logout'] button")
    keys.press("Enter")
    keys.page.wait_for_url("**/login*")
    check_kept(state, ref)


def test_what_is_typed_while_another_channel_is_on_its_way_stays(keys: Keys, site: tuple[str, State]) -> None:  # noqa: F811
    log_in(keys, site[0])
    find_case(keys)
    held: list[Route] = []
    keys.page.route("**/draft*", lambda route: held.append(route))
    keys.tab_to("input[name=channel]:checked")
    with keys.page.expect_request("**/draft*"):
        keys.press("ArrowRight")
    chosen = str(keys.page.locator("input[name=channel]:checked").get_attribute("value"))
    keys.press("m", "Control+a")
    keys.write("先打了几个字")
    keys.press("ArrowLeft")
    with keys.page.expect_response("**/draft*"):
        held.pop().continue_()
    expect(keys.page.locator("form[action*='/draft'], form[action*='/send']").first).to_be_visible()
    keys.page.wait_for_timeout(SETTLE_MS)
    expect(keys.page.locator(f"input[name=channel][value={chosen}]")).to_be_checked()
    expect(keys.page.locator("#text")).to_be_focused()
    keys.write("好")
    expect(keys.page.locator("#text")).to_have_value("先打了几个好字")


def log_in(keys: Keys, url: str) -> None:
    keys.page.goto(f"{url}/login")
    keys.tab_to("input[name=name], input[name=username], input[type=text]")
    keys.write("wang")
    keys.press("Tab")
    keys.write(PASSWORD)
    keys.press("Enter")
    keys.page.wait_for_url("**/cases")


def find_case(keys: Keys) -> None:
    keys.press("/")
    keys.write("D0020")
    keys.press("Enter")
    keys.page.wait_for_url("**q=D0020**")
    keys.press("j", "Enter")
    keys.page.wait_for_url("**/cases/*")


def dial_next_case(keys: Keys) -> str:
    """Find a case, dial with a permit, open its call; the call's reference."""
    find_case(keys)
    keys.choose_channel("call")
    keys.shoot("case")
    keys.press("d")
    expect(keys.page.locator(".zy-dial")).to_be_visible()
    keys.press("c")
    keys.page.wait_for_url("**/calls/call_*")
    expect(keys.page.locator(".zy-prep")).to_contain_text("通话准备")
    keys.shoot("preparation")
    return keys.page.url.rsplit("/", 1)[1]


def follow_the_call(keys: Keys, state: State, ref: str) -> None:
    said = 0
    for number, (speaker, text) in enumerate(TURNS, 1):
        now = state.clock()
        receive(state.calls, ref, Incoming(speaker, text, seq=number + said, at=now), now)
        expect(keys.page.locator(f"#turn-{number + said}")).to_be_visible()
        if number == 6:
            keys.shoot("suggestions")
            nothing_fires_while_composing(keys)
            keys.press("1")
            expect(keys.page.locator("#words")).to_be_focused()
            keys.press("Enter")
            said += 1
            expect(keys.page.locator(f"#turn-{number + said}")).to_be_visible()
            keys.press("Escape")
        if number == 7:
            expect(keys.page.locator(f"#turn-{number + said}")).to_have_class("zy-turn zy-turn-collector zy-turn-block")
            keys.shoot("alert")
        if number == 8:
            expect(keys.page.locator(".zy-heard [data-key=r]").first).to_be_visible()
            keys.press("r")
            expect(keys.page.locator(".zy-heard")).to_contain_text("已登记")
        keys.page.wait_for_timeout(PAUSE_MS)
    keys.shoot("call")


def nothing_fires_while_composing(keys: Keys) -> None:
    before = keys.page.url, keys.page.locator("[data-seq]").count()
    for key in ("1", "r", "e", "Enter"):
        keys.page.evaluate(COMPOSED, key)
    assert (keys.page.url, keys.page.locator("[data-seq]").count()) == before
    assert keys.page.locator("#words").input_value() == ""


def wrap_up(keys: Keys) -> None:
    keys.press("e")
    keys.page.wait_for_url("**/wrap")
    keys.shoot("wrap-up")
    keys.press("s")
    keys.page.wait_for_url("**/calls")


def send_message(keys: Keys) -> None:
    keys.tab_to("a[href$='/cases']")
    keys.press("Enter")
    keys.page.wait_for_url("**/cases")
    find_case(keys)
    keys.choose_channel("sms")
    keys.press("m")
    expect(keys.page.locator("#text")).to_be_focused()
    keys.press("Control+a")
    keys.write(MESSAGE)
    keys.tab_to(".zy-send")
    keys.press("Enter")
    expect(keys.page.locator("#result-title")).to_be_visible()
    keys.shoot("message")


def check_kept(state: State, ref: str) -> None:
    with state.db.read() as session:
        call = session.scalars(select(Call).where(Call.ref == ref)).one()
        rights = session.scalars(select(CallRight.request_ref).where(CallRight.call_id == call.id)).all()
        uses = session.scalars(select(SuggestionUse.id).where(SuggestionUse.call_id == call.id)).all()
        message = session.scalars(
            select(Outreach).where(Outreach.channel != "call").order_by(Outreach.id.desc())
        ).first()
    assert call.closed_at is not None and call.outreach_id is not None
    assert any(rights)
    assert len(uses) == 1
    assert message is not None and MESSAGE[:8] in (message.masked or "")
