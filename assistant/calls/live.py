"""A call as it stands: what its page, its API and its stream show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.reading import CallCase, NotedRight, load_case, read_kept, read_state
from assistant.calls.receiving import Taken
from assistant.calls.spoken import Spoken
from assistant.calls.state import Alert, CallState
from assistant.suggestions import Suggestion, suggest


@dataclass(frozen=True, slots=True)
class Live:
    """Everything about a call now. ``revision`` grows with each change."""

    case: CallCase
    state: CallState
    suggestions: tuple[Suggestion, ...]
    noted: Mapping[str, NotedRight]
    """Rights by type, with the request that they were recorded as."""
    revision: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a turn is answered with, the same however often it is sent."""

    turn: Spoken
    revision: int
    alerts: tuple[Alert, ...]
    """About this turn, or raised by it."""
    state: CallState
    suggestions: tuple[Suggestion, ...]


def read_live(session: Session, desk: Desk, ref: str, now: datetime) -> Live:
    """The call now. Raises ``InvalidInput`` (``not_found``)."""
    case = load_case(session, ref)
    state = read_state(session, desk, case)
    suggestions = suggest(session, desk, case, state, now)
    return Live(case, state, suggestions, read_kept(session, desk, case.call).rights, case.call.revision)


def answer_turn(session: Session, desk: Desk, ref: str, taken: Taken, now: datetime) -> Answer:
    """The answer to a turn: from the turns that had come by then, in whatever order, so that it can be given again."""
    case = load_case(session, ref)
    state = read_state(session, desk, case, taken.revision)
    known = {alert.id for alert in read_state(session, desk, case, taken.revision - 1).alerts}
    return Answer(
        turn=next(turn for turn in state.turns if turn.seq == taken.seq),
        revision=taken.revision,
        alerts=tuple(alert for alert in state.alerts if alert.turn == taken.seq or alert.id not in known),
        state=state,
        suggestions=suggest(session, desk, case, state, now, taken.revision),
    )
