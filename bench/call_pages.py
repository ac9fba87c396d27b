"""Live calls in a real browser: from posting a turn to the frame that shows it, with its alert and its suggestions.

Every call is open in a page of its own in one headless Chromium, signed in as its collector. The page notes by itself
when the frame with a turn was painted: nothing is asked of it until the last turn is posted. Server, browser and the
poster of turns share one machine and its clock.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.calls import COLLECTOR, TARGET_MS, Effort, Followed, opened_calls, percentile, play, served
from web.demo import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
        "--disable-component-update")  # fmt: skip
WAIT_MS = 10_000
"""How long the last turn may take to be seen."""
WATCH = """
(() => {
  const seen = (window.benchSeen = {});
  const offered = () => [...document.querySelectorAll("[id^=take-]")].map((one) => one.dataset.words).join();
  let before = null;
  const look = () => {
    const now = offered();
    const finals = [...document.querySelectorAll("[data-seq]:not(.zy-partial)")];
    const turns = finals.filter((one) => !(one.dataset.seq in seen));
    for (const turn of turns) {
      const entry = { alert: turn.querySelector(".zy-inplace") !== null, suggestion: now !== before, at: null };
      seen[turn.dataset.seq] = entry;
      requestAnimationFrame(() => {
        const painted = new MessageChannel(); // its message comes after the frame
        painted.port1.onmessage = () => { entry.at = Date.now(); };
        painted.port2.postMessage(0);
      });
    }
    if (turns.length) before = now;
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn as a page showed it: seconds from its POST, and whether an alert or other suggestions came with it."""

    seconds: float
    alert: bool
    suggestion: bool


def run(effort: Effort) -> Iterator[str]:
    """Plays the calls, and tells the latencies in milliseconds; one plain sentence where there is no Chromium."""
    if CHROMIUM is None:
        yield "there is no Chromium here: what a browser shows was not measured"
        return
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (port, token), started() as browser:
        calls = opened_calls(port, token, effort)
        signed_in = sign_in(browser, port)
        pages = [open_page(browser, port, signed_in, call.ref) for call in calls]
        time.sleep(1)
        play(port, token, calls, effort)
        shown = [one for page, call in zip(pages, calls, strict=True) for one in _shown(page, call)]
    yield f"{effort.calls} calls open in Chromium, {effort.turns} turns, {effort.per_second:g} a second"
    yield f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    yield _line("POST to visible", shown, target=True)
    yield _line("  with an alert", [one for one in shown if one.alert])
    yield _line("  other suggestions", [one for one in shown if one.suggestion])


def _line(name: str, shown: list[Shown], target: bool = False) -> str:
    if not shown:
        return f"{name}: none"
    seconds = sorted(one.seconds for one in shown)
    p50, p99 = percentile(seconds, 50), percentile(seconds, 99)
    met = f"  (< {TARGET_MS:g}: {'met' if p99 < TARGET_MS else 'MISSED'})" if target else ""
    return f"{name:<19} {len(shown):4} turns  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms{met}"


@contextmanager
def started() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(browser: Browser, port: int) -> StorageState:
    """The cookies of the collector, signed in by the form."""
    first = browser.new_context(base_url=f"http://127.0.0.1:{port}", locale="zh-CN")
    page = first.new_page()
    page.goto("/login")
    page.fill("[name=name]", COLLECTOR)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/cases*")
    signed_in = first.storage_state()
    first.close()
    return signed_in


def open_page(
    browser: Browser, port: int, signed_in: StorageState, ref: str, size: tuple[int, int] = (1440, 900)
) -> Page:
    """The page of a call, watched, in a context of its own: one context keeps few connections to one host."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}", locale="zh-CN", storage_state=signed_in,
        viewport={"width": size[0], "height": size[1]},
    )  # fmt: skip
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"/calls/{ref}")
    return page


def _shown(page: Page, call: Followed) -> Iterator[Shown]:
    """Every turn of a call with the time of the frame that showed it."""
    everything = "turns => turns.every((one) => window.benchSeen[one] && window.benchSeen[one].at)"
    page.wait_for_function(everything, arg=[str(seq) for seq in call.posted], timeout=WAIT_MS)
    seen = page.evaluate("window.benchSeen")
    for seq, posted in call.posted_at.items():
        one = seen[str(seq)]
        yield Shown(one["at"] / 1e3 - posted, one["alert"], one["suggestion"])
