"""Writes the generated tables under ``data/`` from opencc, pypinyin and jieba's dictionary.

Run ``python -m compliance.judge.build_data`` after a change of ``lexicon.txt`` or of those packages. Judging
itself reads only the tables, so that it neither imports those packages nor changes when they do.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from compliance.judge.fold import fold
from compliance.judge.lexicon import DATA, is_han, read_begins, read_words
from compliance.judge.sounds import blur

CORPUS = DATA.parent.parent / "corpus"
HAN = range(0x4E00, 0x9FA6)
KEPT = set("，：；！？（）…。、")
"""Punctuation that rules are written with; folding it would only cost time."""
ORDINARY = 20
"""jieba's count from which a two-character word counts as ordinary Chinese and is never rewritten."""
ALONE = 6000
"""jieba's count from which a character is so often a word of its own that it proves nothing."""
USED = 25
"""Lawful messages of the corpora from which a character is so much the field's own that it proves nothing."""

COMMON = 0.002
"""Share of the training messages from which a character or pair of characters is listed as common."""
BEGINNING = 100
"""Code points of a message that are counted, about as many as a short message has."""

ONE_BY_ONE = {
    "乾": "干", "著": "着", "瞭": "了", "徵": "征", "藉": "借", "於": "于", "裏": "里", "裡": "里", "臺": "台",
    "妳": "你", "祂": "他", "帳": "账", "帐": "账", "週": "周", "佈": "布", "檔": "档", "喫": "吃", "甚": "甚",
    "歀": "款", "欵": "款", "竝": "并", "併": "并", "佔": "占", "衹": "只", "祇": "只", "隻": "只", "彥": "彦",
    "麽": "么", "麼": "么", "託": "托", "迴": "回", "慾": "欲", "剋": "克", "闆": "板", "髮": "发", "發": "发",
    "餘": "余", "鬥": "斗", "捨": "舍", "拚": "拼", "圓": "圆", "係": "系", "繫": "系", "彙": "汇", "匯": "汇",
    "內": "内", "說": "说", "溫": "温", "戶": "户", "戸": "户", "录": "录", "録": "录", "值": "值", "眾": "众",
}  # fmt: skip
CONFUSABLE = dict(
    zip("АВЕЅІЈКМНОРСТХаеорсухіѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧορν", "abesijkmhopctxaeopcyxisabezhikmnoptyxopv", strict=True)
)
MARKED = {"ü": "v", "ǖ": "v", "ǘ": "v", "ǚ": "v", "ǜ": "v", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "s"}


def _compatible(char: str) -> str | None:
    """What compatibility decomposition makes of a character, where that is letters, digits, Han or plain signs."""
    if char in KEPT or char in "～￥":
        return None
    if char in MARKED or char.lower() in MARKED:
        return MARKED[char.lower()]
    plain = unicodedata.normalize("NFKD", char)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    if not plain or plain == char or len(plain) > 4 or any(ord(c) >= 128 and ord(c) not in HAN for c in plain):
        return None
    return plain if plain.strip() or unicodedata.category(char) == "Zs" else None


def _enclosed() -> Iterator[tuple[str, str]]:
    """Circled numbers and letters that have no compatibility decomposition."""
    for first in (0x1F150, 0x1F170):
        yield from ((chr(first + i), chr(97 + i)) for i in range(26))
    for code in (*range(0x2776, 0x2794), *range(0x24EB, 0x2500), *range(0x1F10B, 0x1F10D)):
        value = int(unicodedata.numeric(chr(code), 0))
        yield chr(code), str(value)
    for i in range(1, 21):  # "⑴" and "⒈" list numbers read as the bare number
        yield chr(0x2474 + i - 1), str(i)
        yield chr(0x2488 + i - 1), str(i)


def fold_table() -> dict[str, str]:
    """Every character that folds to something else, in the order of their code points."""
    import opencc

    simplify = opencc.OpenCC("t2s").convert
    table: dict[str, str] = {}
    for code in (*range(0x80, 0xD800), *range(0xF900, 0xFB00), *range(0xFE30, 0xFFE7), *range(0x1D400, 0x1F252)):
        char = chr(code)
        found = CONFUSABLE.get(char) or ONE_BY_ONE.get(char) or _compatible(char)
        if found is None and code in HAN:
            found = simplify(char)
        if found is not None:
            found = "".join(ONE_BY_ONE.get(c) or simplify(c) for c in found)
            table[char] = found
    table.update(_enclosed())
    table.update({chr(code): chr(code).lower() for code in range(65, 91)})
    table["〇"] = table["○"] = "〇"
    return {char: to for char, to in sorted(table.items()) if to != char}


def _common(char: str) -> int:
    """1 for the first level of GB 2312 (3,755 characters), 2 for the second, 0 for all others."""
    code = char.encode("gb2312", "ignore")
    return 0 if len(code) < 2 else 1 if code[0] <= 0xD7 else 2


def _frequencies() -> dict[str, int]:
    import jieba

    lines = (Path(os.fspath(jieba.__file__)).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(count) for word, count, *_ in (line.split() for line in lines)}


def readings() -> dict[str, list[str]]:
    """Toneless readings of the 6,763 characters of GB 2312, the commonest first; ü is v."""
    from pypinyin import Style, pinyin

    chars = [chr(code) for code in HAN if _common(chr(code))]
    found = {c: pinyin(c, style=Style.NORMAL, heteronym=True, v_to_u=False)[0] for c in chars}
    return {char: list(dict.fromkeys(reads)) for char, reads in found.items()}


def spell(word: str) -> list[str]:
    """Toneless syllables of a word of the field, where 还 is always huan."""
    from pypinyin import lazy_pinyin

    read: list[str] = lazy_pinyin(word, v_to_u=False)
    return ["huan" if char == "还" else sound for char, sound in zip(word, read, strict=True)]


def _used() -> Counter[str]:
    """In how many lawful messages of the training corpora a character stands."""
    found = Counter[str]()
    for path in sorted(CORPUS.glob("outreach-train-zh-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case["decision"] == "allow" and case["hard"] != "obfuscation":
                found.update(set(fold(case["text"]).plain))
    return found


class _Sounds:
    """Which common characters a word's characters could be mistaken for."""

    def __init__(self, frequencies: dict[str, int]) -> None:
        self.frequencies = frequencies
        self.used = _used()
        self.changed: set[str] = set()
        counts, self.starts, self.ends = Counter[str](), Counter[str](), Counter[str]()
        for word, count in frequencies.items():
            self.starts[word[0]] += count
            self.ends[word[-1]] += count
            counts.update(dict.fromkeys(word, count))
        self.total = sum(frequencies.values())
        exact, blurred = defaultdict(list), defaultdict(list)
        for char, reads in readings().items():
            for read in reads[:1] if _common(char) == 1 else ():
                exact[read].append(char)
                blurred[blur(read)].append(char)
        self.exact = {s: sorted(chars, key=lambda c: -counts[c])[:40] for s, chars in exact.items()}
        self.blurred = {s: sorted(chars, key=lambda c: -counts[c])[:8] for s, chars in blurred.items()}

    def pairs(self, word: str) -> Iterator[str]:
        """Pairs of characters that sound like a pair of the word, and that ordinary text hardly ever has.

        Of a word of two characters only one may change: with both changed, chance finds too much.
        """
        spelt = spell(word)
        for at in range(len(word) - 1):
            sounds = spelt[at], spelt[at + 1]
            options = set(product(word[at : at + 1], self._like(sounds[1])))
            options |= set(product(self._like(sounds[0]), word[at + 1]))
            if len(word) > 2:
                options |= set(product(self.exact.get(sounds[0], ()), self.exact.get(sounds[1], ())))
            for first, second in sorted(options - {(word[at], word[at + 1])}):
                alone = [c for c, own in ((first, word[at]), (second, word[at + 1])) if c != own]
                if self.frequencies.get(first + second, 0) < ORDINARY and self._rare(first, second, alone):
                    self.changed.update(alone)
                    yield first + second

    def _like(self, sound: str) -> set[str]:
        return {*self.exact.get(sound, ""), *self.blurred.get(blur(sound), "")}

    def _rare(self, first: str, second: str, changed: list[str]) -> bool:
        met = self.ends[first] / self.total * self.starts[second] / self.total
        rare = all(self.frequencies.get(char, 0) < ALONE and self.used[char] < USED for char in changed)
        return rare and met < 2e-6


def pair_table(frequencies: dict[str, int]) -> dict[str, str]:
    """First character → second characters of every suspicious pair; the first row has what is never a word's own."""
    sounds, found = _Sounds(frequencies), defaultdict(set)
    for word in read_words():
        for pair in sounds.pairs(word):
            found[pair[0]].add(pair[1])
    rows = {first: "".join(sorted(seconds)) for first, seconds in sorted(found.items())}
    rare = {min(filter(is_han, begin), key=lambda char: sounds.used[char]) for begin in read_begins()}
    return {"": "".join(sorted(sounds.changed | rare)), **rows}


def spelling_table(frequencies: dict[str, int]) -> dict[str, str]:
    """Toneless spelling with spaces → the likeliest word, for text typed in pinyin."""
    field = dict.fromkeys(read_words(), 10**6)
    common = {w: n for w, n in frequencies.items() if (n >= 400 or len(w) == 1) and all(_common(c) == 1 for c in w)}
    best: dict[str, tuple[int, str]] = {}
    for word, count in {**common, **field}.items():
        if len(word) <= 4:
            spelt = " ".join(spell(word))
            best[spelt] = max(best.get(spelt, (0, "")), (count, word))
    return {spelt: word for spelt, (_, word) in sorted(best.items())}


def common_table() -> dict[str, str]:
    """Character or pair of characters → the share of the training messages that have it, where that is not small."""
    found, messages = Counter[str](), 0
    for path in sorted(CORPUS.glob("outreach-train-zh-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = fold(json.loads(line)["text"]).plain[:BEGINNING]
            pairs = {plain[at : at + 2] for at in range(len(plain) - 1)}
            found.update(part for part in {*plain, *pairs} if part.isprintable() and part.strip() == part)
            messages += 1
    shares = {part: count / messages for part, count in found.items()}
    return {part: f"{share:.3f}" for part, share in sorted(shares.items()) if share >= COMMON}


def _write(name: str, rows: dict[str, str]) -> None:
    text = "".join(f"{key}\t{value}\n" for key, value in rows.items())
    (DATA / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Writes the tables and names them on stdout."""
    frequencies = _frequencies()
    tables = {
        "fold.tsv": fold_table(),
        "readings.tsv": {char: " ".join(reads) for char, reads in readings().items()},
        "pairs.tsv": pair_table(frequencies),
        "spelling.tsv": spelling_table(frequencies),
        "common.tsv": common_table(),
        "sounds.tsv": {word: " ".join(spell(word)) for word in read_words()},
    }
    for name, rows in tables.items():
        _write(name, rows)
        sys.stdout.write(f"{name}: {len(rows)} rows\n")


if __name__ == "__main__":
    main()
