"""The primary view: one way of writing for what looks and reads the same, offsets kept.

Width, case and compatibility forms; zero-width, control and combining characters; traditional characters of
Taiwan, Hong Kong and machine conversion; pinyin in brackets after its character. Chinese punctuation and Chinese
numerals stay. Every step is linear and none can raise, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from compliance.judge.characters import DELETED, HAN, LINES
from compliance.judge.glance import FOLDING, glance
from compliance.judge.lexicon import read_fold, read_readings
from compliance.judge.view import View, edit

_INLINE = (
    rf"(?<=[{HAN}a-z]) ?(?P<opens>[(（\[【〔?])(?P<sounds>[a-z\u0300-\u036f][a-z\u0300-\u036f1-5 ']{{0,39}})[)）\]】〕]"
)
_TONES = frozenset("\u0300\u0301\u0304\u030c")
_WORDS = re.compile(
    "乾(?=[坤隆])|(?<=[显編编名专專原昭土巨卓论論译譯遗遺])著|著(?=[名作述称稱者书書])|瞭(?=望)|(?<=[狼慰蕴])藉"
    "|[帳帐](?=[篷幕])|(?<=[蚊营營])[帳帐]|甚(?=[么麼麽])"
)
"""Where the word decides what a character folds to: these keep their own form (甚 alone becomes 什)."""
_OWN = {"甚": "什", "帳": "帐"}


@cache
def _same() -> dict[int, str]:
    """One-to-one replacements."""
    same = {ord(char): to for char, to in read_fold().items() if len(to) == 1}
    return same | dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | LINES


@cache
def _longer() -> tuple[dict[str, str], re.Pattern[str]]:
    """What folds to more than one character, and all that changes the length."""
    longer = {char: to for char, to in read_fold().items() if len(to) > 1}
    return longer, re.compile(f"[{DELETED}]+|[{''.join(map(re.escape, longer))}]|{_INLINE}")


def fold(raw: str) -> View:
    """The primary view of ``raw``."""
    if not glance(raw).asks & FOLDING:
        return View(raw, "folded")
    plain = _keep_words(raw, raw.translate(_same()))
    longer, length = _longer()
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
