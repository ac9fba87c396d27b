"""Text → findings: one pass names the candidate patterns, and only for their rules is the context looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from compliance.judge.checks import CHECKS, Matched
from compliance.judge.context import Layout
from compliance.judge.packs import Pack
from compliance.judge.patterns import Pattern
from compliance.judge.rules import Rule
from compliance.judge.text import Text, View
from compliance.judge.types import Decision, Finding, Message, Span


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule met at a place of one view, in that view's offsets. ``missing`` names what a ``must_say`` did not find."""

    rule: Rule
    start: int
    end: int
    sentence: int
    missing: tuple[str, ...] = ()


@dataclass
class Reading:
    """One view being read: its candidates, the spans of each pattern once asked, and its layout."""

    view: View
    message: Message
    pack: Pack
    candidates: set[int]
    settled: frozenset[str] = frozenset()
    """Ids of the rules of which an earlier view showed a trace: nothing that this view says of them would count."""
    touched: set[str] = field(default_factory=set)
    """Ids of the rules whose words occurred, whether or not the context excused them."""

    def __post_init__(self) -> None:
        self.layout = Layout(self.view.plain, self.message.channel)
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def spans(self, pattern: Pattern) -> list[tuple[int, int]]:
        source = pattern.source
        found = self._spans.get(source)
        if found is None:
            number = self.pack.numbers.get(source)
            absent = number is not None and number not in self.candidates
            found = self._spans[source] = [] if absent else pattern.spans(self.view.plain)
        return found

    def occurs_in(self, pattern: Pattern, unit: tuple[int, int]) -> bool:
        spans = self.spans(pattern)
        at = bisect_left(spans, (unit[0], 0))  # they are in order and do not overlap: no later one ends sooner
        return at < len(spans) and spans[at][1] <= unit[1]

    def opened(self, day: date | None) -> dict[int, set[tuple[int, int]]]:
        """Numbers of the rules that speak of such a message and begin in this view, with where they do."""
        starts: dict[int, set[tuple[int, int]]] = {}
        rules_of = self.pack.openers_for(self.message, day)
        for number in self.candidates:
            rules = rules_of.get(number, ())
            if self.settled:
                rules = tuple(rule for rule in rules if self.pack.rules[rule].id not in self.settled)
            spans = self.spans(self.pack.patterns[number]) if rules else ()
            for rule in rules if spans else ():
                starts.setdefault(rule, set()).update(spans)
        return starts


def find(text: Text, message: Message, pack: Pack, day: date | None = None) -> tuple[Finding, ...]:
    """The findings of a text, in the order of their spans, each rule once a sentence.

    Views beyond the plain one (disguises undone) add only rules of which the plain one showed no trace.
    """
    found: dict[tuple[str, str, int | None], Finding] = {}
    touched: set[str] = set()
    seen: set[str] = set()
    for view in text.views:
        if view.plain in seen:
            continue
        seen.add(view.plain)
        candidates = pack.matcher.candidates(view.plain)
        if not candidates:
            continue
        reading = Reading(view, message, pack, candidates, pack.settled_by(touched))
        for hit in _hits(reading, day):
            if hit.rule.id not in touched:
                for finding in _as_findings(hit, view, message):
                    key = (finding.rule, finding.category, finding.span.start if finding.span else None)
                    found.setdefault(key, finding)
        touched |= reading.touched
    return tuple(sorted(found.values(), key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str]:
    span = finding.span or Span(-1, -1)
    return span.start, span.end, finding.rule, finding.category


def _hits(reading: Reading, day: date | None) -> list[Hit]:
    opened = reading.opened(day)
    rules = [(reading.pack.rules[number], sorted(opened[number])) for number in sorted(opened)]
    hits = [hit for rule, spans in rules if rule.near is None for hit in _apply(rule, spans, reading)]
    anchors = list(hits)
    for rule, spans in rules:
        if rule.near is not None:
            hits.extend(hit for hit in _apply(rule, spans, reading) if _is_anchored(hit, anchors))
    return hits


def _is_anchored(hit: Hit, anchors: Iterable[Hit]) -> bool:
    near = hit.rule.near
    return near is not None and any(
        anchor.rule.id == near.rule and abs(anchor.sentence - hit.sentence) <= near.within for anchor in anchors
    )


def _apply(rule: Rule, opened: Iterable[tuple[int, int]], reading: Reading) -> Iterator[Hit]:
    """Each sentence in which the rule is met, once; ``opened`` says in order where it may begin."""
    sentences: set[int] = set()
    for start, end in opened:
        number = reading.layout.sentence_number(start)
        if number in sentences or not _is_met(rule, reading, start, end):
            continue
        reading.touched.add(rule.id)
        if _is_excused(rule, reading, start, end):
            continue
        missing = _missing(rule, reading)
        if rule.must_say and not missing:
            continue
        sentences.add(number)
        yield Hit(rule, start, end, number, missing)


def _is_met(rule: Rule, reading: Reading, start: int, end: int) -> bool:
    unit = _join(reading.layout.unit(start, rule.scope), (start, end))
    if not all(reading.occurs_in(pattern, unit) for pattern in rule.all):
        return False
    if any(reading.occurs_in(pattern, unit) for pattern in rule.none):
        return False
    if rule.count and sum(reading.occurs_in(pattern, unit) for pattern in rule.count.of) < rule.count.least:
        return False
    if rule.check is None:
        return True
    plain = reading.view.plain
    sentence = reading.layout.sentence(start)
    return CHECKS[rule.check](Matched(plain[start:end], plain[slice(*sentence)], plain, reading.message))


def _is_excused(rule: Rule, reading: Reading, start: int, end: int) -> bool:
    layout = reading.layout
    if rule.speaker != "any" and layout.speaker(start) != rule.speaker:
        return True
    benign = _join(layout.unit(start, "clause" if rule.scope == "clause" else "sentence"), (start, end))
    if any(reading.occurs_in(pattern, benign) for pattern in rule.unless):
        return True
    if rule.heeds_negation and layout.is_denied(start, end):
        return True
    return rule.heeds_quotation and layout.is_quoted(start, end)


def _join(unit: tuple[int, int], span: tuple[int, int]) -> tuple[int, int]:
    """A unit that holds the whole span, which a gap may have carried over a comma."""
    return min(unit[0], span[0]), max(unit[1], span[1])


def _missing(rule: Rule, reading: Reading) -> tuple[str, ...]:
    return tuple(item.what for item in rule.must_say if not any(reading.spans(pattern) for pattern in item.any))


def _as_findings(hit: Hit, view: View, message: Message) -> Iterator[Finding]:
    """One finding for each category of the rule. In a note nothing is blocked: what it tells has happened."""
    rule = hit.rule
    decision = Decision.REVIEW if message.channel == "note" else rule.decision
    finding = Finding(
        rule=rule.id,
        category=rule.category,
        decision=decision,
        why=f"{rule.why}缺少：{'、'.join(hit.missing)}。" if hit.missing else rule.why,
        cites=rule.cites,
        span=None if hit.missing else view.span(hit.start, hit.end),
        instead=rule.instead,
        soft=rule.soft,
    )
    yield finding
    for category in rule.also:
        yield replace(finding, category=category)
