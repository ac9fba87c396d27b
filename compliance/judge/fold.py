"""The primary view: one way of writing for what looks and reads the same, offsets kept.

Width, case and compatibility forms; zero-width, control and combining characters; traditional characters of
Taiwan, Hong Kong and machine conversion; pinyin in brackets after its character. Chinese punctuation and Chinese
numerals stay. Every step is linear and none can raise, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from compliance.judge.lexicon import read_fold, read_readings
from compliance.judge.view import View, edit

DELETED = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u0610-\\u061a"
    "\\u064b-\\u065f\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u1ab0-\\u1aff"
    "\\u1dc0-\\u1dff\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u20d0-\\u20ff\\u2800\\u302a-\\u302f\\u3164"
    "\\ufe00-\\ufe0f\\ufe20-\\ufe2f\\ufeff\\uffa0\\ufff9-\\ufffb\\U000e0000-\\U000e0fff"
)
"""Characters that show nothing of their own: a regular expression's set, without its brackets."""

HAN = "\\u3007\\u3400-\\u9fff\\U00020000-\\U0003ffff"
_LONE = "\\ud800-\\udfff"
_INLINE = (
    rf"(?<=[{HAN}a-z]) ?(?P<opens>[(（\[【〔?])(?P<sounds>[a-z\u0300-\u036f][a-z\u0300-\u036f1-5 ']{{0,39}})[)）\]】〕]"
)
_OPENS = re.compile(r"[(（\[【〔?][a-z]")
_TONES = frozenset("\u0300\u0301\u0304\u030c")
_WORDS = re.compile(
    "乾(?=[坤隆])|(?<=[显編编名专專原昭土巨卓论論译譯遗遺])著|著(?=[名作述称稱者书書])|瞭(?=望)|(?<=[狼慰蕴])藉"
    "|[帳帐](?=[篷幕])|(?<=[蚊营營])[帳帐]|甚(?=[么麼麽])"
)
"""Where the word decides what a character folds to: these keep their own form (甚 alone becomes 什)."""
_OWN = {"甚": "什", "帳": "帐"}


@cache
def _tables() -> tuple[dict[int, str], dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """One-to-one replacements, longer ones, what asks for folding, and what changes the length."""
    same = {ord(char): to for char, to in read_fold().items() if len(to) == 1}
    longer = {char: to for char, to in read_fold().items() if len(to) > 1}
    same |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | {9: " ", 0x2028: "\n", 0x2029: "\n", 13: "\n"}
    low = "".join(re.escape(char) for char in (*map(chr, same), *longer) if ord(char) < 0x10000)
    asks = re.compile(f"[{low}{DELETED}{_LONE}\\U00010000-\\U0010ffff甚]")
    length = re.compile(f"[{DELETED}]+|[{''.join(map(re.escape, longer))}]|{_INLINE}")
    return same, longer, asks, length


def fold(raw: str) -> View:
    """The primary view of ``raw``."""
    same, longer, asks, length = _tables()
    plain = raw
    if asks.search(raw) is not None:
        plain = _keep_words(raw, raw.translate(same))
    elif _OPENS.search(raw) is None:
        return View(raw, "folded")
    edits = []
    for match in length.finditer(plain):
        sounds = match["sounds"]
        if sounds is None:
            edits.append((match.start(), match.end(), longer.get(match[0], "")))
        elif _is_reading(raw[match.start("sounds") : match.end("sounds")], plain, match):
            edits.append((match.start(), match.end(), ""))
        else:
            inner = re.finditer(f"[{DELETED}]+", match[0])
            edits += [(match.start() + part.start(), match.start() + part.end(), "") for part in inner]
    base = View(plain, "folded")
    return edit(base, edits, "folded") if edits else base


def _keep_words(raw: str, plain: str) -> str:
    """``plain`` with the characters put back that keep their own form in certain words."""
    parts: list[str] = []
    done = 0
    for match in _WORDS.finditer(raw):
        parts += plain[done : match.start()], _OWN.get(match[0], match[0])
        done = match.end()
    return "".join((*parts, plain[done:])) if parts else plain


def _is_reading(sounds: str, plain: str, match: re.Match[str]) -> bool:
    """Whether bracketed Latin is pinyin: it bears tone marks, or it spells the characters before it.

    A "?" stands for the bracket where a page lost a byte in conversion.
    """
    apart = unicodedata.normalize("NFD", sounds.lower())
    letters = "".join(char for char in apart if "a" <= char <= "z")
    if not _TONES.isdisjoint(apart):
        return len(letters) <= 24
    return match["opens"] != "?" and _spells(letters, plain[max(0, match.start() - 6) : match.start()])


def _spells(letters: str, characters: str) -> bool:
    """Whether ``letters`` are readings of the last of ``characters``, one after the other."""
    rests = {letters.replace("u:", "v")}
    for char in reversed(characters):
        reads = read_readings().get(char, ())
        rests = {rest[: -len(read)] for rest in rests for read in reads if rest.endswith(read)}
        if "" in rests:
            return True
        if not rests:
            return False
    return False
