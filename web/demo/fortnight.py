"""What happened in the last fortnight, act by act in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from compliance.review.decisions import decide_finding, note_decided, refuse, release, return_for_rewording
from compliance.review.queue import queue, take
from web.demo.casebook import SETTLED, settle
from web.demo.floor import Floor
from web.demo.people import Person
from web.demo.texts import AS_AGENT, BLOCKED, HELD, REMINDERS, REQUESTS, REVIEWED

Act = tuple[datetime, Callable[[datetime], object]]
DAYS = 14
GRACE = timedelta(days=3)
"""After the due day, within which nobody is rung."""
QUIET = (11, 15, 21, 26, 29, 31, 36, 38)
"""Whom nobody rings: under protection, or keeping a plan."""
LOST = (16, 28)
"""Whose phone is switched off, day after day."""
NO_NOTICE = 27
"""Worked by the agency, and never told so."""
EVENINGS = 8
"""Asked to be rung after work only."""
ONCE_A_DAY = 25
"""Asked not to be contacted more than once a day."""
NO_CALLS = (1, 17)
"""Not due yet; asked for messages only."""
ASKED_ON = {number: days - 1 for number, _, _, days, _ in REQUESTS}
"""The last day on which somebody with an open request is rung."""
_OUTCOMES = (
    "connected",
    "connected",
    "no_answer",
    "no_answer",
    "busy",
    "hung_up",
    "powered_off",
    "refused",
    "third_party",
)


def run_fortnight(floor: Floor, everybody: list[Person], start: datetime, more: Iterable[Act]) -> None:
    """Everything, and ``more``, from ``start`` (midnight, local) that lies before the floor's present, in order."""
    acts = [
        *more,
        *_notices(floor, everybody, start), *_calls(floor, everybody, start), *_lost(floor, everybody, start),
        *_messages(floor, everybody, start), *_requests(floor, everybody, start), *_held(floor, everybody, start),
        *_tries(floor, everybody, start), *_reviews(floor, everybody, start), *_settled(floor, start),
    ]  # fmt: skip
    for at, act in sorted(acts, key=lambda one: one[0]):
        if at + timedelta(minutes=10) < floor.now:
            act(at)


def _reminder(person: Person, which: int) -> str:
    return REMINDERS[which] + (AS_AGENT if person.agency else "")


def _at(start: datetime, days: int, hour: int, minute: int) -> datetime:
    return start + timedelta(days=days, hours=hour, minutes=minute)


def _notices(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    for person in everybody:
        sent = f"短信平台回执 SMS-{person.number:04}"
        at = _at(start, 0, 9, person.number)
        if person.agency and person.number != NO_NOTICE:
            yield at, partial(floor.give_notice, person, "outsourcing", sent)
        if person.number > 12 and person.number % 2:
            later = _at(start, 1, 9, person.number)
            yield later, partial(floor.give_notice, person, "credit_reporting", sent)


def _calls(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    """Each debtor is rung every few days; those whose debt is old, less often."""
    for person in everybody:
        if person.number in (*QUIET, *LOST, *SETTLED, *NO_CALLS):
            continue
        last = ASKED_ON.get(person.number, DAYS)
        for days in range(1 + person.number % 4, last + 1, 4 + person.number % 3):
            hour = 19 if person.number == EVENINGS else 9 + (person.number * 3 + days) % 10
            at = _at(start, days, hour, (person.number * 7) % 55)
            if at.date() <= person.due_date + GRACE:
                continue
            outcome = floor.rng.choice(_OUTCOMES)
            yield at, partial(floor.call, person, outcome)


def _lost(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    """Three days without an answer; only then may the contact named in advance be asked to pass a word on."""
    for number in LOST:
        person = everybody[number - 1]
        for days in range(8, DAYS - 1):
            yield _at(start, days, 10, number), partial(floor.call, person, "powered_off")
        yield _at(start, 9, 15, number), partial(floor.ring_third_party, person)
        yield _at(start, DAYS - 1, 15, number), partial(floor.ring_third_party, person)


def _messages(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    for person in everybody:
        if person.number in QUIET:
            continue
        text = _reminder(person, person.number % 2)
        channel = "email" if person.number % 6 == 1 else "sms"
        hour = 19 if person.number == EVENINGS else 11
        at = _at(start, 2 + person.number % 5, hour, (person.number * 11) % 60)
        yield at, partial(floor.write, person, channel, text)


def _requests(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    for number, type_, channel, days, evidence in REQUESTS:
        person = everybody[number - 1]
        at = _at(start, days, 16, number)
        yield at, partial(floor.receive_request, person, type_, channel, evidence)


def _held(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    """One text of every category, written yesterday or the day before, for the officers to find."""
    away = {*QUIET, *LOST, *SETTLED, *ASKED_ON, *NO_CALLS, NO_NOTICE, EVENINGS, ONCE_A_DAY}
    free = sorted((person for person in everybody if person.number not in away), key=lambda one: one.creditor)
    for index, (held, person) in enumerate(zip(HELD, free, strict=False)):
        at = _at(start, DAYS - 2 + index % 2, 18, 10 + index)
        if held.channel == "note":
            yield at, partial(floor.note, person, held.text)
        else:
            yield at, partial(floor.write, person, held.channel, held.text)


def _tries(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    """What was stopped, and reworded."""
    for index, text in enumerate(BLOCKED):
        person = everybody[4 + index * 9]
        at = _at(start, 8 + index, 14, 20 + index)
        yield at, partial(floor.write, person, "sms", text)
        again = at + timedelta(minutes=15)
        yield again, partial(floor.write, person, "sms", _reminder(person, 0))


def _reviews(floor: Floor, everybody: list[Person], start: datetime) -> Iterator[Act]:
    """Texts of last week that officers have decided: one released, one returned, one refused, one note."""
    for index, (number, channel, text, act) in enumerate(REVIEWED):
        at = _at(start, 9 + index % 3, 15, 5 + number)
        yield at, partial(_review, floor, everybody[number - 1], channel, text, act)


def _review(floor: Floor, person: Person, channel: str, text: str, act: str, at: datetime) -> None:
    receipt = floor.note(person, text, at) if channel == "note" else floor.write(person, channel, text, at)
    if receipt.decision.value != "review":
        return
    officer, later = floor.actor("zhao"), at + timedelta(minutes=7)
    with floor.db.read() as session:
        [item] = [one for one in queue(session, officer, later) if one.outreach == receipt.id]
    take(floor.db, item.id, officer, later)
    word = {"release": "compliant", "note": "compliant"}.get(act, "violation")
    for number in range(len(receipt.findings)):
        reason = "结合录音和前文判断。" if word == "compliant" else "措辞会让债务人感到被逼迫。"
        decide_finding(floor.db, item.id, number, word, reason, officer, later)
    if act == "release":
        release(floor.db, floor.judge, item.id, officer, "前文已说明后果所指，可以发出。", later, keys=floor.keys)
    elif act == "return":
        return_for_rewording(floor.db, item.id, officer, "没有这个期限，请写账单日或约定日。", later)
    elif act == "refuse":
        refuse(floor.db, item.id, officer, "不得借家人施压，请改用协商话术。", later)
    else:
        note_decided(floor.db, item.id, officer, "已安排辅导，案件转暂缓联系。", later)


def _settled(floor: Floor, start: datetime) -> Iterator[Act]:
    yield _at(start, DAYS - 1, 8, 30), partial(_settle, floor)


def _settle(floor: Floor, at: datetime) -> None:
    floor.db.run(lambda session: settle(session, SETTLED, at))
