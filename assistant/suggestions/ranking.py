"""Ranking scripts for a moment of a call. Pure; the same moment gives the same order.

First what may not be said now is left out; then the rest is scored by what was just said, by what is still owed, and
by the stage. Nothing that scores nothing is offered: silence is better than noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scripts_library.choosing import ServedScript
from scripts_library.wording import ANY_STAGE

MONEY_SLOTS = frozenset(
    {"amount", "principal", "interest", "fees", "due_date", "days", "plan_months", "plan_amount", "promise_date"}
)
"""Slots that tell or ask for money."""
ACCOUNT_SLOTS = frozenset({"product", "tail"})
"""Slots that tell that there is an account: for nobody who has not answered for themselves."""
OPENING = "首次联系"
"""The scene with which a conversation begins."""
VERIFYING = "核实本人"
WAITING = "等待处理"
"""The scene that is offered wherever nothing but neutral words may be: last, and as often as need be."""
TELLING = "告知欠款"
"""The scene that follows once the debtor has answered for themselves."""
_ANSWERS = (10.0, 7.0, 5.0)
"""For the first, second and third thing that was just meant."""
_ANSWERED_BEFORE = 2.5
"""For what was meant in the turn before."""
_ANSWERED_ALREADY = 0.4
"""What is left of it once the collector has spoken."""
_SMALL_TALK = 1.5
_OWED = (6.0, 4.0, 3.0)
"""For the first, second and third item that is still owed."""
_OPENS = 8.0
_TELLS = 8.0
"""For telling the debt to a debtor who has just answered for themselves: before a notice that tells it in passing."""
_WAITS = 0.5
_STAGE = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A script filled for this call. ``says`` are the checklist items that its words carry."""

    script: ServedScript
    text: str
    says: frozenset[str]
    demands: bool
    """Its words ask for payment."""

    @property
    def is_neutral(self) -> bool:
        """No money in it: fit for whoever must be spared or does not owe."""
        return not self.demands and "debt" not in self.says and MONEY_SLOTS.isdisjoint(self.script.slots)


@dataclass(frozen=True, slots=True)
class Moment:
    """What decides about the next words."""

    heard: tuple[tuple[str, ...], ...] = ()
    """Intents of the others' turns, the last turn first."""
    owed: tuple[str, ...] = ()
    """Checklist items that are due and not done, in the order of the pack."""
    answered: bool = False
    """The collector has spoken since."""
    begun: bool = False
    """The collector has spoken."""
    confirmed: bool = False
    """The debtor was asked for, and answered: before that no word about the debt."""
    paused: bool = False
    """A sign of self-harm was heard."""
    neutral: bool = False
    """Someone must be spared, a plan is kept, a dispute is open, or somebody else is on the line."""
    taken: frozenset[int] = frozenset()
    """Script versions that were said already."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and why: ``answers`` an intent, ``owes`` an item, ``opens``, ``cares``, ``spares``; with the stage it
    is for."""

    candidate: Candidate
    why: str
    what: str
    score: float


def rank(candidates: Iterable[Candidate], moment: Moment) -> list[Ranked]:
    """What may be said now, best first."""
    fitting = (one for one in candidates if may_say(one, moment))
    ranked = [found for one in fitting if (found := _score(one, moment)) is not None]
    return sorted(ranked, key=lambda one: (-one.score, one.candidate.script.key))


def may_say(candidate: Candidate, moment: Moment) -> bool:
    """Whether a script is fit for the moment, whatever it would score."""
    script = candidate.script
    if moment.paused:
        return script.intent == "self_harm" and candidate.is_neutral
    if script.intent == "self_harm" or (script.scene == WAITING and not moment.neutral):
        return False
    if script.version_id in moment.taken and script.scene != WAITING:
        return False
    if moment.begun and script.scene == OPENING:
        return False
    if moment.neutral and not candidate.is_neutral:
        return False
    tells_debt = "debt" in candidate.says or not (MONEY_SLOTS | ACCOUNT_SLOTS).isdisjoint(script.slots)
    return moment.confirmed or script.audience != "debtor" or not tells_debt


def _score(candidate: Candidate, moment: Moment) -> Ranked | None:
    """The strongest reason names the suggestion; the others add to it."""
    reasons = [*_by_intent(candidate, moment), *_by_owed(candidate, moment), *_by_place(candidate, moment)]
    if not reasons:
        return None
    _, why, what = max(reasons, key=lambda reason: reason[0])
    score = sum(points for points, _, _ in reasons)
    return Ranked(candidate, why, what, score + (0 if candidate.script.stage == ANY_STAGE else _STAGE))


def _by_intent(candidate: Candidate, moment: Moment) -> list[tuple[float, str, str]]:
    intent = candidate.script.intent
    if intent is None or not moment.heard:
        return []
    last, *before = moment.heard
    why = "cares" if moment.paused else "answers"
    if intent in last[: len(_ANSWERS)]:
        points = _SMALL_TALK if intent == "small_talk" else _ANSWERS[last.index(intent)]
        return [(points * (_ANSWERED_ALREADY if moment.answered else 1), why, intent)]
    return [(_ANSWERED_BEFORE, why, intent)] if any(intent in meant for meant in before) else []


def _by_owed(candidate: Candidate, moment: Moment) -> list[tuple[float, str, str]]:
    """Only for a script that answers nothing in particular, or what was said: an answer to something else is no
    place for a duty."""
    intent = candidate.script.intent
    if not moment.begun or (intent is not None and not _was_heard(intent, moment.heard)):
        return []
    owed = [item for item in moment.owed if item in candidate.says][: len(_OWED)]
    return [(_OWED[min(moment.owed.index(item), len(_OWED) - 1)], "owes", item) for item in owed]


def _by_place(candidate: Candidate, moment: Moment) -> list[tuple[float, str, str]]:
    script = candidate.script
    if not moment.begun and script.scene == OPENING:
        return [(_OPENS, "opens", "identity")]
    if not moment.begun and script.audience != "debtor" and script.intent == "third_party":
        return [(_OPENS, "opens", "third_party")]
    if moment.begun and not moment.confirmed and script.scene == VERIFYING:
        return [(_OWED[0], "owes", "right_party")]
    if moment.confirmed and script.scene == TELLING and "debt" in moment.owed and "debt" in candidate.says:
        return [(_TELLS, "owes", "debt")]
    if moment.paused:
        return [(_OPENS, "cares", "self_harm")]
    if script.scene == WAITING:
        return [(_WAITS, "spares", "waiting")]
    return []


def _was_heard(intent: str, heard: Sequence[tuple[str, ...]]) -> bool:
    return any(intent in meant for meant in heard)
