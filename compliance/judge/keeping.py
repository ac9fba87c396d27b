"""What of a message may stay beside a reworded sentence: courtesies and facts, in plain simplified characters.

A clause of an offending sentence stays only if it states a fact and nothing spoils it; the sentences around it stay
as they are where the message is merely held, and only for their facts where it is stopped, for threats spread.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from compliance.judge.context import Layout
from compliance.judge.fold import fold
from compliance.judge.lexicon import is_han, read_fold
from compliance.judge.patterns import Pattern
from compliance.judge.replacements import Keep
from compliance.judge.types import Message, Span
from compliance.judge.view import View

_TRAILING = re.compile(r"[，,:：、；;—~\s]+$")
_LABEL = re.compile(r"^\s*(?:我|催收员?|坐席|客服|员工)\s*[:：]\s*")
_SIGN = re.compile(r"\s*【[^】]{1,20}】")
_BLANK = re.compile(r"(?<=[^\x00-\x7f])[ \t　]+(?=[^\x00-\x7f]|$)")


class Clause(NamedTuple):
    """A stretch of the raw text and how it reads folded."""

    start: int
    end: int
    plain: str


class Sentence(NamedTuple):
    """A sentence with its clauses; together the sentences cover the raw text."""

    start: int
    end: int
    plain: str
    clauses: tuple[Clause, ...]

    def holds(self, span: Span) -> bool:
        return self.start < span.end and span.start < self.end


def sentences_of(message: Message) -> list[Sentence]:
    """The sentences that the collector speaks; a debtor's turn in a written dialogue is nobody's to reword."""
    view = fold(message.text)
    layout = Layout(view.plain, message.channel)
    clauses = _whole_numbers(view.plain, layout.clauses)
    found = []
    for start, end in layout.sentences:
        inner = [
            Clause(*_raw(view, a, b, message.text), view.plain[a:b])
            for clause_start, clause_end in clauses[bisect_left(clauses, (start, 0)) : bisect_left(clauses, (end, 0))]
            if clause_end <= end
            for a, b in _sign_apart(view.plain, clause_start, clause_end)
        ]
        first, last = _raw(view, start, end, message.text)
        if layout.speaker(end - 1) == "collector" and first < last:
            found.append(Sentence(first, last, view.plain[start:end], tuple(inner)))
    return found


def _whole_numbers(plain: str, clauses: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses with those joined again that a comma or colon inside a number (7,215.80, 8:30) has parted."""
    joined: list[tuple[int, int]] = []
    for start, end in clauses:
        inside = (
            joined and plain[start - 2 : start - 1].isdigit() and plain[start - 1] in ",:" and plain[start].isdigit()
        )
        joined.append((joined.pop()[0], end) if inside else (start, end))
    return joined


def _sign_apart(plain: str, start: int, end: int) -> list[tuple[int, int]]:
    """A clause, with the sender in 【】 that opens it as a clause of its own."""
    sign = _SIGN.match(plain, start, end) if "】" in plain[start:end] else None
    return [(start, end)] if sign is None or sign.end() == end else [(start, sign.end()), (sign.end(), end)]


def _raw(view: View, start: int, end: int, raw: str) -> tuple[int, int]:
    """The raw range from one folded offset to the next, what was folded away between them included."""
    if view.starts is None:
        return start, end
    first = 0 if start == 0 else view.starts[start]
    return first, view.starts[end] if end < len(view.plain) else len(raw)


def simplify(words: str) -> str:
    """Traditional characters written simplified, spoken 你 as 您, a label of the speaker left out; all else stays."""
    plain = _LABEL.sub("", words).translate(_simplified())
    return plain.replace("你", "您").replace("您们", "你们")


@cache
def _simplified() -> dict[int, str]:
    return {ord(char): to for char, to in read_fold().items() if is_han(char)}


@dataclass(frozen=True)
class Sieve:
    """What passes: every clean clause, only courtesies and facts (``strict``), or not even facts (``quiet``)."""

    keep: Keep
    strict: bool = True
    quiet: bool = False

    def passes(self, plain: str, whole: bool = False) -> bool:
        """Whether a clause stays, or a ``whole`` sentence, which a courtesy at its beginning does not redeem."""
        words = plain.strip()
        if not whole and (_occurs(self.keep.courtesy, words) or (not self.quiet and _occurs(self.keep.dates, words))):
            return True
        if _is_spoilt(self.keep.spoils, words.rstrip("!。")):
            return False
        if whole and _occurs(self.keep.courtesy, words):
            return True
        if _occurs(self.keep.sender, words) or (not self.quiet and _occurs(self.keep.facts, words)):
            return True
        return not self.strict and not self.quiet and "你" not in words

    def clauses(self, raw: str, sentence: Sentence, spans: Sequence[Span]) -> tuple[str, str]:
        """What stays of an offending sentence before the first of the spans and after it, each closed like one."""
        first = min((span.start for span in spans), default=sentence.end)
        single = Sieve(self.keep, strict=True, quiet=self.quiet)
        before: list[str] = []
        after: list[str] = []
        led = False
        for clause in sentence.clauses:
            clean = not any(clause.start < span.end and span.start < clause.end for span in spans)
            plain = clause.plain.strip()
            if clean and clause.start > first and _occurs(self.keep.greeting, plain):
                continue  # nobody is greeted after being told something
            stays = clean and (single.passes(plain) or (led and not _is_spoilt(self.keep.spoils, plain.rstrip("!。"))))
            if stays:
                (before if clause.start < first else after).append(simplify(raw[clause.start : clause.end]))
            led = stays and _occurs(self.keep.leads, plain)
        return close("".join(before)), close("".join(after))


def _occurs(patterns: Iterable[Pattern], plain: str) -> bool:
    for pattern in patterns:  # noqa: SIM110 - one, mostly: a generator costs more than it
        if pattern.occurs(plain):
            return True
    return False


def _is_spoilt(patterns: Iterable[Pattern], plain: str) -> bool:
    """The same by RE2: some hundred words, asked of every clause, are what its automaton reads eight times as fast."""
    encoded = plain.encode()  # in bytes, for where the words stand is not asked
    return any(pattern.engine.search(encoded) is not None for pattern in patterns)


def close(words: str) -> str:
    """A stretch of clauses made a sentence of its own: blanks between clauses become commas, the end a full stop."""
    line = _TRAILING.sub("", _BLANK.sub("，", words.strip())).strip()
    if not line or line[-1] in "。！？!?】…":
        return line
    return f"{line}：" if words.rstrip().endswith(("：", ":")) else f"{line}。"


def recover_debt(sentence: Sentence, keep: Keep, said: str, doubtful: bool) -> str:
    """That something is owed, said again plainly, where its amount or card would otherwise be lost with a sentence."""
    amount = "" if doubtful else _first(keep.owed, sentence.plain)
    tail = _first(keep.tail, sentence.plain)
    amount, tail = ("" if part in said else part for part in (amount, tail))
    if amount and tail:
        return keep.both_text.format(amount=amount, tail=tail)
    if amount:
        return keep.owed_text.format(amount=amount)
    return keep.tail_text.format(tail=tail) if tail else ""


def _first(patterns: Iterable[Pattern], plain: str) -> str:
    return next((words for pattern in patterns if (words := pattern.first_group(plain)) is not None), "")
