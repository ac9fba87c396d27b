"""Rights that were heard in calls, notes and messages of the debtor, and are not recorded: one key records one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls import noticing
from assistant.calls.models import Call, CallRight, CallTurn
from assistant.calls.reading import lock_call
from compliance import review, rights
from compliance.casebook import mask_text
from compliance.casebook.models import Account
from compliance.gate.models import Outreach, OutreachText
from compliance.judge.types import InvalidInput
from compliance.rights.models import RightsRequest
from web.actor import actor
from web.auth import requires
from web.collector.casefile import own_account
from web.state import state

LOOKS_BACK = timedelta(days=30)
"""Over how many days of notes."""
INBOUND_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request that is proposed: where it was heard, in which words (masked), when."""

    type: str
    source: str
    words: str
    at: datetime
    channel: str
    """By which channel it came in; what a note tells was most likely said in a call."""


@dataclass(frozen=True, slots=True)
class HeardPage:
    proposals: list[Proposal]
    messages: list[rights.Heard]
    """The debtor's latest messages, newest first."""


def heard_page(session: Session, account: Account, now: datetime) -> HeardPage:
    """What was heard of this debtor and is not recorded, the oldest first, and their latest messages."""
    messages = rights.inbound_of(session, account.debtor_id)
    found = [
        Proposal(one.type, f"inbound:{heard.message.ref}", one.words, heard.message.at, heard.message.channel)
        for heard in messages
        for one in heard.proposed
    ]
    found += _of_calls(session, account, now)
    found += _of_notes(session, account, now)
    return HeardPage(sorted(found, key=lambda one: (one.at, one.type)), messages[:INBOUND_SHOWN])


def add_routes(bp: Blueprint) -> None:
    bp.post("/<int:account_id>/heard")(record_heard)
    bp.post("/<int:account_id>/heard/settle")(settle_heard)


@requires("collector")
def record_heard(account_id: int) -> ResponseReturnValue:
    """Record one proposal as a request of the debtor, dated when it was heard."""
    edge, now = state(), state().clock()
    asked = (request.form.get("source", ""), request.form.get("type", ""))
    with edge.db.write() as session:
        account = own_account(session, account_id, actor().name)
        page = heard_page(session, account, now)
        proposal = next((one for one in page.proposals if (one.source, one.type) == asked), None)
        if proposal is None:
            raise InvalidInput(_("没有这项待登记的主张，或已经登记。"), code="conflict", field="type")
        kind, _sep, ref = proposal.source.partition(":")
        if kind == "call":
            noticing.record_in(session, edge.calls, lock_call(session, ref), proposal.type, actor(), now)
        else:
            _record(session, account, proposal, now)
    flash(_("已登记请求，即刻生效。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


def _record(session: Session, account: Account, proposal: Proposal, now: datetime) -> None:
    rights.receive_request(
        session, debtor_id=account.debtor_id, account_id=account.id, type=proposal.type, channel=proposal.channel,
        evidence=proposal.words, source=proposal.source, at=proposal.at, actor=actor().name, now=now,
        policy=state().judge.policy,
    )  # fmt: skip
    session.flush()
    review.settle_recorded(session, proposal.source.partition(":")[2], actor(), now)


@requires("collector")
def settle_heard(account_id: int) -> ResponseReturnValue:
    """A message holds nothing (more) to record: that is entered in the ledger."""
    edge = state()
    with edge.db.write() as session:
        account = own_account(session, account_id, actor().name)
        rights.settle_inbound(session, request.form.get("ref", ""), account.debtor_id, actor().name, edge.clock())
    return redirect(url_for("collector.case", account_id=account_id), 303)


def _of_notes(session: Session, account: Account, now: datetime) -> list[Proposal]:
    """What notes of this account tell of and nobody has recorded since."""
    rows = session.execute(
        select(Outreach, OutreachText.text)
        .join(OutreachText, OutreachText.outreach_id == Outreach.id)
        .where(
            Outreach.debtor_id == account.debtor_id,
            Outreach.account_id == account.id,
            Outreach.channel == "note",
            Outreach.at > now - LOOKS_BACK,
        )
        .order_by(Outreach.at)
    ).all()
    recorded = rights.requests(session, account.debtor_id)
    found = {}
    for note, text in rows:
        for one in rights.propose(text or ""):
            if _is_seen_to(recorded, one.type, note.at):
                continue
            words = mask_text(one.words, (account.debtor.name,))
            found[one.type] = Proposal(one.type, f"outreach:{note.client_id}", words, note.at, "call")
    return list(found.values())


def _of_calls(session: Session, account: Account, now: datetime) -> list[Proposal]:
    """What the debtor said in closed calls of this account and nobody has recorded: an open call shows its own."""
    rows = session.execute(
        select(Call, CallRight, CallTurn.text)
        .join(CallRight, CallRight.call_id == Call.id)
        .join(CallTurn, (CallTurn.call_id == Call.id) & (CallTurn.seq == CallRight.seq))
        .where(
            Call.account_id == account.id,
            Call.closed_at > now - LOOKS_BACK,
            CallRight.request_ref.is_(None),
        )
        .order_by(CallRight.heard_at)
    ).all()
    recorded = rights.requests(session, account.debtor_id)
    found = {}
    for call, right, text in rows:
        if not _is_seen_to(recorded, right.type, right.heard_at):
            words = mask_text(text or "", (account.debtor.name,))
            found[right.type] = Proposal(right.type, f"call:{call.ref}", words, right.heard_at, "call")
    return list(found.values())


def _is_seen_to(recorded: Sequence[RightsRequest], type: str, heard_at: datetime) -> bool:
    """What is open, or was recorded after it was heard, has been seen to."""
    return any(it.type == type and (it.closed_at is None or it.recorded_at >= heard_at) for it in recorded)
