"""A call of fifteen turns in a real Chromium: turns come by the API, the collector works by keyboard alone.

Skipped where there is no Chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from sqlalchemy import select, update

from assistant.calls.models import Call, CallTurn, Promise
from assistant.calls.receiving import Incoming, receive
from bench.film import TURNS
from compliance.casebook.models import Account, Debtor
from compliance.rights.models import RightsRequest
from tests.serving import served
from web import create_app
from web.config import Config
from web.demo import PASSWORD, load_demo
from web.state import State, state_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
AXE = (Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """() => axe.run(document, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa"]}}).then((found) =>
  found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`))"""  # noqa: E501
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
expect.set_options(timeout=30_000)  # what a page shows is checked here, not how soon: other work may keep it waiting
NUMBER = "15400000020"
"""Of a debtor of the demo, 62 days past due."""
OPENED, ANSWERED = TURNS[:2]
TOLD = ("collector", "您的汽车贷款已经逾期，对明细有异议可以打客服电话反映。您打算哪天还、还多少？")
PROMISED = ("debtor", "不好意思忘了，下周三还五百块")
SUMMED_UP = ("collector", "好的，跟您确认一下：下周三还五百块。谢谢您，再见。")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@dataclass
class Line:
    """The collector's browser in an open call, and the telephone system that posts what is said."""

    page: Page
    state: State
    url: str
    ref: str
    faults: list[str] = field(default_factory=list)

    def say(self, number: int, turns: tuple[tuple[str, str], ...] = TURNS) -> None:
        speaker, text = turns[number - 1]
        now = self.state.clock() + timedelta(seconds=number)
        receive(self.state.calls, self.ref, Incoming(speaker, text, seq=number, at=now), self.state.clock())

    def hear_all(self) -> None:
        for number in range(1, len(TURNS) + 1):
            self.say(number)
        expect(self.page.locator(f"#turn-{len(TURNS)}")).to_be_visible()


@pytest.fixture(scope="module")
def site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, now_of_session: datetime
) -> Iterator[tuple[str, State]]:
    folder = tmp_path_factory.mktemp("calls")
    path = folder / "calls.db"
    shutil.copyfile(sqlite_template, path)
    config = Config(database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=folder)
    app = create_app(config, clock=lambda: now_of_session)
    state = state_of(app)
    assert load_demo(state.db, state.judge, now_of_session, keys=state.keys)
    with served(app) as address:
        yield address, state
    state.db.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def line(browser: Browser, site: tuple[str, State]) -> Iterator[Line]:
    """Wang, logged in, with the call of a debtor who rings, opened by keys."""
    url, state = site
    # a complaint that an earlier call left open would leave only neutral words to offer
    state.db.run(lambda session: session.execute(update(RightsRequest).values(closed_at=state.clock())))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    found = Line(page, state, url, "")
    page.on("pageerror", lambda error: found.faults.append(str(error)))
    page.on("console", lambda said: said.type == "error" and found.faults.append(said.text))
    page.goto(f"{url}/login")
    page.get_by_label("登录名").fill("wang")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases")
    page.goto(f"{url}/calls/pop?number={NUMBER}")
    expect(page.locator("form button:focus")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/call_*")
    found.ref = page.url.rsplit("/", 1)[1]
    yield found
    context.close()


def test_fifteen_turns_show_as_they_come(line: Line) -> None:
    for number in range(1, len(TURNS) + 1):
        line.say(number)
        expect(line.page.locator(f"#turn-{number}")).to_be_visible()
    expect(line.page.locator("#turn-7")).to_have_class("zy-turn zy-turn-collector zy-turn-block")
    expect(line.page.locator("#call-checks")).to_contain_text("投诉")
    assert line.faults == []


def test_a_call_is_opened_by_keys_from_its_permitted_dial(line: Line) -> None:
    with line.state.db.read() as session:
        account = session.scalars(select(Account.id).join(Debtor).where(Debtor.ref == "D0020")).one()
    line.page.goto(f"{line.url}/cases/{account}?channel=call")
    line.page.keyboard.press("d")
    expect(line.page.locator(".zy-dial")).to_be_visible()
    line.page.keyboard.press("c")
    line.page.wait_for_url("**/calls/call_*")
    expect(line.page.locator(".zy-prep")).to_contain_text("通话准备")


def test_a_reload_shows_the_same(line: Line) -> None:
    line.hear_all()
    regions = [line.page.locator(f"#{name}") for name in ("call-hint", "call-turns", "call-checks")]
    before = [region.inner_text() for region in regions]
    line.page.reload()
    assert [region.inner_text() for region in regions] == before


def test_a_stream_that_a_gateway_refuses_is_said_to_be_lost_and_taken_up_again(line: Line) -> None:
    line.page.route("**/stream*", lambda route: route.fulfill(status=502, body="bad gateway"))
    line.page.reload()
    expect(line.page.locator("#call-lost")).to_be_visible()
    line.say(1)
    expect(line.page.locator("#turn-1")).to_be_visible()
    line.page.unroute("**/stream*")
    expect(line.page.locator("#call-lost")).to_be_hidden()
    line.say(2)
    expect(line.page.locator("#turn-2")).to_be_visible()


def test_a_right_is_recorded_with_one_key(line: Line) -> None:
    line.hear_all()
    with line.state.db.read() as session:
        before = len(session.scalars(select(RightsRequest)).all())
    expect(line.page.locator(".zy-heard [data-key=r]").first).to_be_visible()
    line.page.keyboard.press("r")
    expect(line.page.locator(".zy-heard")).to_contain_text("已登记")
    with line.state.db.read() as session:
        assert len(session.scalars(select(RightsRequest)).all()) == before + 1


def test_a_suggestion_is_taken_with_a_digit_and_said_with_enter(line: Line) -> None:
    line.say(1)
    line.say(2)
    expect(line.page.locator("#turn-2")).to_be_visible()
    offered = line.page.locator("#call-hint .zy-say").inner_text()
    line.page.keyboard.press("1")
    expect(line.page.locator("#words")).to_be_focused()
    assert line.page.locator("#words").input_value() == offered
    line.page.keyboard.press("Enter")
    expect(line.page.locator("#turn-3")).to_contain_text(offered[:20])
    expect(line.page.locator("#words")).to_have_value("")


def test_an_answer_that_comes_late_leaves_the_keys_to_whoever_went_on(line: Line) -> None:
    """The stream may show a turn before its form is answered: a key that records a right must not go into the box."""
    line.hear_all()
    held: list[Route] = []
    line.page.route("**/turns", lambda route: held.append(route))

    def say_and(go_on: Callable[[], None], words: str) -> None:
        with line.page.expect_request("**/turns"):
            line.page.keyboard.type(words)
            line.page.keyboard.press("Enter")
        go_on()
        with line.page.expect_response("**/turns"):
            held.pop().continue_()

    words = line.page.locator("#words")
    line.page.keyboard.press("n")
    say_and(lambda: line.page.keyboard.type("再说"), "我先说一句")
    expect(words).to_have_value("再说")
    expect(words).to_be_focused()
    say_and(lambda: line.page.keyboard.press("Escape"), "一句")
    expect(words).to_have_value("")
    line.page.keyboard.press("r")
    expect(line.page.locator(".zy-heard")).to_contain_text("已登记")
    expect(line.page.locator("#call-turns")).to_contain_text("再说一句")


def test_another_digit_takes_another_suggestion_until_its_words_are_touched(line: Line) -> None:
    line.say(1)
    line.say(2)
    line.say(6)
    expect(line.page.locator("#take-2")).to_be_visible()
    line.page.keyboard.press("1")
    first = line.page.locator("#words").input_value()
    expect(line.page.locator("#call-hint")).not_to_contain_text(first)
    other = line.page.locator("#take-1").get_attribute("data-words")
    line.page.keyboard.press("1")
    expect(line.page.locator("#words")).to_have_value(str(other))
    line.page.keyboard.press("Control+End")
    line.page.keyboard.type("1")
    expect(line.page.locator("#words")).to_have_value(f"{other}1")


def test_digits_that_are_typed_take_no_suggestion(line: Line) -> None:
    line.say(1)
    line.say(2)
    line.page.keyboard.press("n")
    line.page.keyboard.type("1234")
    assert line.page.locator("#words").input_value() == "1234"
    line.page.keyboard.press("Enter")
    expect(line.page.locator("#turn-3")).to_contain_text("1234")
    with line.state.db.read() as session:
        call = session.scalars(select(Call).where(Call.ref == line.ref)).one()
        speaker = session.scalars(select(CallTurn.speaker).where(CallTurn.call_id == call.id, CallTurn.seq == 3)).one()
    assert speaker == "debtor"


def test_nothing_fires_while_an_input_method_composes(line: Line) -> None:
    line.say(1)
    expect(line.page.locator("#turn-1")).to_be_visible()
    for key in ("1", "r", "e"):
        line.page.evaluate(
            "(key) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true}))",
            key,
        )
    line.page.locator("#words").focus()
    line.page.locator("#words").fill("还没打完")
    line.page.evaluate(
        """() => document.getElementById("words").dispatchEvent(
          new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    assert line.page.locator("#words").input_value() == "还没打完"
    assert line.page.url.endswith(line.ref)
    assert line.page.locator("[data-seq]").count() == 1


def test_the_library_is_searched_from_the_slash_key(line: Line) -> None:
    line.say(1)
    line.page.keyboard.press("/")
    line.page.keyboard.type("投诉")
    line.page.keyboard.press("Enter")
    expect(line.page.locator("#found .zy-found").first).to_contain_text("投诉")


def test_a_sign_of_self_harm_turns_the_page_to_care(line: Line) -> None:
    line.say(1)
    heard = Incoming("debtor", "我真的不想活了", seq=2)
    receive(line.state.calls, line.ref, heard, line.state.clock())
    expect(line.page.locator("#call-hint")).to_contain_text("12356")
    assert "还款" not in line.page.locator("#call-hint .zy-say").inner_text()


def test_the_whole_call_is_wrapped_up_by_keys(line: Line) -> None:
    line.hear_all()
    line.page.keyboard.press("e")
    line.page.wait_for_url("**/wrap")
    assert "已告知录音" in line.page.locator("#note").input_value()
    line.page.keyboard.press("2")
    line.page.keyboard.press("s")
    line.page.wait_for_url("**/calls")
    expect(line.page.locator("tbody tr").filter(has_text="申请分期").first).to_be_visible()


@pytest.mark.parametrize(
    ("turns", "filed"),
    [
        ((OPENED, ANSWERED, TOLD, PROMISED, SUMMED_UP), ("promise", "forgot", Decimal(500))),
        ((), ("no_answer", "unknown", None)),
    ],
    ids=["a promise", "nobody spoke"],
)
def test_a_plain_call_is_wrapped_up_with_two_keys(
    line: Line, turns: tuple[tuple[str, str], ...], filed: tuple[str, str, Decimal | None]
) -> None:
    """What was drafted is right, so that nothing but two keys stands between the last word and the next case."""
    for number in range(1, len(turns) + 1):
        line.say(number, turns)
    for key, address in (("e", "**/wrap"), ("s", "**/calls")):
        line.page.keyboard.press(key)
        line.page.wait_for_url(address)
    with line.state.db.read() as session:
        call = session.scalars(select(Call).where(Call.ref == line.ref)).one()
        promised = session.scalar(select(Promise.amount).where(Promise.call_id == call.id))
    assert (call.outcome, call.reason, promised) == filed
    assert call.note is not None


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_the_pages_have_no_fault(line: Line, size: tuple[int, int]) -> None:
    line.hear_all()
    line.page.set_viewport_size({"width": size[0], "height": size[1]})
    faults = {}
    for path in (f"/calls/{line.ref}", f"/calls/{line.ref}/wrap", "/calls", f"/calls/pop?number={NUMBER}"):
        line.page.goto(line.url + path)
        wide, room = line.page.evaluate(WIDTHS)
        line.page.evaluate(AXE)
        found = line.page.evaluate(RUN_AXE) + ([f"{wide} px on {room}"] if wide > room else [])
        found += [] if line.page.locator("h1").count() == 1 else ["h1"]
        if found:
            faults[path] = found
    assert faults == {}
