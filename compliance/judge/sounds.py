"""Words written as they sound: with other characters of the same sound, in pinyin, or half and half."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from compliance.judge.lexicon import read_pairs, read_readings, read_sounds, read_spelling

Edit = tuple[int, int, str]

_FLAT = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_RUN = re.compile(r"[a-z](?:[a-z']|[ .*_-](?=[a-z]))*+")
_NEAR = 5
"""Characters on either side of Latin letters that may belong to the same word."""
_LONGEST = 6
_TOKEN = 48
"""Latin letters in a row beyond which nobody writes pinyin; keeps hostile text linear."""


def blur(syllable: str) -> str:
    """The syllable as somebody hears it who does not tell zh from z, or -ing from -in."""
    for sharp, flat in _FLAT:
        if syllable.startswith(sharp):
            syllable = flat + syllable[2:]
    return syllable[:-1] if syllable.endswith(("ing", "eng")) else syllable


@lru_cache(maxsize=8192)
def _heard(char: str) -> str:
    """The blurred sound of a character, empty for one without."""
    return blur(_sound(char))


@cache
def _by_sound() -> dict[tuple[str, str], list[str]]:
    """Sensitive words by the blurred sound of their first two characters, longer words first."""
    found: dict[tuple[str, str], list[str]] = {}
    for word, sounds in sorted(read_sounds().items(), key=lambda item: -len(item[0])):
        if len(word) > 1:
            found.setdefault((blur(sounds[0]), blur(sounds[1])), []).append(word)
    return found


def _sound(char: str) -> str:
    return read_readings().get(char, ("",))[0]


def read_misheard(plain: str, places: list[int]) -> Iterator[Edit]:
    """Stretches near ``places`` that sound like a sensitive word and make no ordinary word where they stand.

    Such a stretch holds a pair of ``read_pairs``: where places ask for something else nobody looks further.
    """
    pairs = read_pairs()
    heard = [place for place in places if plain[place + 1] in pairs.get(plain[place], "")]
    tokens = _Tokens(plain)
    seen: set[int] = set()
    for place in heard:
        for start in range(max(0, place - _LONGEST + 1), place + 1):
            if start not in seen and (start == place or place - start < _LONGEST - 1):
                seen.add(start)
                yield from _misheard_at(plain, start, tokens)


class _Tokens:
    """The words that a text is made of, cut only when somebody asks: few suspicious places sound like a word."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self._bounds: list[tuple[int, int]] | None = None

    def at(self, place: int) -> tuple[int, int]:
        """Where the word begins and ends in which the character at ``place`` stands."""
        if self._bounds is None:
            import rjieba

            self._bounds = []
            for token in rjieba.cut(self.plain, False):
                start = len(self._bounds)
                self._bounds += [(start, start + len(token))] * len(token)
        return self._bounds[place]


def _misheard_at(plain: str, start: int, tokens: _Tokens) -> Iterator[Edit]:
    if start + 2 > len(plain):
        return
    for word in _by_sound().get((_heard(plain[start]), _heard(plain[start + 1])), ()):
        if _is_misheard(plain, start, word, tokens):
            yield start, start + len(word), word
            return


def _is_misheard(plain: str, start: int, word: str, tokens: _Tokens) -> bool:
    """Whether the stretch sounds like ``word`` (one character may be blurred) without being made of words."""
    end = start + len(word)
    stretch = plain[start:end]
    if len(stretch) < len(word) or stretch in read_sounds():
        return False
    changed = [at for at in range(len(word)) if stretch[at] != word[at]]
    if len(changed) > max(1, len(word) - 1 if len(word) > 3 else len(word) // 2 + len(word) % 2):
        return False
    meant = read_sounds()[word]
    inexact = [at for at in changed if _sound(stretch[at]) != meant[at]]
    if len(inexact) > 1 or any(_heard(stretch[at]) != blur(meant[at]) for at in inexact):
        return False
    if not any(stretch[at + 1] in read_pairs().get(stretch[at], "") for at in range(len(word) - 1)):
        return False
    words = [tokens.at(start + at) for at in changed]
    return all(start <= first and last <= end for first, last in words)


@cache
def _syllables() -> frozenset[str]:
    return frozenset(read for reads in read_readings().values() for read in reads if len(read) > 1 or read in "ae")


def _split(letters: str) -> list[str] | None:
    """Letters as the fewest syllables, or ``None`` where they are no pinyin."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(letters) + 1):
        options = []
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and letters[start:end] in _syllables():
                options.append([*before, letters[start:end]])
        best.append(min(options, key=len, default=None))
    return best[-1]


Unit = tuple[int, int, str, bool]
"""Where a syllable stands, how it is spelt, and whether it is Latin."""


def read_latin(plain: str) -> Iterator[Edit]:
    """Words in pinyin, and words of which part is."""
    for run in _RUN.finditer(plain):
        units = _latin_units(run)
        if units:
            before, after = _near(plain, run.start(), -1), _near(plain, run.end(), 1)
            yield from _decode(plain, [*before, *units, *after], len(units))


def _latin_units(run: re.Match[str]) -> list[Unit]:
    """The syllables of a run of Latin letters; none where one of its words is no pinyin."""
    units: list[Unit] = []
    for word in re.finditer("[a-z]+", run[0]):
        sounds = _split(word[0]) if len(word[0]) <= _TOKEN else None
        if sounds is None:
            return []
        at = run.start() + word.start()
        for sound in sounds:
            units.append((at, at + len(sound), sound, True))
            at += len(sound)
    return units


def _near(plain: str, at: int, step: int) -> list[Unit]:
    """The Chinese characters next to a run of Latin letters, in the order of the text."""
    found: list[Unit] = []
    place = at if step > 0 else at - 1
    if 0 <= place < len(plain) and plain[place] == " ":
        place += step
    while len(found) < _NEAR and 0 <= place < len(plain) and plain[place] in read_readings():
        found.append((place, place + 1, read_readings()[plain[place]][0], False))
        place += step
    return found[::step]


def _decode(plain: str, units: list[Unit], latin: int) -> Iterator[Edit]:
    """The best row of words over the units: long words and words of the field count for more.

    A syllable alone is rewritten only where words cover most of a longer run, else English would be read as pinyin.
    """
    best: list[tuple[int, int, str | None]] = [(0, 0, None)]
    for end in range(1, len(units) + 1):
        options = [(best[end - 1][0], end - 1, None)]
        for start in range(max(0, end - _LONGEST), end - 1):
            word = _word(plain, units[start:end])
            if word is not None:
                score = (end - start) ** 2 + 4 * (word in read_sounds())
                options.append((best[start][0] + score, start, word))  # type: ignore[arg-type]
        best.append(max(options, key=lambda option: option[0]))
    rows, end = [], len(units)
    while end:
        rows.append((best[end][1], end, best[end][2]))
        end = best[end][1]
    covered = sum(stop - start for start, stop, word in rows if word)
    for start, stop, word in reversed(rows):
        if word is None and latin > 3 and 3 * covered > 2 * latin:
            word = read_spelling().get(units[start][2])
        if word is not None and any(unit[3] for unit in units[start:stop]):
            yield units[start][0], units[stop - 1][1], word


@cache
def _spelt() -> dict[str, list[str]]:
    """Spelling → the sensitive words spelt so."""
    found: dict[str, list[str]] = {}
    for word, sounds in read_sounds().items():
        found.setdefault(" ".join(sounds), []).append(word)
    return found


def _word(plain: str, units: list[Unit]) -> str | None:
    """The word that the units spell. Chinese characters among them must be its own, and it a sensitive one."""
    spelling = " ".join(unit[2] for unit in units)
    fixed = [at for at, unit in enumerate(units) if not unit[3]]
    if len(fixed) == len(units):
        return None
    for word in _spelt().get(spelling, ()):
        if all(plain[units[at][0]] == word[at] for at in fixed):
            return word
    common = None if fixed else read_spelling().get(spelling)
    return common if common is not None and len(common) == len(units) else None
