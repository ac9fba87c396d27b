"""Saying it better: a message that may not go out becomes one that may, and keeps of itself what can be kept.

Personal data is masked. Every other offending sentence gives way to one calm sentence of the pack, or is left out where
nothing of it can be saved; its facts (name, amount, date, card, hotline) stay. Somebody who does not owe is only asked
to pass on a call back. Nothing is offered that has not been read again and found to pass.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from compliance.judge.fold import fold
from compliance.judge.keeping import Sentence, Sieve, recover_debt, sentences_of, simplify
from compliance.judge.masking import find_numbers, mask_spans
from compliance.judge.packs import Pack
from compliance.judge.patterns import Pattern
from compliance.judge.replacements import OWING, Relay, Replacements, load_replacements
from compliance.judge.types import Decision, Finding, Message, Span, strictest

Read = Callable[[str], tuple[Finding, ...]]
"""The findings of the same message with another text."""

_MOST_TRIES = 6
"""Rewordings that are read before none is offered."""
_BLANK_LINES = re.compile(r"\n{3,}")
_SIGN_OFF = 16
"""Code points up to which a last line without a full stop is a signature, before which anything is added."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """The findings with ``fix`` and ``instead``, and the whole message reworded, or ``None`` where nothing passes."""

    findings: tuple[Finding, ...]
    suggestion: str | None


class Piece(NamedTuple):
    """Part of a rewording. What was ``kept`` of the message may still be given up."""

    text: str
    kept: bool


class Plan(NamedTuple):
    """What becomes of one sentence."""

    fix: str | None
    pieces: tuple[Piece, ...]
    say: str | None = None


def reword(message: Message, findings: tuple[Finding, ...], pack: Pack, read: Read) -> Rewording:
    """What to say instead. A note is a record of what happened and is never reworded."""
    if strictest([finding.decision for finding in findings]) is Decision.ALLOW or not message.text.strip():
        return Rewording(findings, None)
    if message.channel == "note":
        return Rewording(tuple(replace(finding, instead=None, fix=None) for finding in findings), None)
    replacements = load_replacements(pack)
    if replacements is None:
        return Rewording(tuple(_as_the_rule_says(finding) for finding in findings), None)
    if message.audience not in OWING:
        return _relay(message, findings, replacements.relay, read)
    return _Composer(message, findings, pack, replacements).reword(read)


def _as_the_rule_says(finding: Finding) -> Finding:
    return replace(finding, fix="replace" if finding.instead and finding.span else None)


def _passes(findings: tuple[Finding, ...]) -> bool:
    return strictest([finding.decision for finding in findings]) is Decision.ALLOW


def _relay(message: Message, findings: tuple[Finding, ...], relay: Relay, read: Read) -> Rewording:
    """A call back is asked for, with no name or number that the text did not have."""
    for text in dict.fromkeys((_fill(relay, fold(message.text).plain), relay.bare)):
        if _passes(read(text)):
            told = tuple(
                replace(finding, instead=text, fix="replace") if finding.span else finding for finding in findings
            )
            return Rewording(told, text)
    return Rewording(tuple(replace(finding, instead=None, fix=None) for finding in findings), None)


def _fill(relay: Relay, plain: str) -> str:
    who = _named(relay.who, plain, relay.no_names)
    sender = _named(relay.sender, plain, relay.no_names)
    phone = _named(relay.phone, plain, ())
    unnamed = relay.her if "她" in plain and "他" not in plain else relay.him
    return relay.text.format(who=who or unnamed, sender=f"我{sender}，" if sender else "", phone=phone)


def _named(patterns: Sequence[Pattern], plain: str, barred: Sequence[str]) -> str:
    for pattern in patterns:
        for match in pattern.engine.finditer(plain):
            name = str(match.group(1))
            if not any(word in name for word in barred):
                return name
    return ""


class _Composer:
    """Rewords one message to somebody who owes."""

    def __init__(self, message: Message, findings: tuple[Finding, ...], pack: Pack, replacements: Replacements) -> None:
        self.message = message
        self.findings = findings
        self.replacements = replacements
        self.maskable = pack.maskable
        self.sentences = sentences_of(message)
        self.ends = [sentence.end for sentence in self.sentences]
        self.sieve = Sieve(
            replacements.keep,
            strict=any(finding.decision is Decision.BLOCK and finding.category != "pii_leak" for finding in findings),
            quiet=any(finding.category in replacements.quiet for finding in findings),
        )
        self.said: dict[str, str] = {}
        """Category → what is already said instead of a sentence of that category."""

    def reword(self, read: Read) -> Rewording:
        here = self._by_sentence()
        plans = [self._plan(sentence, here.get(at, [])) for at, sentence in enumerate(self.sentences)]
        pieces = [piece for plan in plans for piece in plan.pieces]
        whole, suggestion = self._first_that_passes(pieces, self._with_what_is_missing(pieces, plans), read)
        findings = tuple(self._told(finding, plans, whole) for finding in self.findings)
        return Rewording(findings, suggestion)

    def _held_by(self, span: Span) -> Iterator[int]:
        """Numbers of the sentences that the span touches, in order."""
        at = bisect_right(self.ends, span.start)
        while at < len(self.sentences) and self.sentences[at].holds(span):
            yield at
            at += 1

    def _by_sentence(self) -> dict[int, list[Finding]]:
        """The findings of each sentence that has any, by its number."""
        here: dict[int, list[Finding]] = {}
        for finding in self.findings:
            for at in self._held_by(finding.span) if finding.span is not None else ():
                here.setdefault(at, []).append(finding)
        return here

    def _plan(self, sentence: Sentence, here: list[Finding]) -> Plan:
        raw, keep = self.message.text, self.replacements.keep
        if not here:
            return Plan(None, self._kept(sentence))
        masks = self._masks(sentence, here)
        if masks is not None:
            return Plan("mask", (Piece(simplify(mask_spans(raw, masks, sentence.start, sentence.end)), True),))
        spans = [finding.span for finding in here if finding.span is not None]
        categories = {finding.category for finding in here}
        doubtful = bool(categories & self.replacements.doubtful)
        sieve = replace(self.sieve, quiet=True) if doubtful else self.sieve
        before, after = sieve.clauses(raw, sentence, spans)
        debt = "" if self.sieve.quiet else recover_debt(sentence, keep, before + after, doubtful)
        say = None
        if not any(self._is_lost(finding) for finding in here):
            say = self._say(here, categories)
        fresh = say if say is not None and say not in self.said.values() else None
        for category in categories if say else ():
            self.said.setdefault(category, say or "")
        line = "\n" if raw[sentence.start : sentence.end].endswith("\n") else ""
        parts = [Piece(before, True), Piece(debt, True), Piece(fresh or "", False), Piece(after, True)]
        kept = [part for part in parts if part.text]
        return Plan("replace" if say else "drop", (*kept, *([Piece(line, True)] if kept and line else [])), say)

    def _kept(self, sentence: Sentence) -> tuple[Piece, ...]:
        raw = self.message.text
        if self.sieve.passes(sentence.plain, whole=True):
            return (Piece(simplify(raw[sentence.start : sentence.end]), True),)
        before, _ = self.sieve.clauses(raw, sentence, ())
        return (Piece(before, True),) if before else ()

    def _masks(self, sentence: Sentence, here: list[Finding]) -> list[Span] | None:
        """What to hide, where hiding is all that the sentence needs."""
        if any(finding.category != "pii_leak" for finding in here):
            return None
        ruled = [finding.span for finding in here if finding.rule in self.maskable and finding.span is not None]
        numbers = find_numbers(self.message.text, sentence.start, sentence.end)
        return [*ruled, *numbers] or None

    def _say(self, here: list[Finding], categories: set[str]) -> str | None:
        """The one sentence said instead: for all categories together, of the worst finding's rule, or by category."""
        known = next(
            (self.said[category] for category in self.replacements.order if category in categories & set(self.said)),
            None,
        )
        if known is not None:
            return known
        fitting = [say for say in self.replacements.say if say.categories <= categories and say.admits(self.message)]
        several = next((say for say in fitting if len(say.categories) > 1), None)
        if several is not None:
            return several.text
        worst = min(here, key=self._urgency)
        if worst.instead:
            return worst.instead
        return next((say.text for say in fitting if worst.category in say.categories), None)

    def _is_lost(self, finding: Finding) -> bool:
        """Whether a rule says that nothing of the sentence can be saved: it stops it and has no words instead."""
        silent = finding.source != "reader" and finding.instead is None
        return silent and finding.decision is Decision.BLOCK and finding.category in self.replacements.drop

    def _urgency(self, finding: Finding) -> tuple[int, bool, int]:
        order = self.replacements.order
        return -finding.decision.rank, finding.source == "reader", order.index(finding.category)

    def _with_what_is_missing(self, pieces: list[Piece], plans: list[Plan]) -> list[Piece]:
        """The sentence for findings about the whole message, and the neutral one where all were left out."""
        added = []
        loose = [finding for finding in self.findings if finding.span is None and finding.source != "contact"]
        if loose:
            say = self._say(loose, {finding.category for finding in loose})
            added += [say] if say and say not in self.said.values() else []
        if not added and any(plan.fix == "drop" for plan in plans) and not any(plan.say for plan in plans):
            neutral = self.replacements.neutral_for(self.message)
            added += [neutral] if neutral else []
        if not added:
            return pieces
        place = len(pieces)
        while place and _is_sign_off(pieces[place - 1]):
            place -= 1
        line = [Piece("\n", True)] if place and pieces[place - 1].text.endswith("\n") and place < len(pieces) else []
        return [*pieces[:place], *(Piece(text, False) for text in added), *line, *pieces[place:]]

    def _first_that_passes(self, pieces: list[Piece], full: list[Piece], read: Read) -> tuple[bool, str | None]:
        """Whether everything that was kept could stay, and the text. What is missing is added only where it must be."""
        if self.said and full != pieces:
            without = _join(pieces)[0]
            if without and _passes(read(without)):
                return True, without
        for tried, candidate in enumerate(self._candidates(full, read)):
            if tried >= _MOST_TRIES:
                break
            if candidate is not None:
                return tried == 0, candidate
        return False, None

    def _candidates(self, pieces: list[Piece], read: Read) -> Iterator[str | None]:
        """Texts from the fullest to the barest, each read; ``None`` for one that does not pass."""
        left = pieces
        for _ in range(_MOST_TRIES // 2):
            text, places = _join(left)
            found = read(text) if text else ()
            yield text if text and _passes(found) else None
            spans = [finding.span for finding in found if finding.span is not None]
            fewer = [
                piece
                for piece, (start, end) in zip(left, places, strict=True)
                if not (piece.kept and any(start < span.end and span.start < end for span in spans))
            ]
            if len(fewer) == len(left):
                break
            left = fewer
        bare = _join([piece for piece in pieces if not piece.kept])[0]
        neutral = self.replacements.neutral_for(self.message)
        for barer in dict.fromkeys((bare, *self._by_category(), neutral)):
            if barer:
                yield barer if _passes(read(barer)) else None

    def _by_category(self) -> list[str]:
        """The pack's own sentence for the most urgent category, where a rule's words did not do."""
        present = {finding.category for finding in self.findings}
        first = next((category for category in self.replacements.order if category in present), None)
        return [
            say.text
            for say in self.replacements.say
            if say.categories == frozenset([first]) and say.admits(self.message)
        ][:1]

    def _told(self, finding: Finding, plans: list[Plan], whole: bool) -> Finding:
        """The finding with what becomes of its sentence."""
        at = next(self._held_by(finding.span), None) if finding.span is not None else None
        if at is None:
            return replace(finding, fix=None, instead=None)
        plan = plans[at]
        if plan.fix == "drop":
            return replace(finding, fix="drop", instead=None)
        words = plan.say if plan.fix == "replace" and not whole else self._sentence(plan)
        return replace(finding, fix=plan.fix, instead=words)

    @staticmethod
    def _sentence(plan: Plan) -> str:
        """The reworded sentence by itself, its replacement included even where another sentence has said it."""
        words = [piece.text for piece in plan.pieces]
        if plan.say is not None and plan.say not in words:
            words.append(plan.say)
        return "".join(words).strip()


def _is_sign_off(piece: Piece) -> bool:
    words = piece.text.strip()
    return piece.kept and len(words) <= _SIGN_OFF and not words.endswith(("。", "！", "？", "】", "：", ":"))


def _join(pieces: Sequence[Piece]) -> tuple[str, list[tuple[int, int]]]:
    """The text, and where each piece stands in it; blank edges go, and more than one empty line."""
    text = ""
    places = []
    for piece in pieces:
        words = piece.text if text else piece.text.lstrip()
        if text.endswith("\n\n"):
            words = words.lstrip("\n")
        elif text and words and piece.kept is False and text[-1] not in "。！？!?】：:\n；;":
            words = f"。{words}"
        start = len(text)
        tail = text[-2:]  # what came before has no empty line too many: only the seam is looked at
        text += _BLANK_LINES.sub("\n\n", tail + words)[len(tail) :]
        places.append((start, len(text)))
    return text.strip(), places
