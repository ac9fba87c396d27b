"""The messages that are measured: made up, the same for the same seed, of four kinds.

``sms``: reminders of about 70 characters. ``mixed``: longer ones. Both carry 10 % violation phrases, a quarter of
them plain and the rest full width, zero-width, separated or traditional; 30 % lawful words that rules look at; 6 %
personal data. ``random``: dictionary words in no order. ``half``: the beginnings of what the rules look for, never
whole.
"""

from __future__ import annotations

import importlib.util
import random
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count as count_up
from itertools import islice
from pathlib import Path
from typing import Any

SMS = 70
"""Code points of a short message."""
SEPARATORS = ("·", "*", "-", " ", "、", "/", "_")
HIDDEN = "\u200b"


@cache
def _phrases() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


@cache
def _traditional() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("s2t").convert
    return convert


def make_sms(count: int, seed: int = 1) -> list[str]:
    """Messages of at most 70 characters, most of them of 60 and more."""
    rng = random.Random(seed)
    return [_fill_up(rng, SMS) for _ in range(count)]


def make_mixed(count: int, seed: int = 2) -> list[str]:
    """Messages of 70 to 140 characters."""
    rng = random.Random(seed)
    return [_fill_up(rng, rng.choice((80, 100, 120, 140))) for _ in range(count)]


def _fill_up(rng: random.Random, longest: int) -> str:
    """One reminder with what it carries, other sentences behind it up to ``longest`` characters."""
    extras = []
    if rng.random() < 0.10:
        extras.append(_violation(rng) + "。")
    if rng.random() < 0.30:
        extras.append(rng.choice(_phrases()["keywords"]))
    if rng.random() < 0.06:
        extras.append(_slots(rng.choice(_phrases()["identifiers"]), rng))
    room = longest - sum(map(len, extras))
    body = _slots(rng.choice(_phrases()["templates"]), rng)
    while len(body) < room:
        body += _slots(rng.choice(_phrases()["templates"]), rng).partition("】")[2] or "请知悉。"
    return body[: max(room, 0)] + "".join(extras)


def _slots(template: str, rng: random.Random) -> str:
    phrases = _phrases()
    return template.format(
        bank=rng.choice(phrases["banks"]),
        name=rng.choice(phrases["surnames"]),
        tail=f"{rng.randrange(10_000):04}",
        days=rng.randrange(1, 200),
        amount=f"{rng.randrange(100, 99_999):,}.{rng.randrange(100):02}",
        small=rng.randrange(50, 3_000),
        date=f"{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日",
        mobile=f"13{rng.randrange(10**9):09}",
        identity=f"110101{rng.randrange(1960, 2004)}11{rng.randrange(10, 29)}{rng.randrange(1000, 9999)}",
        card=f"6222{rng.randrange(10**15):015}",
    )


def _violation(rng: random.Random) -> str:
    """A quarter as it is, the rest in one of the usual disguises."""
    phrase: str = rng.choice(_phrases()["violations"])
    way = rng.randrange(16)
    if way < 4:
        return phrase
    if way < 7:
        return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in phrase.replace("微信", "WX"))
    if way < 10:
        return HIDDEN.join(phrase)
    if way < 13:
        return rng.choice(SEPARATORS).join(phrase)
    return _traditional()(phrase)


def make_random(count: int, seed: int = 3) -> list[str]:
    """About 70 characters of dictionary words in no order."""
    rng, words = random.Random(seed), _dictionary()
    return [_string_together(rng, words, SMS) for _ in range(count)]


def make_half(
    count: int, whole: Iterable[str], is_whole: Callable[[str], bool] = lambda text: False, seed: int = 4
) -> list[str]:
    """About 70 characters of ``whole`` phrases without their last character, one after the other.

    What ``is_whole`` finds is left out: a beginning that is itself a phrase, and a text in which two make one.
    """
    beginnings = sorted({phrase[:-1] for phrase in whole if len(phrase) > 2 and not is_whole(phrase[:-1])})
    rng = random.Random(seed)
    texts = (_string_together(rng, beginnings, SMS) for _ in count_up())
    return list(islice((text for text in texts if not is_whole(text)), count))


def _string_together(rng: random.Random, parts: list[str], longest: int) -> str:
    text = ""
    while len(text) < longest:
        text += rng.choice(parts)
    return text[:longest]


@cache
def _dictionary() -> list[str]:
    """The Chinese words of two to four characters of jieba's dictionary, the rare ones left out."""
    package = importlib.util.find_spec("jieba")
    assert package is not None and package.origin is not None
    rows = (line.split(" ") for line in Path(package.origin).with_name("dict.txt").read_text("utf-8").splitlines())
    return [row[0] for row in rows if 2 <= len(row[0]) <= 4 and int(row[1]) >= 20 and row[0][0] >= "\u4e00"]
