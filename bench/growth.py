"""How the cost grows: with the length of a text, with hostile text, and in memory over many messages."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from compliance.judge.types import Message
from compliance.judge.verdict import LONGEST, Judge

HOSTILE: Mapping[str, str] = {
    "one character": "好",
    "one letter": "a",
    "quotation marks": "“",
    "nested quotations": "「“『",
    "brackets with pinyin": "(zuò",
    "digits": "7",
    "spoken digits": "幺三八、",
    "separated words": "坐.牢 ",
    "combining marks": "\u0301",
    "scripts mixed": "a好б\u0e31ا１",
    "negations": "不会",
    "half a gap": "你们",
    "blanks": "好 ",
    "commas": "，好",
}
"""Name → what a hostile text repeats."""


def seconds(judge: Judge, text: str, rounds: int) -> float:
    """The fastest of several readings of a text, in processor time."""
    took = []
    for _ in range(rounds):
        begun = time.thread_time()
        judge.screen(Message(text))
        took.append(time.thread_time() - begun)
    return min(took)


def doubling(judge: Judge, texts: Sequence[str], rounds: int) -> list[tuple[int, float]]:
    """For each length up to 16,000 the time for a text of that length twice over, as a multiple of that for it once.

    A longer text of other messages would measure what those messages hold, not what the length costs.
    """
    parts = ["\n".join(texts)[:size] for size in (4_000, 8_000, 16_000)]
    return [(len(part), seconds(judge, 2 * part, rounds) / seconds(judge, part, rounds)) for part in parts]


def hostile(judge: Judge, rounds: int, size: int = LONGEST // 2) -> dict[str, float]:
    """For each hostile text the time for 2n as a multiple of that for n, up to the longest text that is taken."""
    found = {}
    for name, part in HOSTILE.items():
        text = part * (2 * size // len(part) + 1)
        short, long = seconds(judge, text[:size], rounds), seconds(judge, text[: 2 * size], rounds)
        found[name] = long / short
    return found


def memory_growth(judge: Judge, texts: Sequence[str], count: int) -> float:
    """MB (10⁶ bytes) that the process grows by over ``count`` messages, after a tenth as many to warm up."""
    for text in texts[: count // 10]:
        judge.screen(Message(text))
    before = _resident()
    for number in range(count):
        judge.screen(Message(texts[number % len(texts)]))
    return (_resident() - before) / 1e6


def _resident() -> int:
    """Bytes of memory that the process holds. Linux alone tells."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def half_against_random(half: Sequence[float], random: Sequence[float]) -> float:
    """The median ratio of the means of two sets, round by round."""
    return statistics.median(one / other for one, other in zip(half, random, strict=True))
