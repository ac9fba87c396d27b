"""The tables that folding and rewriting read, each loaded once, when the first text asks for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

BARE = frozenset("亻扌讠氵钅纟犭饣忄阝疒辶彳礻衤宀夭爫灬攵彐歹佥咅丩尃戋糹")
"""Parts that are no character of their own: text that has one takes characters apart."""


def is_han(char: str) -> bool:
    """Whether this is a Chinese character of the blocks in common use."""
    return "\u3400" <= char <= "\u9fff"


def _entries(name: str) -> list[str]:
    """Blank-separated entries of a hand-written table; lines that begin with ``#`` are comments."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [entry for line in lines if not line.startswith("#") for entry in line.split()]


def _rows(name: str) -> dict[str, str]:
    """A generated table: a key and a value a line, with a tab between."""
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return dict(line.split("\t", 1) for line in lines if line)


@cache
def read_words() -> tuple[str, ...]:
    """The sensitive words of the field, each once, in the order of the file."""
    return tuple(dict.fromkeys(entry.partition("=")[0] for entry in _entries("lexicon.txt")))


@cache
def read_initials() -> dict[str, str]:
    """Typed initials → word, for instance ``qs`` → 起诉."""
    pairs = (entry.partition("=") for entry in _entries("lexicon.txt"))
    return {initials: word for word, _, initials in pairs if initials}


@cache
def read_fold() -> dict[str, str]:
    return _rows("fold.tsv")


@cache
def read_readings() -> dict[str, tuple[str, ...]]:
    """Character → its toneless readings, the commonest first."""
    return {char: tuple(reads.split(" ")) for char, reads in _rows("readings.tsv").items()}


@cache
def read_pairs() -> dict[str, str]:
    """First character → the second ones of pairs that sound like part of a sensitive word and hardly ever occur.

    A row holds its second characters as they stand: to make a set of all pairs takes longer than to judge a message.
    """
    return {first: seconds for first, seconds in _rows("pairs.tsv").items() if first}


@cache
def read_mistaken() -> frozenset[str]:
    """Characters of which each of ``read_suspects`` has at least one: the rare ones, so that few are looked up."""
    return frozenset(_rows("pairs.tsv")[""])


@cache
def read_spelling() -> dict[str, str]:
    """Toneless spelling with spaces → the likeliest word."""
    return _rows("spelling.tsv")


@cache
def read_splits() -> dict[str, str]:
    """Parts → the character that they make."""
    return dict(entry.split("=", 1) for entry in _entries("splits.txt"))


@cache
def read_signs() -> dict[str, str]:
    """Emoji, symbols and fixed misspellings → the word meant."""
    return dict(entry.split("=", 1) for entry in _entries("signs.txt"))


@cache
def read_plain_signs() -> dict[str, str]:
    """The signs as the primary view has them: in lower case, without joiners and selectors."""
    hidden = str.maketrans("", "", "\u200d\ufe0f\u20e3")
    return {sign.translate(hidden).lower(): word for sign, word in read_signs().items()}


@cache
def read_sounds() -> dict[str, tuple[str, ...]]:
    """Sensitive word → its toneless syllables."""
    return {word: tuple(sounds.split(" ")) for word, sounds in _rows("sounds.tsv").items()}


@cache
def read_together() -> frozenset[str]:
    """Parts that ordinary Chinese never has side by side, though each is a character of its own."""
    return frozenset(_entries("together.txt"))


@cache
def read_suspects() -> dict[str, str]:
    """First → second characters that ask for a closer look: a misheard pair, or the beginning of a sign or a split."""
    suspects = dict(read_pairs())
    for begin in read_begins():
        suspects[begin[0]] = suspects.get(begin[0], "") + begin[1]
    return suspects


@cache
def read_begins() -> frozenset[str]:
    """How signs and splits begin that are written with Chinese characters."""
    begins = {key[:2] for key in (*read_signs(), *read_together()) if len(key) > 1}
    return frozenset(begin for begin in begins if is_han(begin[0]) and (is_han(begin[1]) or begin[1] == "4"))


@cache
def read_common() -> dict[str, float]:
    """Character or pair of characters → the share of ordinary messages that have it; what is rare is not listed."""
    return {part: float(share) for part, share in _rows("common.tsv").items()}
