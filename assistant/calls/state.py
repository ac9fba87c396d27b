"""Folding the turns of a call into what its page shows. Pure: rows and clock stay outside.

Whatever order the turns came in, the same turns give the same state: they are read in the order of their numbers, and
nothing is remembered between two foldings. Partial results are shown, and neither judged nor heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.calls.course import in_course
from assistant.calls.invoked import invoked
from assistant.calls.spoken import Spoken
from compliance.judge.conversation import check_course
from compliance.judge.hearing import Call as HeardCall
from compliance.judge.hearing import KnownAccount, Turn, is_confirmed
from compliance.judge.hearing import hear as hear_call
from compliance.judge.talk import Talk
from compliance.judge.types import Decision, Finding

NOT_THE_DEBTOR = frozenset({"third_party", "wrong_number", "deceased_incapable"})
"""Intents by which somebody says that they are not the debtor."""
_RECENT = 3
"""Turns of others in which somebody who is not the debtor is still on the line."""


Ear = Callable[["Sequence[Spoken]", KnownAccount | None, Talk], HeardCall | None]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known about the call besides its words."""

    account: KnownAccount | None
    relation: str | None = "self"
    """Whose number it is."""
    standing: tuple[Finding, ...] = ()
    """What the gate objected to: it stands above everything that is said."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that must not be said, or that should have been. ``turn`` is ``None`` for the call as a whole."""

    finding: Finding
    turn: int | None
    reworded: str | None = None

    @property
    def id(self) -> str:
        return f"{self.turn or 0}:{self.finding.rule}:{self.finding.span.start if self.finding.span else ''}"

    @property
    def is_red(self) -> bool:
        return self.finding.decision is Decision.BLOCK


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing that a call must carry."""

    item: str
    label: str
    due: bool
    """It should have been said by now, or be said before the call ends, and was not."""
    turn: int | None
    """The first turn that carries it."""
    by_hand: bool | None
    """As ticked or unticked by the collector; ``None`` where nobody did."""
    last: bool = False
    """It belongs to the end of the call: until then nobody is behind with it."""

    @property
    def done(self) -> bool:
        return self.turn is not None if self.by_hand is None else self.by_hand


@dataclass(frozen=True, slots=True)
class HeardRight:
    """A right that the other side invoked."""

    type: str
    turn: int


@dataclass(frozen=True, slots=True)
class CallState:
    """Everything that is derived from the turns of a call."""

    turns: tuple[Spoken, ...]
    alerts: tuple[Alert, ...]
    checklist: tuple[CheckItem, ...]
    rights: tuple[HeardRight, ...]
    intents: tuple[tuple[str, float], ...]
    """Of the last turn of somebody else than the collector."""
    paused: bool
    """A sign of self-harm was heard: from here on no word about money."""
    third_party: bool
    """Somebody who is not the debtor is on the line."""
    confirmed: bool
    """The debtor was asked for, and answered."""

    @property
    def missing(self) -> tuple[CheckItem, ...]:
        return tuple(item for item in self.checklist if item.due and not item.done)

    @property
    def finals(self) -> tuple[Spoken, ...]:
        """The turns that are final and have words, in order."""
        return tuple(turn for turn in self.turns if turn.final and turn.text.strip())

    @property
    def last_seq(self) -> int:
        return self.turns[-1].seq if self.turns else 0

    @property
    def said(self) -> frozenset[str]:
        """Checklist items that are done."""
        return frozenset(item.item for item in self.checklist if item.done)


def fold(
    turns: Sequence[Spoken], facts: CallFacts, ticks: Mapping[str, bool], talk: Talk, ear: Ear | None = None
) -> CallState:
    """The state of a call from its turns, in whatever order they are given. ``ticks`` are those made by hand; ``ear``
    hears as ``listen`` does."""
    ordered = sorted(turns, key=lambda turn: turn.seq)
    finals = in_course([turn for turn in ordered if turn.final and turn.text.strip()])
    by_seq = {turn.seq: turn for turn in finals}
    others = [turn for turn in finals if turn.speaker != "collector"]
    call = (ear or listen)(finals, facts.account, talk)
    confirmed = call is not None and is_confirmed(call.said, talk)
    paused = any("self_harm" in turn.meant for turn in others)
    return CallState(
        turns=tuple(by_seq.get(turn.seq, turn) for turn in ordered),
        alerts=(*(Alert(finding, None) for finding in facts.standing), *_alerts(finals, call, talk)),
        checklist=_checklist(call, ticks, talk, paused),
        rights=_rights(others),
        intents=others[-1].heard.intents if others else (),
        paused=paused,
        third_party=_third_party(others, facts.relation, confirmed),
        confirmed=confirmed,
    )


def with_ticks(state: CallState, ticks: Mapping[str, bool]) -> CallState:
    """The same state with other ticks by hand."""
    checklist = tuple(replace(item, by_hand=ticks.get(item.item)) for item in state.checklist)
    return replace(state, checklist=checklist)


def listen(finals: Sequence[Spoken], account: KnownAccount | None, talk: Talk) -> HeardCall | None:
    """The judge's hearing of the final turns; ``None`` where nothing was said yet."""
    turns = turns_of(finals)
    return hear_call(turns, account, talk) if turns else None


def turns_of(finals: Sequence[Spoken]) -> tuple[Turn, ...]:
    """Turns as the judge reads them."""
    return tuple(Turn(one.seq, one.speaker, one.text, one.meant) for one in finals)


def audience_of(call: HeardCall, seq: int, relation: str | None) -> str:
    """Who hears a collector's turn. Until somebody has spoken it is whoever the number belongs to; who speaks and is
    not the debtor is liable only where the number is that of somebody liable."""
    spoken = {said.turn.speaker for said in call.said if said.turn.speaker != "collector"}
    liable = "liable_third_party" if relation == "liable_third_party" else "other_third_party"
    if not spoken:
        return "debtor" if relation == "self" else liable
    heard = next(said.audience for said in call.said if said.turn.seq == seq)
    return heard if heard == "debtor" else liable


def _alerts(finals: Sequence[Spoken], call: HeardCall | None, talk: Talk) -> tuple[Alert, ...]:
    """By turn. What a call must carry no single turn need carry; what it lacks in the end is the checklist's."""
    if call is None:
        return ()
    found = [
        Alert(replace(finding, source="call", turn=turn.seq), turn.seq, turn.reworded)
        for turn in finals
        for finding in turn.findings
        if finding.category != "missing_disclosure"
    ]
    found += [Alert(finding, finding.turn) for finding in check_course(call, talk) if finding.turn is not None]
    return tuple(sorted(found, key=lambda alert: (alert.turn or 0, -alert.finding.decision.rank, alert.finding.rule)))


def _checklist(call: HeardCall | None, ticks: Mapping[str, bool], talk: Talk, paused: bool) -> tuple[CheckItem, ...]:
    """After a sign of self-harm nothing is due any more: the call is about something else."""
    missing = call.missing if call and not paused else ()
    first: dict[str, int] = {}
    for said in call.collector if call else ():
        for item in said.items:
            first.setdefault(item, said.turn.seq)
    return tuple(
        CheckItem(item.id, item.label, item.id in missing, first.get(item.id), ticks.get(item.id), item.due == "ended")
        for item in talk.items
    )


def _rights(others: Sequence[Spoken]) -> tuple[HeardRight, ...]:
    """Each right once, where it was first invoked. Only the debtor's own words invoke the debtor's rights."""
    found: dict[str, int] = {}
    for turn in others:
        if turn.speaker == "debtor":
            for type in invoked(turn.text, turn.meant):
                found.setdefault(type, turn.seq)
    return tuple(HeardRight(type, seq) for type, seq in found.items())


def _third_party(others: Sequence[Spoken], relation: str | None, confirmed: bool) -> bool:
    """Whether what is said now reaches somebody who is not liable. Until the debtor has answered for themselves a faint
    sign is enough; where speakers are told apart, who handed the telephone over is gone."""
    if not others:
        return relation not in ("self", "liable_third_party")
    if relation != "liable_third_party" and others[-1].speaker == "third_party":
        return True
    before = max((place for place, turn in enumerate(others, 1) if turn.speaker == "third_party"), default=0)
    recent = others[before:][-_RECENT:]
    return any(not NOT_THE_DEBTOR.isdisjoint(turn.certain if confirmed else turn.meant) for turn in recent)
