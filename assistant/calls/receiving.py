"""Taking in a turn: judged or heard once, kept with its verdict, and told to whoever follows the call.

1. Read the turns that are there; judge the new one for whoever hears it, outside any lock.
2. Lock the call. The same final turn again is no change; other words under its number are a ``Conflict``; a partial
   result gives way to the next one.
3. Where another turn came in meanwhile, what was judged in step 1 is judged again. A late turn may show that earlier
   words were heard by somebody else: these are judged again too.
4. Write, note rights and signs of self-harm, commit; then ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls import escalation, noticing
from assistant.calls.course import in_course
from assistant.calls.desk import Desk
from assistant.calls.models import Call, CallTurn
from assistant.calls.reading import CallCase, load_case, lock_call, read_kept, store_judgement
from assistant.calls.spoken import Spoken
from assistant.calls.state import audience_of
from assistant.intents import Heard, hear
from compliance.casebook import stage_of
from compliance.gate.types import Conflict
from compliance.judge.hearing import SPEAKERS
from compliance.judge.types import InvalidInput, Message, Verdict

LONGEST = 4000
"""Characters of one turn."""
MOST_TURNS = 2000


@dataclass(frozen=True, slots=True)
class Incoming:
    """A turn as it comes in. ``seq`` is ``None`` where its source does not count turns."""

    speaker: str
    text: str
    seq: int | None = None
    at: datetime | None = None
    final: bool = True
    source_key: str | None = None
    """The same key is the same turn, for sources that do not count."""
    stream: bool = False
    """It continues or ends what the speaker's recogniser has open, and opens a turn where nothing is."""
    append: bool = False
    """Its words come after those that are open, rather than in their place."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Where a turn went. ``revision`` is that of the call when it came; ``fresh`` tells whether anything changed."""

    seq: int
    revision: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was judged before the lock, for the call as of ``revision``."""

    revision: int
    turn: Incoming
    """The turn with its number and all its words."""
    known: bool
    """Whether it has a row already."""
    heard: Heard
    judged: Mapping[int, tuple[str, Verdict]]
    """By turn: for whom, and how. The new turn, and those whose listener it changes."""


def receive(desk: Desk, ref: str, incoming: Incoming, now: datetime) -> Taken:
    """Take in one turn.

    Raises:
        InvalidInput: no such call, or a turn that cannot be used.
        Conflict: the call is closed, or its final words under this number are others.
    """
    _check(incoming)
    with desk.db.read() as session:
        plan = _plan(session, desk, load_case(session, ref), incoming, now)
    taken = desk.db.run(lambda session: _take(session, desk, ref, incoming, plan, now))
    if taken.fresh:
        desk.bell.ring(ref)
    if escalation.is_sign(plan.heard):
        escalation.hand_over(desk, ref, now)
    return taken


def _check(incoming: Incoming) -> None:
    if incoming.speaker not in SPEAKERS:
        raise InvalidInput(f"speaker: one of {', '.join(SPEAKERS)}", code="unknown", field="speaker")
    if not incoming.text.strip():
        raise InvalidInput("一轮话不能是空的 / a turn needs words", code="empty", field="text")
    if len(incoming.text) > LONGEST:
        raise InvalidInput(f"一轮话不能超过 {LONGEST} 字 / a turn is too long", code="too_long", field="text")
    if "\0" in incoming.text or any("\ud800" <= char <= "\udfff" for char in incoming.text):
        raise InvalidInput("文字中有无法保存的字符 / a character cannot be stored", code="encoding", field="text")
    if incoming.seq is not None and not 1 <= incoming.seq <= 1_000_000:
        raise InvalidInput("seq: 1 to 1000000", code="range", field="seq")
    if incoming.at is not None and incoming.at.tzinfo is None:
        raise InvalidInput("时间必须带时区 / the time needs an offset", code="naive_time", field="at")


def _take(session: Session, desk: Desk, ref: str, incoming: Incoming, plan: _Plan, now: datetime) -> Taken:
    call = lock_call(session, ref)
    row = _find(session, call, incoming) if plan.known or call.revision != plan.revision else None
    if row is not None and row.final:
        return _again(row, incoming)
    if call.closed_at is not None:
        raise Conflict("这通通话已经结束 / the call is closed", code="closed")
    if call.revision != plan.revision:
        plan = _plan(session, desk, load_case(session, ref), incoming, now)
    row = row or CallTurn(call_id=call.id, seq=plan.turn.seq, at=incoming.at or now)
    call.revision += 1
    _write(row, call.revision, plan)
    session.add(row)
    _judge_again(session, call, row.seq, plan)
    if incoming.final:
        noticing.note_rights(session, call, row, now)
        if escalation.is_sign(plan.heard):
            escalation.suspend(session, call, row.seq, now)
    desk.bell.announce(session, ref)
    return Taken(row.seq, call.revision, True)


def _again(row: CallTurn, incoming: Incoming) -> Taken:
    """What is final stays: the same words are no change, and a partial result that comes late is dropped."""
    same = (row.speaker, row.text) == (incoming.speaker, incoming.text)
    if incoming.final and not (same and incoming.at in (None, row.at)):
        raise Conflict(
            f"第 {row.seq} 轮已经定稿，内容不同 / turn {row.seq} is final with other words", code="turn_final"
        )
    return Taken(row.seq, row.revision, False)


def _write(row: CallTurn, revision: int, plan: _Plan) -> None:
    turn = plan.turn
    row.revision, row.speaker, row.final, row.text = revision, turn.speaker, turn.final, turn.text
    row.at = turn.at or row.at
    row.source_key = turn.source_key if turn.final else None
    row.intents = [[intent, score] for intent, score in plan.heard.intents]
    row.slots = {name: list(values) for name, values in plan.heard.slots.items()}
    row.audience, row.verdict = None, {}
    if row.seq in plan.judged:
        row.audience, verdict = plan.judged[row.seq]
        row.verdict = store_judgement(verdict)


def _judge_again(session: Session, call: Call, seq: int, plan: _Plan) -> None:
    """Keep what was judged of earlier turns whose listener has turned out to be somebody else."""
    others = [number for number in plan.judged if number != seq]
    if not others:
        return
    for row in session.scalars(select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.seq.in_(others))):
        row.audience, verdict = plan.judged[row.seq]
        row.verdict = store_judgement(verdict)


def _plan(session: Session, desk: Desk, case: CallCase, incoming: Incoming, now: datetime) -> _Plan:
    """Raises ``Conflict`` where the call can take no more turns."""
    call, turns = case.call, read_kept(session, desk, case.call).turns
    row = _find(session, call, incoming) if incoming.seq is None else None
    seq = row.seq if row is not None else incoming.seq
    there = next((turn for turn in turns if turn.seq == seq), None)
    turn = _whole(incoming, there, turns)
    if not turn.final:
        return _Plan(call.revision, turn, there is not None, Heard(), {})
    heard = hear(turn.text, turn.speaker)
    new = Spoken(turn.seq or 0, 0, turn.speaker, turn.text, turn.at or now, heard=heard)
    others = [other for other in turns if other.final and other.seq != new.seq]
    return _Plan(call.revision, turn, there is not None, heard, _judge(desk, case, [*others, new], now))


def _judge(desk: Desk, case: CallCase, turns: Sequence[Spoken], now: datetime) -> dict[int, tuple[str, Verdict]]:
    """Verdicts on the collector's turns that were not judged yet for those who hear them."""
    ordered = in_course(sorted(turns, key=lambda turn: turn.seq))
    call = desk.listen(ordered, case.known_account, desk.talk)
    judged = {}
    for turn in ordered:
        if turn.speaker != "collector" or call is None:
            continue
        audience = audience_of(call, turn.seq, case.point.relation)
        if audience != turn.audience:
            judged[turn.seq] = audience, desk.screen(_message(case, turn.text, audience, now), now)
    return judged


def _message(case: CallCase, text: str, audience: str, now: datetime) -> Message:
    account, known = case.account, case.known_account
    return Message(
        text=text,
        channel="call",
        audience=audience,
        stage=stage_of(account, now) if account else None,
        amounts=tuple(sorted(known.figures)) if known and known.figures else None,
        case_no=account.case_no if account else None,
        agency=account.agency if account else None,
        owed=known.owed if known else None,
    )


def _whole(incoming: Incoming, there: Spoken | None, turns: Sequence[Spoken]) -> Incoming:
    """The turn with the number that it has, or gets after ``turns``, and with all its words."""
    if there is not None:
        words = f"{there.text}{incoming.text}" if incoming.append and not there.final else incoming.text
        return replace(incoming, seq=there.seq, text=words[:LONGEST])
    if len(turns) >= MOST_TURNS:
        raise Conflict(f"一通通话最多 {MOST_TURNS} 轮 / too many turns", code="too_many_turns")
    return replace(incoming, seq=incoming.seq or max((turn.seq for turn in turns), default=0) + 1)


def _find(session: Session, call: Call, incoming: Incoming) -> CallTurn | None:
    """The row that the turn belongs to: by its number, by its key, or, in a stream, the speaker's open result."""
    query = select(CallTurn).where(CallTurn.call_id == call.id)
    if incoming.seq is not None:
        return session.scalar(query.where(CallTurn.seq == incoming.seq))
    if incoming.source_key is not None:
        known = session.scalar(query.where(CallTurn.source_key == incoming.source_key))
        if known is not None:
            return known
    if not incoming.stream:
        return None
    still_open = query.where(CallTurn.speaker == incoming.speaker, CallTurn.final.is_(False))
    return session.scalar(still_open.order_by(CallTurn.seq.desc()).limit(1))
