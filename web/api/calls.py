"""Live calls: opening, turns from any recogniser, the stream of events, what the collector does, closing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls import funasr, noticing, ticking
from assistant.calls.closing import Closing, close_call
from assistant.calls.drafting import draft
from assistant.calls.live import answer_turn, read_live
from assistant.calls.models import Call
from assistant.calls.opening import Opening, open_call
from assistant.calls.preparing import prepare
from assistant.calls.promising import Promised
from assistant.calls.reading import load_case, read_state
from assistant.calls.receiving import Incoming, receive
from compliance.casebook import load_stages
from compliance.judge.wire import finding_to_dict
from web.actor import actor
from web.api.call_shapes import (
    CallAnswer,
    CallBody,
    CloseBody,
    ClosedAnswer,
    DoneAnswer,
    DraftAnswer,
    EventsQuery,
    OpenedAnswer,
    RecordedRight,
    RightBody,
    SpeakerQuery,
    TickBody,
    TurnAnswer,
    TurnBody,
    UseBody,
)
from web.api.document import documented
from web.api.reading import body_of, debtor_for, query_of, refuse_nul
from web.auth import requires, signed_in
from web.calls import answer_json, call_for, card_json, event_stream, introduce, live_json, stream
from web.state import State, state

ACTING = ("collector", "officer", "admin")


@requires(*ACTING)
@documented(OpenedAnswer, body=CallBody, status=201, errors=(401, 403, 404, 409, 422))
def open_() -> ResponseReturnValue:
    """Open a call; 200 where its dial has one already. The card is what to read before speaking."""
    body = body_of(CallBody)
    edge = state()
    with edge.db.read() as session:
        debtor_for(session, body.debtor)
    opened = open_call(edge.calls, Opening(**body.model_dump()), actor(), introduce, edge.clock())
    with edge.db.read() as session:
        answer = _whole(session, edge, opened.ref)
    return jsonify(answer), 200 if opened.repeated else 201


def _whole(session: Session, edge: State, ref: str) -> dict[str, Any]:
    live = read_live(session, edge.calls, ref, edge.clock())
    card = card_json(prepare(session, live.case, edge.clock()))
    return {**live_json(live), "card": card, "permitted": live.case.permitted}


@signed_in
@documented(OpenedAnswer, errors=(401, 403, 404))
def show(ref: str) -> ResponseReturnValue:
    """The whole call as it stands."""
    edge = state()
    with edge.db.read() as session:
        call_for(session, ref)
        return jsonify(_whole(session, edge, ref))


@requires(*ACTING)
@documented(TurnAnswer, body=TurnBody, query=SpeakerQuery, errors=(401, 403, 404, 409, 422))
def add_turn(ref: str) -> ResponseReturnValue:
    """A turn, or a result message of a FunASR runtime as it is (then `wav_name` or `?speaker=` says who speaks)."""
    edge, now = state(), state().clock()
    with edge.db.read() as session:
        call = call_for(session, ref)
    incoming = _incoming(call)
    if incoming is None:  # a message without words, as at the end of a recognition
        with edge.db.read() as session:
            return jsonify(live_json(read_live(session, edge.calls, ref, now), call.revision))
    taken = receive(edge.calls, ref, incoming, now)
    with edge.db.read() as session:
        return jsonify(answer_json(answer_turn(session, edge.calls, ref, taken, now)))


def _incoming(call: Call) -> Incoming | None:
    raw = request.get_json(silent=True)
    if funasr.is_message(raw):
        refuse_nul(raw)
        return funasr.read_message(raw, query_of(SpeakerQuery).speaker, call.started_at)
    return Incoming(**body_of(TurnBody).model_dump())


@signed_in
@documented(CallAnswer, query=EventsQuery, errors=(401, 403, 404, 422))
def events(ref: str) -> ResponseReturnValue:
    """Server-sent events: `state` with what changed, `closed` at the end. `Last-Event-ID` takes the stream up again;
    204 where a closed call has nothing new."""
    edge = state()
    given = request.headers.get("Last-Event-ID", "")
    after = int(given) if given.isascii() and given.isdigit() else query_of(EventsQuery).after
    with edge.db.read() as session:
        call = call_for(session, ref)
    if call.closed_at is not None and after >= call.revision:
        return "", 204
    return event_stream(stream(edge, ref, after))


@requires(*ACTING)
@documented(DoneAnswer, body=TickBody, errors=(401, 403, 404, 409, 422))
def tick(ref: str) -> ResponseReturnValue:
    """Tick or untick a checklist item by hand."""
    body = body_of(TickBody)
    _own(ref)
    ticking.tick(state().calls, ref, body.item, body.ticked, actor(), state().clock())
    return _revision(ref)


@requires(*ACTING)
@documented(DoneAnswer, body=UseBody, errors=(401, 403, 404, 409, 422))
def use(ref: str) -> ResponseReturnValue:
    """Note that a suggestion was taken."""
    body = body_of(UseBody)
    _own(ref)
    ticking.take(state().calls, ref, body.version, actor(), state().clock())
    return _revision(ref)


@requires(*ACTING)
@documented(RecordedRight, body=RightBody, status=201, errors=(401, 403, 404, 422))
def record_right(ref: str) -> ResponseReturnValue:
    """Record a right that was heard as a request of the debtor; once a call."""
    body = body_of(RightBody)
    _own(ref)
    request_ref = noticing.record_right(state().calls, ref, body.type, actor(), state().clock())
    return jsonify(type=body.type, request=request_ref), 201


@requires(*ACTING)
@documented(ClosedAnswer, body=CloseBody, errors=(401, 403, 404, 409, 422))
def close(ref: str) -> ResponseReturnValue:
    """Close a call: outcome, reason, promise, rights to record, next step, note. The same again is the same act."""
    body = body_of(CloseBody)
    _own(ref)
    closing = Closing(
        outcome=body.outcome,
        reason=body.reason,
        promise=Promised(body.promise.date, body.promise.amount) if body.promise else None,
        rights=tuple(body.rights),
        next_step=body.next_step,
        next_at=body.next_at,
        note=body.note,
        confirmed=body.confirmed,
        recording=body.recording,
        no_recording=body.no_recording,
    )
    closed = close_call(state().calls, ref, closing, actor(), state().clock())
    note = [*closed.note.findings, *closed.note.contradictions]
    return jsonify(
        id=ref, missing=closed.missing, requests=closed.requests, note=[finding_to_dict(finding) for finding in note]
    )


@signed_in
@documented(DraftAnswer, errors=(401, 403, 404))
def wrap_up(ref: str) -> ResponseReturnValue:
    """The wrap-up as the turns suggest it, and what has not been said yet."""
    edge = state()
    with edge.db.read() as session:
        case = load_case(session, call_for(session, ref).ref)
        call_state = read_state(session, edge.calls, case)
    total = case.account.total if case.account else None
    today, now = load_stages().local_day(case.call.started_at), edge.clock().astimezone(edge.config.zone)
    found = draft(call_state, today, edge.calls.talk, total, now)
    promise = found.promise
    return jsonify(
        outcome=found.outcome,
        reason=found.reason,
        promise={"date": promise.due.isoformat(), "amount": promise.amount and str(promise.amount)}
        if promise
        else None,
        rights=found.rights,
        next_step=found.next_step,
        next_at=found.next_at.isoformat() if found.next_at else None,
        note=found.note,
        missing=[item.item for item in call_state.missing],
    )


def _own(ref: str) -> None:
    with state().db.read() as session:
        call_for(session, ref)


def _revision(ref: str) -> ResponseReturnValue:
    with state().db.read() as session:
        return jsonify(revision=session.scalar(select(Call.revision).where(Call.ref == ref)))


def add_routes(bp: Blueprint) -> None:
    bp.post("/calls", endpoint="open_call")(open_)
    bp.get("/calls/<ref>", endpoint="call")(show)
    bp.post("/calls/<ref>/turns", endpoint="call_turn")(add_turn)
    bp.get("/calls/<ref>/events", endpoint="call_events")(events)
    bp.post("/calls/<ref>/ticks", endpoint="call_tick")(tick)
    bp.post("/calls/<ref>/suggestions", endpoint="call_use")(use)
    bp.post("/calls/<ref>/rights", endpoint="call_right")(record_right)
    bp.get("/calls/<ref>/wrap-up", endpoint="call_wrap_up")(wrap_up)
    bp.post("/calls/<ref>/close", endpoint="call_close")(close)
