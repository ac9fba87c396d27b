"""A call of fifteen turns at the speed of speech in a real browser, filmed: a picture of the preparation, of each turn
as soon as it stands on the page, of the wrap-up and of the list afterwards.

Words come as from a recogniser: half of a turn as a partial result while it is said, all of it when it ends. The
collector's part is done by keys.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import call_pages
from bench.calls import ask, open_for, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

DEBTOR = "D0020"
TURNS = (
    ("collector", "您好，我是海岳银行的客户经理，工号3107，姓王，这通电话会录音。请问是傅听澜先生本人吗？"),
    ("debtor", "对，我是，什么事啊"),
    ("collector", "麻烦您报一下预留手机号的后四位。"),
    ("debtor", "零零二零"),
    ("collector", "谢谢。您的汽车贷款已经到期还没还，对明细有异议可以打客服电话反映。"),
    ("debtor", "你到底是哪家的，怎么证明"),
    ("collector", "再不还就去你单位找你领导，让你身败名裂。"),
    ("debtor", "你这什么态度，我要投诉你们"),
    ("collector", "对不起，刚才的话不对，我收回。投诉可以打客服热线，我这就给您登记。"),
    ("debtor", "我是真没钱，上个月失业了"),
    ("collector", "听您这么说确实不容易，您可以申请分期。"),
    ("debtor", "能不能给我分几期"),
    ("collector", "可以申请，我给您登记，结果会书面告诉您。"),
    ("debtor", "行，那我下周三先还五百块"),
    ("collector", "我跟您确认一下：您申请分期，下周三先还五百块。"),
)
"""Who speaks, and the words. The seventh must not be said."""
CHARACTERS_PER_SECOND = 4.5
"""How fast Mandarin is spoken on the telephone, 270 characters a minute."""
PAUSE = 0.6
"""Seconds between two turns."""
HURRY = 25.0
"""How many times faster a quick film is."""
SIZE = (1440, 900)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture, and the milliseconds from POST to paint where it shows a turn."""

    name: str
    shown_ms: float | None = None
    signs: tuple[str, ...] = ()
    """What came with the turn: an alert, other suggestions."""

    def __str__(self) -> str:
        tells = [f"visible after {self.shown_ms:.0f} ms"] if self.shown_ms is not None else []
        return "  ".join((f"{self.name:<24}", ", ".join([*tells, *self.signs]))).rstrip()


def run(folder: Path, speed: float = 1.0) -> Iterator[str]:
    """Film into ``folder``, and tell of each picture; one plain sentence where there is no Chromium."""
    if call_pages.CHROMIUM is None:
        yield "there is no Chromium here: nothing was filmed"
        return
    folder.mkdir(parents=True, exist_ok=True)
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as instance, served(Path(instance)) as (port, token):
        ref = open_for(port, token, DEBTOR).ref
        with call_pages.started() as browser:
            page = call_pages.open_page(browser, port, call_pages.sign_in(browser, port), ref, SIZE)
            begun, slowest = time.monotonic(), 0.0
            for frame in film(page, port, token, ref, folder, speed):
                slowest = max(slowest, frame.shown_ms or 0.0)
                yield str(frame)
            took = time.monotonic() - begun
            yield f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
            yield f"{len(TURNS)} turns in {took:.0f} s; the slowest was visible after {slowest:.0f} ms"


def film(page: Page, port: int, token: str, ref: str, folder: Path, speed: float) -> Iterator[Frame]:
    """The pictures in their order, each taken when what it shows is there."""
    yield _shoot(page, folder, Frame("00-preparation"))
    due = time.monotonic()
    for seq, (speaker, text) in enumerate(TURNS, 1):
        half, whole = text[: len(text) // 2], len(text) / CHARACTERS_PER_SECOND / speed
        _post(port, token, ref, {"seq": seq, "speaker": speaker, "text": half, "final": False}, due + whole / 2)
        due += whole
        posted = _post(port, token, ref, {"seq": seq, "speaker": speaker, "text": text}, due)
        yield _shoot(page, folder, _shown(page, seq, speaker, posted))
        due += PAUSE / speed
    page.keyboard.press("e")
    page.wait_for_url("**/wrap")
    yield _shoot(page, folder, Frame(f"{len(TURNS) + 1}-wrap-up"))
    page.keyboard.press("s")
    page.wait_for_url("**/calls")
    yield _shoot(page, folder, Frame(f"{len(TURNS) + 2}-afterwards"))


def _post(port: int, token: str, ref: str, turn: dict[str, object], due: float) -> float:
    """When it was posted, by the clock on the wall, in seconds."""
    time.sleep(max(0.0, due - time.monotonic()))
    posted = time.time()
    status, answer = ask(port, token, "POST", f"/api/v1/calls/{ref}/turns", turn)
    if status != 200:
        raise RuntimeError(f"turn {turn['seq']}: {status} {answer}")
    return posted


def _shown(page: Page, seq: int, speaker: str, posted: float) -> Frame:
    """The frame of a turn, once it was painted."""
    painted = "seq => window.benchSeen[seq] && window.benchSeen[seq].at"
    page.wait_for_function(painted, arg=str(seq), timeout=call_pages.WAIT_MS)
    seen = page.evaluate("seq => window.benchSeen[seq]", str(seq))
    signs = (("an alert", seen["alert"]), ("other suggestions", seen["suggestion"]))
    shown_ms = seen["at"] - posted * 1e3
    return Frame(f"{seq:02}-{speaker}", shown_ms, tuple(sign for sign, there in signs if there))


def _shoot(page: Page, folder: Path, frame: Frame) -> Frame:
    page.screenshot(path=folder / f"{frame.name}.png")
    return frame
