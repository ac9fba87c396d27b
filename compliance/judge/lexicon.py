"""The tables that folding and rewriting read, each loaded once, when the first text asks for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


def _entries(name: str) -> list[str]:
    """Blank-separated entries of a hand-written table; lines that begin with ``#`` are comments."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [entry for line in lines if not line.startswith("#") for entry in line.split()]


def _rows(name: str) -> dict[str, str]:
    """A generated table: a key and a value a line, with a tab between."""
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return dict(line.split("\t", 1) for line in lines if line)  # type: ignore[misc]


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
def read_pairs() -> frozenset[str]:
    """Pairs of characters that sound like part of a sensitive word and that ordinary text hardly ever has."""
    return frozenset(first + second for first, seconds in _rows("pairs.tsv").items() for second in seconds)


@cache
def read_spelling() -> dict[str, str]:
    """Toneless spelling with spaces → the likeliest word."""
    return _rows("spelling.tsv")


@cache
def read_splits() -> dict[str, str]:
    """Parts → the character that they make."""
    return dict(entry.split("=", 1) for entry in _entries("splits.txt"))  # type: ignore[misc]


@cache
def read_signs() -> dict[str, str]:
    """Emoji, symbols and fixed misspellings → the word meant."""
    return dict(entry.split("=", 1) for entry in _entries("signs.txt"))  # type: ignore[misc]


@cache
def read_sounds() -> dict[str, tuple[str, ...]]:
    """Sensitive word → its toneless syllables."""
    return {word: tuple(sounds.split(" ")) for word, sounds in _rows("sounds.tsv").items()}
