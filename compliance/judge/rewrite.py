"""The ``rewritten`` view: disguised words written plainly, and nothing else touched.

A stretch is rewritten only where it can hardly be ordinary Chinese: characters taken apart, signs that stand for a
word, Latin spelling, and characters that sound like a sensitive word but do not make a word where they stand. The
view adds to the folded text and never replaces it, so a wrong guess can hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from compliance.judge.fold import HAN
from compliance.judge.lexicon import read_initials, read_signs, read_splits
from compliance.judge.sounds import read_latin, read_misheard
from compliance.judge.view import View, edit

_LEET = re.compile(r"(?<![a-z0-9@$])[a-z0134@$]{3,24}+(?![a-z0-9@$])")
_PLAIN_LEET = str.maketrans("0134@$", "oieaas")

Edit = tuple[int, int, str]


def _either(table: dict[str, str]) -> re.Pattern[str]:
    """Any key of the table, longer keys first; keys are grouped by their first character to keep matching linear."""
    groups: dict[str, list[str]] = {}
    for key in sorted(table, key=len, reverse=True):
        groups.setdefault(key[0], []).append(re.escape(key[1:]))
    branches = (f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in groups.items())
    firsts = "".join(map(re.escape, groups))
    return re.compile(f"(?=[{firsts}])(?:{'|'.join(branches)})")


@cache
def _signs() -> tuple[dict[str, str], re.Pattern[str]]:
    """Signs as the primary view has them: without joiners and selectors."""
    hidden = re.compile("[\u200d\ufe0f\u20e3]")
    table = {hidden.sub("", sign).lower(): word for sign, word in read_signs().items()}
    return table, _either(table)


@cache
def _parts() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Parts that no ordinary text has side by side, and those that need a second sign of disguise."""
    bare = {p: c for p, c in read_splits().items() if p[0] in _BARE or p[-1] in _BARE or p in _NEVER_TOGETHER}
    return _either(bare), _either(read_splits())


_BARE = frozenset("亻扌讠氵钅纟犭饣忄阝疒辶彳礻衤宀夭爫灬攵彐歹佥咅丩尃戋糹")
_NEVER_TOGETHER = frozenset(
    "走己 走召 言斥 言公 言寸 言乍 言兑 女马 女且 女未 女表 月佥 月土 木寸 木又 火暴 火乍 马扁 贝者 贝占 贝长 禾火 "
    "束负 束页 弗贝 西贝 石欠 石皮 丰寸 矢口 车专 足艮 足包 足兆 身寸 歹匕 歹朱 酉己 又欠 力又 奴力 角刀牛 舌辛 女昏 "
    "沙口 口比 业已 氵去阝完 金戋 目丁 弓虽 耳又 户方 穴力 正攵 古攵 其欠 谷欠 贝欠 子小 王见 王元 木仓 木奉".split()
)


def rewrite(base: View) -> View | None:
    """``base`` with disguised words written plainly, or ``None`` where nothing looks disguised."""
    plain = base.plain
    found = [*_sign_edits(plain), *_part_edits(plain), *_latin_edits(plain), *_leet_edits(plain)]
    found += read_misheard(plain)
    edits = list(_first_longest(found))
    return edit(base, edits, "rewritten") if edits else None


def _first_longest(found: list[Edit]) -> Iterator[Edit]:
    """Of edits that overlap the leftmost, of those that begin together the longest."""
    done = 0
    for start, end, new in sorted(found, key=lambda item: (item[0], -item[1])):
        if start >= done:
            yield start, end, new
            done = end


def _sign_edits(plain: str) -> Iterator[Edit]:
    table, pattern = _signs()
    for match in pattern.finditer(plain):
        if not (match[0].isascii() and _inside_latin(plain, *match.span())):
            yield match.start(), match.end(), table[match[0]]


def _inside_latin(plain: str, start: int, end: int) -> bool:
    """Whether Latin letters or digits run on before or after."""
    around = plain[max(0, start - 1) : start] + plain[end : end + 1]
    return any(char.isascii() and char.isalnum() for char in around) and plain[start : start + 1] != "+"


def _part_edits(plain: str) -> Iterator[Edit]:
    """Characters taken apart: certain pairs at once; others only in a text that has a certain one."""
    certain, any_parts = _parts()
    if certain.search(plain) is not None:
        for match in any_parts.finditer(plain):
            yield match.start(), match.end(), read_splits()[match[0]]


def _latin_edits(plain: str) -> Iterator[Edit]:
    """Initials beside Chinese characters, and pinyin."""
    initials = read_initials()
    for match in re.finditer(r"(?<![a-z0-9])[a-z]{2,5}(?![a-z0-9$¥￥])", plain):
        word = initials.get(match[0])
        if word is not None and _beside_han(plain, *match.span()):
            yield match.start(), match.end(), word
    yield from read_latin(plain)


def _beside_han(plain: str, start: int, end: int) -> bool:
    around = plain[max(0, start - 1) : start] + plain[end : end + 1]
    return any("\u3400" <= char <= "\u9fff" for char in around)


def _leet_edits(plain: str) -> Iterator[Edit]:
    """English words with digits or signs for letters: at least three letters for each of them."""
    for match in _LEET.finditer(plain):
        letters = sum("a" <= char <= "z" for char in match[0])
        if letters < len(match[0]) <= letters + max(1, letters // 3) and letters > 1 and match[0][-1].isalpha():
            yield match.start(), match.end(), match[0].translate(_PLAIN_LEET)
