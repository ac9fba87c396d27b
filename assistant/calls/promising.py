"""What was promised in a call: a day and a sum, found over all turns rather than in one.

The debtor names them, in one turn or in several; or the collector says them once more and the debtor lets them stand.
What is said later counts more. What was told of the past, asked for, or hung on a condition is no promise. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from assistant.calls.spoken import Spoken
from assistant.intents.days import find_days, read_day
from assistant.intents.slots import read_slots
from compliance.judge.talk import Talk
from compliance.judge.text import clean

_AHEAD = timedelta(days=183)
"""Nobody is promised a day further ahead in a call; what reads so is a day of the past."""
_PAYS = re.compile(
    r"还|付|交(?!代|流|警)|转(?!告|达|人工|让)|存|打(?:过去|款|给你们)|结清|凑|处理|到账|清掉|给你们?(?:钱|[0-9一二两三四五六七八九])"
)
_WHOLE = re.compile(r"全(?:部|额|款|都?还)|(?:还|结|付|缴|交)清|清掉|一次(?:性)?(?:还|付|结)|都还(?:上|了|掉)")
_TODAY = re.compile(
    r"(?:晚上|晚点|下午|中午|一会儿?|等会儿?|等下|马上|现在|这就|待会儿?).{0,6}(?:还|转|付|交|存|打(?:过去|款))"
)
_CONDITION = re.compile(
    r"如果|要是|假如|批(?:了|下来|准)|除非|材料|证明|申请|上传|传上|提交|网点|登记|异议|核实|核对|回(?:复|电)|短信|联系|再打"
)
_PAST = re.compile(r"到期|逾期|上次|上回|之前说|没(?:有)?(?:还|入账|到账|看到|看见|足额)|账单日|欠款|总共|拖欠")
_NO_MORE = re.compile(r"可能|利息.{0,6}多|每期|每个?月|分[0-9一二三四五六七八九十]+期")
_RESTATES = re.compile(r"那就|确认|复述|重复|小结|再说一遍|记(?:着|下|录|一下)|约(?:定|好)|说好|定(?:在|好)|就按")
_ACCEPTS = re.compile(r"^(?:嗯|好|行|对|可以|没问题|是|成|中|ok|要得|知道|就这样|明白|得)+")
_AFTER, _BEFORE = 34, 12
"""Characters after a day, and before it, in which its sum is looked for."""


@dataclass(frozen=True, slots=True)
class Promised:
    """``amount`` in yuan; ``None`` where none was named."""

    due: date
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class _Named:
    """What has been named so far."""

    due: date | None = None
    amount: Decimal | None = None

    def with_later(self, other: _Named) -> _Named:
        return _Named(other.due or self.due, other.amount if other.amount is not None else self.amount)


def find_promise(finals: tuple[Spoken, ...], today: date, talk: Talk, total: Decimal | None = None) -> Promised | None:
    """What stands promised after the final turns of a call that began on ``today``, where a certain day was named.

    Args:
        total: yuan owed in all, for whoever promises the whole or names it without the small change.
    """
    named = _Named()
    for place, turn in enumerate(finals):
        if turn.speaker == "debtor":
            if _takes_back(turn):
                named = _Named()
            elif _promises(turn, finals[:place]):
                named = named.with_later(_named_by(turn, today, total))
        elif turn.speaker == "collector":
            answer = next((one for one in finals[place + 1 :] if one.speaker != "collector"), None)
            restated = _restated(turn, today, total)
            if restated is not None and _stands(turn, answer, named, talk):
                named = restated
    return Promised(named.due, named.amount) if named.due is not None else None


def _takes_back(turn: Spoken) -> bool:
    return turn.certain[:1] == ("refuse",) and "promise_to_pay" not in turn.meant


def _promises(turn: Spoken, before: tuple[Spoken, ...]) -> bool:
    """Whether a debtor's turn speaks of paying: its intent alone may be about papers or a visit."""
    if "promise_to_pay" not in turn.meant:
        return False
    plain = clean(turn.text)
    asked = next((clean(one.text) for one in reversed(before) if one.speaker == "collector"), "")
    named = bool(turn.heard.slots.get("amount") or turn.heard.slots.get("about"))
    return named or bool(_PAYS.search(plain)) or bool(_PAYS.search(asked) and not _CONDITION.search(asked + plain))


def _named_by(turn: Spoken, today: date, total: Decimal | None) -> _Named:
    plain = clean(turn.text)
    days = [day for said in turn.heard.slots.get("day", ()) if (day := _day(said, today)) is not None]
    due = days[-1] if days else (today if _TODAY.search(plain) else None)
    return _Named(due, _sum(plain, turn.heard.slots.get("amount") or turn.heard.slots.get("about") or (), total))


def _day(said: str, today: date) -> date | None:
    day = read_day(said, today)
    return day if day is not None and day <= today + _AHEAD else None


def _sum(plain: str, sums: tuple[str, ...], total: Decimal | None) -> Decimal | None:
    """The last sum named, or the whole; a sum that leaves out the small change of the whole is the whole."""
    if sums:
        named = Decimal(sums[-1])
        return total if total is not None and int(total) == int(named) else named
    return total if _WHOLE.search(plain) else None


def _restated(turn: Spoken, today: date, total: Decimal | None) -> _Named | None:
    """The first day with a sum that a collector says of the time ahead."""
    for due, words in _stretches(clean(turn.text), today):
        if _CONDITION.search(words) or _PAST.search(words) or _NO_MORE.search(words):
            continue
        slots = read_slots(words)
        amount = _sum(words, slots.get("amount", ())[:1] or slots.get("about", ())[:1], total)
        if amount is not None:
            return _Named(due, amount)
    return None


def _stretches(plain: str, today: date) -> Iterator[tuple[date, str]]:
    """Each day with the words around it in which its sum would stand: up to the next day or sentence."""
    days = find_days(plain)
    for place, day in enumerate(days):
        due = _day(day.words, today)
        if due is None:
            continue
        end = min(day.end + _AFTER, days[place + 1].start if place + 1 < len(days) else len(plain))
        yield due, re.split(r"[;；。?？]", plain[day.end : end])[0]
        start = max(day.start - _BEFORE, days[place - 1].end if place else 0)
        yield due, re.split(r"[;；。?？]", plain[start : day.start])[-1]


def _stands(turn: Spoken, answer: Spoken | None, named: _Named, talk: Talk) -> bool:
    """Whether a debtor lets a restatement stand: promised before and not gainsaid, or said yes to it."""
    promised = named != _Named()
    if answer is None:
        return promised
    if answer.speaker != "debtor":
        return False
    plain = clean(answer.text)
    gainsaid = talk.signals["refuses"].occurs(plain) or not {"refuse", "dispute"}.isdisjoint(answer.certain)
    if gainsaid:
        return False
    restates = bool(_RESTATES.search(clean(turn.text)))
    return (promised and (restates or "promise_to_pay" in answer.meant)) or (restates and bool(_ACCEPTS.search(plain)))
