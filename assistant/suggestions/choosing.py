"""From the library to what stands on the page: published, filled without a gap, ranked, and passed by the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.promising import find_promise
from assistant.calls.reading import CallCase, read_kept
from assistant.calls.state import CallState
from assistant.suggestions.ranking import Candidate, Moment, Ranked, may_say, rank
from compliance import rights
from compliance.casebook import load_stages, stage_of
from compliance.casebook.models import Account
from compliance.judge.talk import Talk
from compliance.judge.text import clean
from compliance.judge.types import Decision, Message
from scripts_library.choosing import ServedScript, library_revision, scripts_for
from scripts_library.slots import UnfilledSlot, account_slots, fill

MOST = 9
"""As many as there are keys."""
_OTHERS = frozenset({"machine", "supervisor"})
"""Scripts that are reserved for somebody else than the collector on the line."""
_LAST_TURNS = 3
DISPUTES = frozenset({"dispute", "complaint", "credit_dispute"})
SPARING = frozenset({"illness_disaster", "deceased_incapable", "dispute", "representation"})
"""Intents after which only neutral words are offered for the rest of the call."""

Library = Callable[[str, str, str], list[ServedScript]]
"""Scripts for a stage, a listener and a product."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to say now. ``why`` and ``what`` say in a word each why it is offered, ``stage`` for which stage."""

    script: str
    version_id: int
    scene: str
    title: str
    text: str
    why: str
    what: str
    stage: str
    avoid: str


def suggest(
    session: Session, desk: Desk, case: CallCase, state: CallState, now: datetime, revision: int | None = None
) -> tuple[Suggestion, ...]:
    """The best first, at most ``MOST``; nothing once the call is closed. ``revision``: that of ``state``.

    Remembered by the revisions of call and library for a minute: the answer to a turn and the page that shows it are
    one question, and a script that is withdrawn is gone from the next.
    """
    call = case.call
    if call.closed_at is not None:
        return ()
    moment = moment_of(state, needs_neutral(session, case, state), read_kept(session, desk, call).uses)
    minute, scripts = int(now.timestamp()) // 60, library_revision(session)
    key = ("suggestions", call.ref, revision or call.revision, scripts, case.facts, moment, minute)
    return desk.states.recall(key, lambda: offer(_library(session, desk, now, scripts), desk, case, state, moment, now))


def offer(
    library: Library, desk: Desk, case: CallCase, state: CallState, moment: Moment, now: datetime
) -> tuple[Suggestion, ...]:
    """The best of a library for a moment, filled and judged."""
    found: list[Suggestion] = []
    # What became of a payment or an application the call does not know: who looks for the words does.
    offered = (one for one in _candidates(library, desk, case, state, now) if "looked_up" not in one.script.only)
    for one in rank(offered, moment):
        if _passes(desk, case, one.candidate, now):
            found.append(_suggestion(one, case, now))
        if len(found) == MOST:
            break
    return tuple(found)


def search(
    session: Session, desk: Desk, case: CallCase, state: CallState, words: str, now: datetime, most: int | None = MOST
) -> tuple[Suggestion, ...]:
    """Scripts with all the words in scene, title or text that may be said now, at most ``most``."""
    wanted = words.lower().split()
    moment = moment_of(state, needs_neutral(session, case, state), frozenset())
    found = []
    library = _library(session, desk, now, library_revision(session))
    for one in _candidates(library, desk, case, state, now):
        script = one.script
        text = f"{script.scene} {script.title} {one.text}".lower()
        fits = all(word in text for word in wanted) and may_say(one, moment)
        if fits and _passes(desk, case, one, now):
            found.append(_suggestion(Ranked(one, "found", script.scene, 0), case, now))
        if len(found) == most:
            break
    return tuple(found)


def needs_neutral(session: Session, case: CallCase, state: CallState) -> bool:
    """Whether only neutral words may be offered."""
    if is_spared(case, state):
        return True
    return any(one.type in DISPUTES for one in rights.open_requests(session, case.debtor.id))


def is_spared(case: CallCase, state: CallState) -> bool:
    """The same, as far as case and call tell."""
    account = case.account
    if state.third_party or not case.permitted or case.debtor.vulnerable.split():
        return True
    if account is not None and account.plan_in_force and not account.plan_breached:
        return True
    return any(intent in SPARING for turn in state.turns for intent in turn.meant)


def moment_of(state: CallState, neutral: bool, taken: frozenset[int]) -> Moment:
    """What a call's state means for the next words."""
    others = [turn for turn in state.turns if turn.final and turn.speaker != "collector"]
    return Moment(
        heard=tuple(turn.meant for turn in reversed(others[-_LAST_TURNS:])),
        owed=tuple(item.item for item in state.missing),
        answered=bool(others) and state.last_seq > others[-1].seq,
        begun=any(turn.speaker == "collector" for turn in state.turns),
        confirmed=state.confirmed,
        paused=state.paused,
        neutral=neutral,
        taken=taken,
    )


def _candidates(library: Library, desk: Desk, case: CallCase, state: CallState, now: datetime) -> Iterator[Candidate]:
    """Every published script for this stage, product and listener whose slots are all known."""
    if case.account is None or case.creditor is None:
        return
    today = load_stages().local_day(now)
    account = case.account
    promise = find_promise(state.finals, load_stages().local_day(case.call.started_at), desk.talk, account.total)
    slots = account_slots(
        case.debtor, account, case.creditor, on=today, collector_no=case.call.caller_no, caller=case.call.caller,
        promise_date=promise.due if promise else None,
    )  # fmt: skip
    for script in library(stage_of(account, now), listener(case, state), account.product):
        if is_reserved(script, account, case.point.relation):
            continue
        try:
            text = fill(script.say, slots)
        except UnfilledSlot:
            continue
        yield _candidate(script, text, desk)


def is_reserved(script: ServedScript, account: Account, relation: str | None) -> bool:
    """Whether a script is for somebody else, for another account, or for a number of another ``relation``. An agency's
    people are not the creditor's own (CN-ID-01)."""
    if not _OTHERS.isdisjoint(script.only):
        return True
    if "own_staff" in script.only and account.agency is not None:
        return True
    if "others_number" in script.only and relation == "self":
        return True
    if "assigned" in script.only and not account.assigned:
        return True
    return "settled" in script.only and account.settled_at is None


def _library(session: Session, desk: Desk, now: datetime, revision: tuple[object, ...]) -> Library:
    """Published scripts, looked up once for each state of the library: every call of a stage asks for the same."""
    today = load_stages().local_day(now)

    def served(stage: str, audience: str, product: str) -> list[ServedScript]:
        def find() -> list[ServedScript]:
            return scripts_for(session, stage=stage, channel="call", audience=audience, product=product, on=today)

        return desk.states.recall(("served", stage, audience, product, today, revision), find)

    return served


def listener(case: CallCase, state: CallState) -> str:
    """For whom the next words are."""
    if case.point.relation == "liable_third_party":
        return "liable_third_party"
    return "other_third_party" if state.third_party and not state.paused else "debtor"


def _candidate(script: ServedScript, text: str, desk: Desk) -> Candidate:
    says, demands = desk.words.recall(("carries", text), lambda: _carries(text, desk.talk))
    return Candidate(script, text, says, demands)


def _carries(text: str, talk: Talk) -> tuple[frozenset[str], bool]:
    """The checklist items that a text carries, and whether it asks for payment."""
    plain = clean(text)
    return frozenset(item.id for item in talk.items if item.phrase.occurs(plain)), talk.signals["demands"].occurs(plain)


def _passes(desk: Desk, case: CallCase, candidate: Candidate, now: datetime) -> bool:
    """Judged as it would be heard. What would be held is not offered either."""
    account, known = case.account, case.known_account
    message = Message(
        text=candidate.text,
        channel="call",
        audience=candidate.script.audience,
        stage=stage_of(account, now) if account else None,
        amounts=tuple(sorted(known.figures)) if known and known.figures else None,
        agency=account.agency if account else None,
        owed=known.owed if known else None,
    )
    findings = desk.screen(message, now).findings
    return all(one.decision is Decision.ALLOW or one.category == "missing_disclosure" for one in findings)


def _suggestion(ranked: Ranked, case: CallCase, now: datetime) -> Suggestion:
    script = ranked.candidate.script
    return Suggestion(
        script=script.key,
        version_id=script.version_id,
        scene=script.scene,
        title=script.title,
        text=ranked.candidate.text,
        why=ranked.why,
        what=ranked.what,
        stage=stage_of(case.account, now) if case.account else script.stage,
        avoid=script.avoid,
    )
