"""Calls as JSON, for the API and its stream; and who may see a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

from flask import stream_with_context
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assistant.calls.escalation import HELPLINE
from assistant.calls.live import Answer, Live, read_live
from assistant.calls.models import Call
from assistant.calls.opening import Introduction
from assistant.calls.preparing import Card
from assistant.calls.spoken import Spoken
from assistant.calls.state import Alert, CallState
from assistant.suggestions import Suggestion
from compliance.judge.types import InvalidInput
from compliance.judge.wire import finding_to_dict
from scripts_library import library_revision
from web.accounts import User
from web.labels import label
from web.scripts import product_name
from web.state import State, state

STREAM_SECONDS = 55
"""How long one answer of a stream lasts: the browser asks again with the last number it has seen, and who may no
longer see the call is refused then."""
BEAT_SECONDS = 15
"""Longest silence of a stream: whoever has gone away is noticed at the next word to them."""
AGAIN_MS = 500


def call_for(session: Session, ref: str) -> Call:
    """The call, if the present user may see it: collectors see their own.

    Raises:
        InvalidInput: there is none, or not for this user; the two are not told apart.
    """
    query = select(Call).where(Call.ref == ref)
    if current_user.role == "collector":
        query = query.where(Call.collector == current_user.name)
    call = session.scalar(query)
    if call is None:
        raise InvalidInput("没有这通通话 / there is no such call", code="not_found", field="id")
    return call


def introduce(login: str) -> Introduction:
    """How somebody makes themselves known. Of whom no user is kept nothing is told, least of all the login name: no
    script that names the caller is offered then."""
    with state().db.read() as session:
        known = session.execute(select(User.display_name, User.staff_no).where(User.name == login)).one_or_none()
    return Introduction(*known) if known is not None else Introduction("")


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer to a turn."""
    return {
        "seq": answer.turn.seq,
        "revision": answer.revision,
        "alerts": [alert_json(alert) for alert in answer.alerts],
        "intents": _intents(answer.turn.heard.intents),
        "slots": answer.turn.heard.slots,
        **_help(answer.state, answer.suggestions),
    }


def live_json(live: Live, after: int = 0) -> dict[str, Any]:
    """The whole call; of its turns those that changed after a revision."""
    return {
        "id": live.case.call.ref,
        "revision": live.revision,
        "closed": live.case.call.closed_at is not None,
        "turns": [turn_json(turn) for turn in live.state.turns if turn.revision > after],
        "alerts": [alert_json(alert) for alert in live.state.alerts],
        "intents": _intents(live.state.intents),
        **_help(live.state, live.suggestions),
        "rights": [
            {"type": right.type, "turn": right.turn, "request": _request(live, right.type)}
            for right in live.state.rights
        ],
    }


def card_json(card: Card) -> dict[str, Any]:
    """The preparation card."""
    last, promise = card.last_time, card.promise
    return {
        "goal": {"code": card.goal, "text": label("goal", card.goal)},
        "name": card.name,
        "number": card.number,
        "account": card.account_no,
        "creditor": card.creditor,
        "agency": card.agency,
        "product": product_name(card.product) if card.product else None,
        "stage": card.stage,
        "days_past_due": card.days_past_due,
        "total": str(card.total) if card.total is not None else None,
        "flags": list(card.flags),
        "last_time": None if last is None else {
            "at": last.at.isoformat(), "outcome": last.outcome, "next_step": last.next_step, "note": last.note,
        },
        "last_promise": None if promise is None else {
            "date": promise.due.isoformat(), "amount": str(promise.amount) if promise.amount is not None else None,
            "kept": promise.kept,
        },
        "open_rights": [
            {"type": one.type, "at": one.at.isoformat(), "due_at": one.due_at.isoformat() if one.due_at else None}
            for one in card.rights
        ],
    }  # fmt: skip


def checklist_json(state: CallState) -> list[dict[str, Any]]:
    return [
        {"item": one.item, "label": one.label, "said": one.done, "due": one.due, "turn": one.turn,
         "by_hand": one.by_hand}
        for one in state.checklist
    ]  # fmt: skip


def turn_json(turn: Spoken) -> dict[str, Any]:
    return {
        "seq": turn.seq,
        "speaker": turn.speaker,
        "text": turn.text,
        "at": turn.at.isoformat(),
        "final": turn.final,
        "intents": _intents(turn.heard.intents),
    }


def alert_json(alert: Alert) -> dict[str, Any]:
    """A finding, with the whole turn reworded where that is possible."""
    return {**finding_to_dict(alert.finding), "id": alert.id, "turn": alert.turn, "suggestion": alert.reworded}


def suggestion_json(suggestion: Suggestion, key: int) -> dict[str, Any]:
    return {
        "key": key,
        "script": suggestion.script,
        "version": suggestion.version_id,
        "scene": suggestion.scene,
        "title": suggestion.title,
        "text": suggestion.text,
        "reason": reason(suggestion),
        "avoid": suggestion.avoid,
    }


def reason(suggestion: Suggestion) -> list[str]:
    """Why it is offered, in three words."""
    groups = {"answers": "intent", "cares": "intent", "owes": "item", "opens": "opening", "spares": "sparing"}
    group = groups.get(suggestion.why)
    what = label(group, suggestion.what) if group else suggestion.what
    return [label("why", suggestion.why), what, label("stage", suggestion.stage)]


def stream(edge: State, ref: str, after: int) -> Iterator[str]:
    """Server-sent events of a call, from what changed after revision ``after`` on. The id of each is its revision."""
    return follow(edge, ref, after, lambda live, seen: json.dumps(live_json(live, seen), ensure_ascii=False))


def follow(edge: State, ref: str, after: int, render: Any) -> Iterator[str]:
    """Events rendered by ``render(live, seen)``, until the call is closed or ``STREAM_SECONDS`` are over. A script that
    is published or withdrawn meanwhile is an event too: the suggestions are others."""
    desk, spoke = edge.calls, monotonic()
    seen, until, library = after, spoke + STREAM_SECONDS, None
    with desk.bell.following(ref) as changed:
        yield f"retry: {AGAIN_MS}\n\n"
        while (left := until - monotonic()) > 0:
            changed.clear()
            with edge.db.read() as session:
                revision = session.scalar(select(Call.revision).where(Call.ref == ref)) or 0
                scripts = library_revision(session)
                is_other = revision > seen or scripts != (library or scripts)
                live = read_live(session, desk, ref, edge.clock()) if is_other else None
                library = scripts
            if live is not None:
                yield _event("state", live.revision, render(live, seen))
                seen, spoke = live.revision, monotonic()
                if live.case.call.closed_at is not None:
                    yield _event("closed", live.revision, "{}")
                    return
            elif monotonic() - spoke >= BEAT_SECONDS:
                yield ": still here\n\n"
                spoke = monotonic()
            changed.wait(min(left, BEAT_SECONDS))


def event_stream(body: Iterator[str]) -> Response:
    """A response that is sent as it is made, through proxies too.

    It is werkzeug's own kind: what documents the API reads Flask's to their end before it hands them on.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(stream_with_context(body), mimetype="text/event-stream", headers=headers)


def _event(name: str, number: int, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"id: {number}\nevent: {name}\n{lines}\n"


def _help(state: CallState, suggestions: tuple[Suggestion, ...]) -> dict[str, Any]:
    return {
        "suggestions": [suggestion_json(one, key) for key, one in enumerate(suggestions, 1)],
        "checklist": checklist_json(state),
        "pause": {"helpline": HELPLINE, "contact": "suspended", "officer": "notified"} if state.paused else None,
    }


def _intents(intents: tuple[tuple[str, float], ...]) -> list[dict[str, Any]]:
    return [{"intent": intent, "score": score} for intent, score in intents]


def _request(live: Live, type: str) -> str | None:
    noted = live.noted.get(type)
    return noted.request_ref if noted else None
