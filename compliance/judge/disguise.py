"""Writes the sensitive words of a text the way people write them who hope to pass a filter.

``packs test`` runs every rule's own hits through all kinds and prints the share that still hits. The words come
from the lexicon; what each kind does to a word does not use the tables by which disguises are read, wherever those
were written by hand for reading alone.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache

from compliance.judge.lexicon import (
    read_initials,
    read_readings,
    read_signs,
    read_sounds,
    read_splits,
    read_words,
)

Disguise = Callable[[str, random.Random], str]


def disguise(text: str, kind: str, rng: random.Random) -> str:
    """``text`` with its sensitive words disguised; unchanged where this kind has no way to write any of them.

    ``split_messages`` gives both messages with a line break between. Raises ``KeyError`` for an unknown kind.
    """
    change = KINDS[kind]
    if kind in WHOLE:
        return change(text, rng)
    return _words().sub(lambda match: change(match[0], rng), text)


@cache
def _words() -> re.Pattern[str]:
    return re.compile("|".join(sorted((word for word in read_words() if len(word) > 1), key=len, reverse=True)))


def _full_width(text: str, rng: random.Random) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _between(marks: str) -> Disguise:
    return lambda word, rng: rng.choice(marks).join(word)


def _separators(word: str, rng: random.Random) -> str:
    return rng.choice(["*", "·", ".", " ", "-", "/", "|", "_", "☆", "~", "、", " . ", "🌟"]).join(word)


def _split_characters(word: str, rng: random.Random) -> str:
    apart: dict[str, list[str]] = defaultdict(list)
    for parts, whole in read_splits().items():
        apart[whole].append(parts)
    return "".join(rng.choice(apart[char]) if char in apart else char for char in word)


@cache
def _homophones() -> dict[str, list[str]]:
    """Sound → characters in the order of GB 2312, of which the first level is the commoner half."""
    found: dict[str, list[str]] = defaultdict(list)
    for char, reads in read_readings().items():
        if char.encode("gb2312")[0] <= 0xD7:
            found[reads[0]].append(char)
    return found


def _homophone(word: str, rng: random.Random) -> str:
    """One character of the word becomes another of the same sound."""
    at = rng.randrange(len(word))
    others = [char for char in _homophones()[read_sounds()[word][at]] if char != word[at]]
    return word[:at] + rng.choice(others) + word[at + 1 :] if others else word


def _pinyin(word: str, rng: random.Random) -> str:
    return rng.choice(["", " "]).join(read_sounds()[word])


def _half_pinyin(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + read_sounds()[word][at] + word[at + 1 :]


def _initials(word: str, rng: random.Random) -> str:
    known = {meant: letters for letters, meant in read_initials().items()}
    return known.get(word, word)


def _signs(only_emoji: bool) -> Disguise:
    def change(text: str, rng: random.Random) -> str:
        for sign, word in read_signs().items():
            if (sign[0] >= "\u2600" and not "\u3400" <= sign[0] <= "\u9fff") == only_emoji:
                text = text.replace(word, sign)
        return text

    return change


@cache
def _converter(config: str) -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC(config).convert
    return convert


def _traditional(config: str) -> Disguise:
    return lambda text, rng: _converter(config)(text)


def _inline_pinyin(word: str, rng: random.Random) -> str:
    from pypinyin import Style, pinyin

    sounds = pinyin(word, style=Style.TONE)
    brackets = rng.choice(["()", "（）"])
    return "".join(f"{char}{brackets[0]}{sound[0]}{brackets[1]}" for char, sound in zip(word, sounds, strict=True))


def _split_messages(text: str, rng: random.Random) -> str:
    match = _words().search(text)
    at = match.start() + 1 if match else len(text) // 2
    return f"{text[:at]}\n{text[at:]}"


KINDS: dict[str, Disguise] = {
    "full_width": _full_width,
    "zero_width": _between("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f"),
    "separators": _separators,
    "split_characters": _split_characters,
    "homophones": _homophone,
    "pinyin": _pinyin,
    "half_pinyin": _half_pinyin,
    "initials": _initials,
    "leet": _signs(only_emoji=False),
    "emoji": _signs(only_emoji=True),
    "traditional": _traditional("s2t"),
    "traditional_tw": _traditional("s2tw"),
    "traditional_hk": _traditional("s2hk"),
    "inline_pinyin": _inline_pinyin,
    "split_messages": _split_messages,
}
"""Kind → how it writes a word, or the whole text for the kinds in ``WHOLE``."""

WHOLE = frozenset({"full_width", "traditional", "traditional_tw", "traditional_hk", "leet", "emoji", "split_messages"})
