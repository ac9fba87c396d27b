"""Hearing a call: who says what to whom, which checklist items each turn carries, and which are missing in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from itertools import combinations, pairwise

from compliance.judge.amounts import find_day, read_amounts
from compliance.judge.lexicon import is_han, read_readings
from compliance.judge.sounds import blur
from compliance.judge.talk import Item, Phrase, Talk
from compliance.judge.text import Text, View, clean
from compliance.judge.types import InvalidInput, Span

SPEAKERS = ("collector", "debtor", "third_party")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a call or thread. ``seq`` grows; ``speaker`` is one of ``SPEAKERS``."""

    seq: int
    speaker: str
    text: str
    intents: tuple[str, ...] = ()
    """What a debtor or third party means by it, where somebody has said so (``corpus/GUIDE.md``); phrases are
    looked for in any case."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What the casebook knows of the account, in yuan on the day of the call. Unknown is ``None``."""

    creditor: str | None = None
    principal: Decimal | None = None
    interest: Decimal | None = None
    fees: Decimal | None = None
    due: date | None = None
    """The civil day on which it fell due."""

    @property
    def owed(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """Principal, interest and fees, in this order; ``None`` where one of them is unknown."""
        if self.principal is None or self.interest is None or self.fees is None:
            return None
        return self.principal, self.interest, self.fees

    @property
    def total(self) -> Decimal | None:
        """Principal, interest and fees together; ``None`` where one of them is unknown."""
        return None if self.owed is None else sum(self.owed, Decimal(0))

    @property
    def figures(self) -> frozenset[Decimal]:
        """Every sum that may truly be told: each part, and parts together."""
        parts = [part for part in (self.principal, self.interest, self.fees) if part is not None]
        sums = (sum(chosen, Decimal(0)) for size in (1, 2, 3) for chosen in combinations(parts, size))
        return frozenset(figure for figure in sums if figure)


@dataclass(frozen=True)
class Said:
    """One turn as it was heard."""

    turn: Turn
    view: View
    audience: str
    """Of a collector's turn, who listened: the one who spoke last, or, at the opening, who then spoke."""
    confirmed: bool
    """The debtor had been asked for and had answered."""
    items: Mapping[str, Span]
    """Checklist items that the turn's words carry, with their place in the raw text."""

    @property
    def plain(self) -> str:
        return self.view.plain

    def gives(self, signal: Phrase) -> bool:
        """Whether the turn gives a signal, by its words or by its intents."""
        return not signal.intents.isdisjoint(self.turn.intents) or signal.occurs(self.plain)

    def raw(self, span: tuple[int, int]) -> Span:
        """The raw range of a stretch of ``plain``."""
        return self.view.span(*span)


@dataclass(frozen=True)
class Call:
    """A call with everything that is looked at more than once."""

    said: tuple[Said, ...]
    account: KnownAccount | None
    talk: Talk

    @cached_property
    def collector(self) -> tuple[Said, ...]:
        return tuple(said for said in self.said if said.turn.speaker == "collector")

    @cached_property
    def others(self) -> tuple[Said, ...]:
        return tuple(said for said in self.said if said.turn.speaker != "collector")

    @cached_property
    def speakers(self) -> frozenset[str]:
        return frozenset(said.turn.speaker for said in self.said)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Items that were due and that no turn carries, in the order of the pack."""
        carried = {item for said in self.collector for item in said.items}
        return tuple(item.id for item in self.talk.items if item.id not in carried and self._is_due(item.due))

    def _is_due(self, due: str) -> bool:
        spared = self._hears("self_harm")
        match due:
            case "always":
                return True
            case "addressed":
                opening = self.collector[:1]
                return not any(self._signal("addresses_other", said) for said in opening)
            case "debtor":
                return "debtor" in self.speakers
            case "debt_told":
                told = any("debt" in said.items and said.audience == "debtor" for said in self.collector)
                return not spared and (told or self._hears("objects"))
            case "needs_plan":
                settled = ("flat_dispute", "paid", "represented")
                return not spared and self._hears("hardship", "debtor") and not any(map(self._hears, settled))
            case _:
                last = self.others[-1:]
                cut_off = any(self._signal("hangs_up", said) for said in last)
                return "debtor" in self.speakers and not spared and not cut_off

    def _hears(self, signal: str, speaker: str | None = None) -> bool:
        return any(self._signal(signal, said) for said in self.others if speaker in (None, said.turn.speaker))

    def _signal(self, signal: str, said: Said) -> bool:
        return said.gives(self.talk.signals[signal])


def hear(turns: Sequence[Turn], account: KnownAccount | None, talk: Talk) -> Call:
    """A call from its turns.

    Raises:
        InvalidInput: no turns, turns out of order, or by an unknown speaker.
    """
    _refuse_unusable(turns)
    views = [Text.of(turn.text).views[0] for turn in turns]
    said: list[Said] = []
    for place, (turn, view) in enumerate(zip(turns, views, strict=True)):
        carried = _carried(place, turns, views, account, talk) if turn.speaker == "collector" else {}
        said.append(Said(turn, view, _audience(place, turns), is_confirmed(said, talk), carried))
    return Call(tuple(said), account, talk)


def _refuse_unusable(turns: Sequence[Turn]) -> None:
    if not turns:
        raise InvalidInput("a conversation needs at least one turn", code="empty", field="turns")
    for turn in turns:
        if turn.speaker not in SPEAKERS:
            problem = f"turn {turn.seq}: {turn.speaker!r} is no speaker: one of {', '.join(SPEAKERS)}"
            raise InvalidInput(problem, code="unknown", field="speaker")
    if any(after.seq <= before.seq for before, after in pairwise(turns)):
        raise InvalidInput("turns must come in the order of their numbers", code="order", field="turns")


def _audience(place: int, turns: Sequence[Turn]) -> str:
    heard = [turn.speaker for turn in turns[:place] if turn.speaker != "collector"][-1:]
    answering = [turn.speaker for turn in turns[place:] if turn.speaker != "collector"][:1]
    return "other_third_party" if (heard or answering) == ["third_party"] else "debtor"


def is_confirmed(before: Sequence[Said], talk: Talk) -> bool:
    """Whether, in these turns, the debtor was asked for and then confirmed; whoever denies it must be asked again."""
    asked = confirmed = False
    for said in before:
        asked = asked or "right_party" in said.items
        if said.turn.speaker != "collector" and talk.signals["denies_being"].occurs(said.plain):
            asked = confirmed = False
        elif asked and said.turn.speaker == "debtor" and talk.signals["confirms"].occurs(said.plain):
            confirmed = True
    return confirmed


def _carried(
    place: int, turns: Sequence[Turn], views: Sequence[View], account: KnownAccount | None, talk: Talk
) -> dict[str, Span]:
    view = views[place]
    asked = any(
        talk.signals["asks_identity"].occurs(views[at].plain)
        for at in range(max(0, place - 1), place)
        if turns[at].speaker != "collector"
    )
    likely = talk.listener.heard(view.plain) if talk.listener else frozenset()
    found = {}
    for item in talk.items:
        if item.late and 2 * (place + 1) <= len(turns):
            continue
        span = _item_span(item, view.plain, asked, account, talk)
        if span is None and item.id in likely and talk.listener and _may_be_likely(item, view.plain, account):
            span = talk.listener.span(view.plain, item.id)
        if span is not None:
            found[item.id] = view.span(*span)
    return found


def _may_be_likely(item: Item, plain: str, account: KnownAccount | None) -> bool:
    """Whether the listener is asked at all: not where a phrase speaks against it, or where the very name is known."""
    named = item.named and account is not None and account.creditor is not None
    return not named and not item.phrase.vetoes(plain)


def _item_span(item: Item, plain: str, asked: bool, account: KnownAccount | None, talk: Talk) -> tuple[int, int] | None:
    if item.named and account is not None and account.creditor:
        return next(_names(plain, account.creditor, talk), None)
    span = item.phrase.span(plain)
    if span is None and asked and item.asked is not None:
        return item.asked.span(plain)
    if span is None and item.owed and account is not None and not item.phrase.vetoes(plain):
        return _owed(plain, account, talk)
    return span


def _owed(plain: str, account: KnownAccount, talk: Talk) -> tuple[int, int] | None:
    """Where a sum owed is told, the account's or one claimed to be, or the day on which it fell due."""
    sums = [figure for figure in account.figures if account.principal and figure >= account.principal]
    for amount in read_amounts(plain):
        claimed = talk.claim.occurs(plain[max(0, amount.start - CLAIM_REACH) : amount.start])
        if claimed or any(amount.means(figure) for figure in sums):
            return amount.start, amount.end
    return None if account.due is None else find_day(plain, account.due)


CLAIM_REACH = 16
"""Characters before an amount in which it is said what it is."""


def _names(plain: str, creditor: str, talk: Talk) -> Iterator[tuple[int, int]]:
    """Where the creditor is named as such. By sound, for a recogniser writes names as it hears them."""
    stem = clean(creditor)
    for kind in talk.name_kinds:
        stem = stem.partition(kind)[0] or stem
    wanted, heard = [_sound(char) for char in stem], [_sound(char) for char in plain]
    for start in range(len(plain) - len(stem) + 1):
        end = start + len(stem)
        if heard[start:end] == wanted:
            rest = plain[end : end + 8]
            if any(tail.occurs(rest) for tail in talk.name_tails):
                yield start, end


@cache
def _sound(char: str) -> str:
    return blur(read_readings().get(char, (char,))[0]) if is_han(char) else char
