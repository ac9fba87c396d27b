"""Submitting outreach, its outcome, and redeeming permits: each goes through the gate."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from compliance import gate
from compliance.gate.models import Outreach
from compliance.judge.contact.visiting import VisitSheet
from compliance.judge.types import InvalidInput
from compliance.judge.wire import finding_to_dict
from web.actor import actor
from web.api.document import documented
from web.api.reading import body_of, debtor_for, visible
from web.api.shapes import (
    OutcomeBody,
    OutreachAnswer,
    OutreachBody,
    OutreachState,
    RecordingBody,
    RedeemBody,
    RedeemedAnswer,
    VisitAnswer,
    VisitBody,
)
from web.auth import caller_stands, requires, requires_standing, signed_in
from web.state import state


@requires_standing("collector", "officer", "admin")
@documented(OutreachAnswer, body=OutreachBody, status=201, errors=(401, 403, 404, 409, 422))
def submit() -> ResponseReturnValue:
    """Submit a message, a call to dial, a visit or a note; 200 when the first answer is told again."""
    body = body_of(OutreachBody)
    edge = state()
    conditions = caller_stands()
    if current_user.role == "collector":  # whoever sees every debtor hears from the gate that there is none
        conditions += (visible(body.debtor),)
    submission = gate.Submission(**body.model_dump())
    receipt = gate.submit(edge.db, edge.judge, submission, actor(), edge.clock(), keys=edge.keys, conditions=conditions)
    return jsonify(_receipt(receipt)), 200 if receipt.repeated else 201


def _receipt(receipt: gate.Receipt) -> dict[str, object]:
    return {
        "id": receipt.id,
        "decision": receipt.decision.value,
        "state": receipt.state,
        "findings": [finding_to_dict(finding) for finding in receipt.findings],
        "suggestion": receipt.suggestion,
        "permit": receipt.permit,
        "next_allowed_at": receipt.next_allowed_at.isoformat() if receipt.next_allowed_at else None,
        "remaining": receipt.remaining,
        "ledger_seq": receipt.ledger_seq,
    }


@signed_in
@documented(OutreachState, errors=(401, 403, 404))
def show(client_id: str) -> ResponseReturnValue:
    """The present state of an outreach."""
    with state().db.read() as session:
        outreach = _visible(session, client_id)
    return jsonify(
        id=outreach.client_id,
        state=outreach.state,
        decision=outreach.decision,
        channel=outreach.channel,
        outcome=outreach.outcome,
        at=outreach.at.isoformat(),
        ledger_seq=outreach.ledger_seq,
        recording_owed=gate.owed_recording(outreach, state().judge.policy) is not None,
    )


@requires("collector", "officer", "admin")
@documented(OutreachState, body=OutcomeBody, errors=(401, 403, 404, 409, 422))
def outcome(client_id: str) -> ResponseReturnValue:
    """Write down what came of an outreach, with the recording of a call where it is told: both or neither. The same
    outcome twice is one outcome."""
    body = body_of(OutcomeBody)
    edge = state()
    with edge.db.read() as session:
        _visible(session, client_id)
    if body.recording is None and body.no_recording is None:
        recorded = gate.record_outcome(edge.db, client_id, body.outcome, body.at, actor(), edge.clock())
    else:
        recorded = gate.record_call(
            edge.db, edge.judge, edge.judge.policy, client_id, body.outcome, body.at, body.recording, body.no_recording,
            actor(), edge.clock(), keys=edge.keys,
        )  # fmt: skip
    return jsonify(id=recorded.id, state=recorded.state, outcome=recorded.outcome, ledger_seq=recorded.ledger_seq)


@requires("collector", "officer", "admin")
@documented(OutreachState, body=RecordingBody, errors=(401, 403, 404, 409, 422))
def recording(client_id: str) -> ResponseReturnValue:
    """Tell the recording of a call whose outcome is known, or why there is none; the same twice is once."""
    body = body_of(RecordingBody)
    with state().db.read() as session:
        _visible(session, client_id)
    edge = state()
    gate.record_recording(
        edge.db, edge.judge, edge.judge.policy, client_id, body.recording, body.no_recording, actor(), edge.clock(),
        keys=edge.keys,
    )  # fmt: skip
    with state().db.read() as session:
        told = _visible(session, client_id)
    return jsonify(
        id=told.client_id, state=told.state, outcome=told.outcome, ledger_seq=told.ledger_seq, recording_owed=False
    )


@requires("collector", "officer", "admin")
@documented(VisitAnswer, body=VisitBody, errors=(401, 403, 404, 409, 422))
def visit(client_id: str) -> ResponseReturnValue:
    """Write down how a visit went; the same sheet twice is one sheet."""
    body = body_of(VisitBody)
    edge = state()
    with edge.db.read() as session:
        _visible(session, client_id)
    told = body.model_dump()
    sheet = VisitSheet(**told | {"people": tuple(body.people), "shown": tuple(body.shown)})
    recorded = gate.record_visit(
        edge.db, edge.judge, edge.judge.policy, client_id, sheet, actor(), edge.clock(), keys=edge.keys
    )
    findings = [finding_to_dict(finding) for finding in recorded.findings]
    return jsonify(
        id=recorded.id, state=recorded.state, outcome=recorded.outcome, ledger_seq=recorded.ledger_seq,
        findings=findings,
    )  # fmt: skip


@signed_in
@documented(RedeemedAnswer, body=RedeemBody, errors=(401, 403, 409, 410, 422, 423))
def redeem() -> ResponseReturnValue:
    """Redeem a permit: 200 once; 409 used; 403 other text or recipient; 410 expired; 423 no longer allowed."""
    body = body_of(RedeemBody)
    edge = state()
    answer = gate.redeem(edge.db, edge.judge, body.permit, body.recipient, body.text, edge.clock(), keys=edge.keys)
    if answer.status != 200:
        return jsonify(error={"code": answer.code, "message": answer.message}), answer.status
    return jsonify(outreach=answer.outreach, ledger_seq=answer.ledger_seq)


def _visible(session: Session, client_id: str) -> Outreach:
    query = select(Outreach).options(joinedload(Outreach.debtor)).where(Outreach.client_id == client_id)
    outreach = session.scalar(query)
    if outreach is None:
        raise InvalidInput("没有这条触达。", code="not_found", field="id")
    debtor_for(session, outreach.debtor.ref)
    return outreach


def add_routes(bp: Blueprint) -> None:
    bp.post("/outreach")(submit)
    bp.get("/outreach/<client_id>", endpoint="outreach_state")(show)
    bp.post("/outreach/<client_id>/outcome")(outcome)
    bp.post("/outreach/<client_id>/recording")(recording)
    bp.post("/outreach/<client_id>/visit")(visit)
    bp.post("/permits/redeem")(redeem)
