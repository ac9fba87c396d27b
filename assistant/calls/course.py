"""Hearing what the others say in the course of the call: an answer means what the question before it makes of it.

The reader hears each utterance alone; this reads a call's turns in order and says again what somebody means where the
turns before decide it. Pure; a turn whose place tells nothing stays as it was heard. Nothing that was heard of a right
or of self-harm is ever taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.calls.spoken import Spoken
from assistant.intents import Heard
from assistant.intents.days import find_days
from compliance.judge.text import clean

BY_COURSE = 0.75
"""The score of what the course of the call tells: certain, less than plain words."""
_VERIFIES = re.compile(
    r"(?:后|末|最后|前|尾)[四六46]位|尾号|身份证|(?:核对|核实)(?:一下|下)?.{0,6}(?:号|信息|身份)|验证"
)
_DIGITS = re.compile(r"[0-9零〇一二三四五六七八九幺两x]{3,}")
_FILLERS = re.compile(
    r"[0-9零〇一二三四五六七八九十百千万两半块元钱毛角分多来几吧呗啊呀嘛了就先还行好嗯那\W]|左右|大概|差不多|之前|以前"
)
_MONEY = re.compile(r"[元块钱千百万]")
_RESTLESS = 8
"""Characters beside the digits up to which an answer to a check of identity is nothing else."""
_ASKS_WHEN = re.compile(
    r"(?:什么时候|啥时候|哪天|哪一天|几号|多久|什么时间|日子|时间).{0,12}(?:还|处理|付|交|结|到账|安排)?[吗呢吧?？]?$"
    r"|(?:还|处理|付|交|结清|安排).{0,8}(?:什么时候|啥时候|哪天|几号|多少|怎么)|能还|打算.{0,8}还|(?:能|可以|先)还多少|心里有数"
)
_ASKS_TO_RING = re.compile(r"方便|再(?:打|联系|给您)|回(?:电|拨|您)|联系您")
_OFFERS_CHANNEL = re.compile(r"投诉|异议")
_MOCKS = re.compile(r"(?:投诉|异议)(?:个)?(?:你(?:妈|娘|爹|爸|祖宗|大爷|奶奶)|屁|鬼|毛|锤子|鸟)")
_TAKEN_BACK = re.compile(
    r"不是真的?(?:要|想|会)|气话|说着玩|闹着玩|开(?:个)?玩笑|随口|说说(?:而已|罢了)|别当真"
    r"|没(?:真的?)?(?:想|要|打算)(?:怎么样|死|走|做傻)|不会(?:真的?)?(?:去)?(?:死|寻死|做傻事|想不开)"
)
_SETTLED = frozenset({"small_talk", "promise_to_pay", "callback"})
"""Beside these anything certain is more than an answer to when and how much."""


@dataclass(slots=True)
class _Before:
    """What the turns before have told."""

    asked: str = ""
    """The collector's last words, folded."""
    despair: bool = False
    relative: bool = False


def in_course(finals: Sequence[Spoken]) -> tuple[Spoken, ...]:
    """Final turns in the order of their numbers, with what is meant by them after what came before."""
    before = _Before()
    found = []
    for turn in finals:
        if turn.speaker == "collector":
            before.asked = clean(turn.text)
        else:
            turn = replace(turn, heard=_hear(turn, before))
            before.despair = before.despair or "self_harm" in turn.meant
            before.relative = before.relative or "third_party" in turn.certain
        found.append(turn)
    return tuple(found)


def _hear(turn: Spoken, before: _Before) -> Heard:
    plain = clean(turn.text)
    heard = turn.heard
    if _VERIFIES.search(before.asked) and _DIGITS.search(plain):
        heard = _without_digits(heard, plain)
    if before.despair and _TAKEN_BACK.search(plain):
        return _first("self_harm", heard)
    if "self_harm" in turn.meant:
        return heard
    if turn.meant[:1] == ("complain",) and _OFFERS_CHANNEL.search(before.asked) and _is_mocked(turn, plain):
        return _first("hostile", heard)
    certain = set(turn.certain)
    if _names_when(heard.slots) and (certain <= _SETTLED or _is_bare(plain)):
        if _ASKS_TO_RING.search(before.asked):
            return _first("callback", heard, without="promise_to_pay")
        if _ASKS_WHEN.search(before.asked):
            return _only("promise_to_pay", heard) if _is_bare(plain) else _first("promise_to_pay", heard)
    if turn.speaker == "third_party" and before.relative and not certain:
        return _first("third_party", heard)
    return heard


def _is_mocked(turn: Spoken, plain: str) -> bool:
    """Whether the offer of a complaint is shouted back."""
    return "hostile" in turn.meant or bool(_MOCKS.search(plain))


def _names_when(slots: Mapping[str, tuple[str, ...]]) -> bool:
    return any(slots.get(name) for name in ("day", "amount", "about"))


def _is_bare(plain: str) -> bool:
    """Whether an answer is a day or a sum and nothing else."""
    for day in reversed(find_days(plain)):
        plain = plain[: day.start] + plain[day.end :]
    return not _FILLERS.sub("", plain)


def _only(intent: str, heard: Heard) -> Heard:
    slots = {name: values for name, values in heard.slots.items() if name != "reason"}
    return Heard(((intent, BY_COURSE),), slots)


def _without_digits(heard: Heard, plain: str) -> Heard:
    """The digits of a number that was asked for are no sum, and alone they mean nothing."""
    slots = {name: values for name, values in heard.slots.items() if _MONEY.search(plain) or name != "amount"}
    rest = re.sub(r"[^\w]", "", _DIGITS.sub("", plain))
    risk = any(name == "self_harm" for name, _ in heard.intents)
    if len(rest) <= _RESTLESS and not risk and not _certain(heard.intents):
        return _only("small_talk", Heard((), slots))
    return Heard(heard.intents, slots)


def _certain(intents: Iterable[tuple[str, float]]) -> bool:
    return any(score >= BY_COURSE and name != "small_talk" for name, score in intents)


def _first(intent: str, heard: Heard, without: str = "small_talk") -> Heard:
    """With an intent before all others, which stay."""
    others = tuple((name, score) for name, score in heard.intents if name not in (intent, without, "small_talk"))
    known = dict(heard.intents).get(intent, 0.0)
    return Heard(((intent, max(known, BY_COURSE)), *others), heard.slots)
