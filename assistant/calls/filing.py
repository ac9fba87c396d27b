"""What a call must be filed under, and why it is unpaid, by its whole course. Pure.

Only intents that were heard for certain decide. The order of ``_DEBTOR`` is the weight of things: what needs an officer
before what needs a payment, what stands open before what was settled, and how the call broke off last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from assistant.calls.promising import Promised
from assistant.calls.spoken import Spoken
from compliance.judge.talk import Talk
from compliance.judge.text import clean

_REASONS = (
    ("illness_disaster", "illness"),
    ("hardship", "hardship"),
    ("forgot", "forgot"),
    ("dispute", "dispute"),
    ("request_plan", "hardship"),
    ("refuse", "deliberate"),
)
_FINER = {"illness": "disaster", "hardship": "mismanagement"}
"""What the words may make of a reason."""
_COMPLAINT = re.compile(
    r"投诉|举报|信访|12378|12345|12363|12315|消(?:费者)?协|消保|监管|金融局|银保监|曝光|纪委|你们?(?:的)?领导反映"
)
_POLITE = re.compile(r"好|行|嗯|谢|再见|拜拜|就这样|先这样|知道|没问题|对")
_WALKS_AWAY = re.compile(r"^(?:那|那就|行|好)?[，,]?(?:算了|拉倒|不谈了|别谈了|那算了)|再说吧|没(?:什么|啥)好(?:谈|说)")
_RINGS_AGAIN = re.compile(r"再(?:给您|跟您|和您|与您|向您)?(?:联系|打|致电|来电|通话|拨)|回(?:您)?电话?(?:给您)?")
_LAST = 3
"""Turns at the end of a call in which it is said how it goes on."""


@dataclass(frozen=True)
class Course:
    """The final turns of a call, heard in their course, and what was promised in them."""

    turns: tuple[Spoken, ...]
    promise: Promised | None
    paused: bool
    confirmed: bool
    """The debtor was asked for, and answered."""
    talk: Talk

    @cached_property
    def others(self) -> tuple[Spoken, ...]:
        return tuple(turn for turn in self.turns if turn.speaker != "collector")

    @cached_property
    def debtor(self) -> tuple[Spoken, ...]:
        return tuple(turn for turn in self.turns if turn.speaker == "debtor")

    @cached_property
    def certain(self) -> frozenset[str]:
        """What the debtor certainly means somewhere in the call."""
        return frozenset(intent for turn in self.debtor for intent in turn.certain)

    def seqs(self, intent: str) -> list[int]:
        """The debtor's turns with a certain intent."""
        return [turn.seq for turn in self.debtor if intent in turn.certain]

    def says(self, signal: str, speaker: str, after: int = 0) -> bool:
        """Whether a signal of the pack is in somebody's words after a turn."""
        phrase = self.talk.signals[signal]
        return any(
            phrase.occurs(clean(turn.text)) for turn in self.turns if turn.speaker == speaker and turn.seq > after
        )

    @cached_property
    def offered(self) -> int | None:
        """The collector's first turn that offers a plan."""
        plan = next(item.phrase for item in self.talk.items if item.id == "plan_option")
        return next(
            (turn.seq for turn in self.turns if turn.speaker == "collector" and plan.occurs(clean(turn.text))), None
        )


def file_outcome(course: Course) -> str:
    """One of ``assistant.calls.models.OUTCOMES``."""
    if course.paused:
        return "self_harm_escalated"
    if not course.others:
        return "no_answer"
    if not _debtor_spoke(course):
        return _file_third_party(course)
    return next((outcome for outcome, holds in _DEBTOR if holds(course)), "callback")


def file_reason(course: Course) -> str:
    """Why it is unpaid, as far as the debtor tells."""
    for intent, reason in _REASONS:
        told = [turn for turn in course.debtor if intent in turn.certain]
        if told:
            finer = _FINER.get(reason)
            return finer if any(finer in turn.heard.slots.get("reason", ()) for turn in told) and finer else reason
    return "unknown"


def _debtor_spoke(course: Course) -> bool:
    """Whether the debtor was on the line. A recogniser may call everybody on the other side the debtor: until they have
    answered for themselves, who says to be somebody else is."""
    if not course.debtor:
        return False
    someone_else = {"third_party", "wrong_number", "deceased_incapable"}
    named = any(not someone_else.isdisjoint(turn.certain) for turn in course.debtor)
    return course.confirmed or len(course.debtor) < len(course.others) or not named


def _file_third_party(course: Course) -> str:
    certain = {intent for turn in course.others for intent in turn.certain}
    if "deceased_incapable" in certain:
        return "deceased"
    if "wrong_number" in certain:
        return "wrong_number"
    if _complains(course):
        return "complaint"
    return "hung_up" if _breaks_off(course) else "third_party_relay"


def _complains(course: Course) -> bool:
    """Whether somebody says that they complain. To record the call or to speak of the police is not yet that, and to
    shout back the offer of it is an insult."""
    return any(_COMPLAINT.search(clean(turn.text)) and _means_to_complain(turn.meant) for turn in course.others)


def _means_to_complain(meant: tuple[str, ...]) -> bool:
    return "complain" in meant and "hostile" not in meant[: meant.index("complain")]


def _is_represented(course: Course) -> bool:
    return "representation" in course.certain


def _disputes(course: Course) -> bool:
    """A debt denied outright, or disputed more than once, or once with nothing agreed after it."""
    turns = course.seqs("dispute")
    if not turns or course.says("flat_dispute", "debtor"):
        return bool(turns)
    agreed = _promised(course) or _asks_plan(course) or "already_paid" in course.certain
    return len(turns) > 1 or not agreed


def _asks_plan(course: Course) -> bool:
    """The debtor asked for a plan before one was offered, and nobody refused it."""
    asked = course.seqs("request_plan")
    if not asked or course.says("denies_plan", "collector", asked[0]):
        return False
    return course.offered is None or asked[0] < course.offered


def _takes_plan(course: Course) -> bool:
    """The debtor takes up a plan that was offered, and asks on about it; or without a hardship that would say more."""
    asked = course.seqs("request_plan")
    if not asked or course.says("denies_plan", "collector", asked[0]):
        return False
    goes_on = any(turn.seq > asked[0] for turn in course.debtor if turn.certain[:1] not in ((), ("small_talk",)))
    return goes_on or course.certain.isdisjoint({"hardship", "illness_disaster"})


def _asks_waiver(course: Course) -> bool:
    """The debtor asked for a waiver, and did not go on to a plan."""
    waiver, plan = course.seqs("request_waiver"), course.seqs("request_plan")
    return bool(waiver) and not (plan and plan[-1] > waiver[-1])


def _promised(course: Course) -> bool:
    return course.promise is not None and course.promise.amount is not None


def _is_denied_in_illness(course: Course) -> bool:
    """Who is ill and was refused a plan has not refused to pay, whatever they then say."""
    asked = course.seqs("request_plan")
    return "illness_disaster" in course.certain and bool(asked) and course.says("denies_plan", "collector", asked[0])


def _breaks_off(course: Course) -> bool:
    """The last words hang up, and not with thanks."""
    plain = clean(course.others[-1].text)
    return course.talk.signals["hangs_up"].occurs(plain) and not _POLITE.search(plain)


def _refuses(course: Course) -> bool:
    """A plain no, said twice or near the end; or walking away from a plan that was refused."""
    said = [turn for turn in course.debtor if turn.certain[:1] != ("small_talk",)]
    plain = [turn for turn in said if "refuse" in turn.certain[:1]]
    if len(plain) > 1 or any(turn in plain for turn in said[-_LAST:]):
        return True
    asked = course.seqs("request_plan")
    denied = bool(asked) and course.says("denies_plan", "collector", asked[0])
    return denied and any(_WALKS_AWAY.search(clean(turn.text)) for turn in said[-1:])


def _is_rung_later(course: Course) -> bool:
    """The debtor asked not to be rung now, and the collector said in the end when it will be."""
    if course.certain.isdisjoint({"callback", "stop_contact"}):
        return False
    last = [turn for turn in course.turns if turn.speaker == "collector"][-_LAST:]
    return any(_RINGS_AGAIN.search(clean(turn.text)) and turn.heard.slots.get("day") for turn in last)


_DEBTOR: tuple[tuple[str, Callable[[Course], bool]], ...] = (
    ("dispute", _is_represented),
    ("complaint", _complains),
    ("dispute", _disputes),
    ("plan_request", _asks_plan),
    ("promise", _promised),
    ("paid", lambda course: "already_paid" in course.certain),
    ("waiver_request", _asks_waiver),
    ("hardship", _is_denied_in_illness),
    ("refused", _refuses),
    ("hung_up", _breaks_off),
    ("promise", lambda course: course.promise is not None),
    ("plan_request", _takes_plan),
    ("callback", _is_rung_later),
    ("hardship", lambda course: "illness_disaster" in course.certain),
    ("hardship", lambda course: "hardship" in course.certain),
    ("refused", lambda course: not course.certain.isdisjoint({"refuse", "stop_contact"})),
)
"""What a talk with the debtor is filed under: the first that holds."""
