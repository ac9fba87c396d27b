"""Opening a call: with the permit of its dial, or because the debtor rings.

A dial that the gate has let pass and that no call has taken yet is taken. Where there is none, the gate is asked now,
and what it refuses is not opened. Only a line that is said to be open already is better watched than left alone: what
the gate objects to stands above everything in that call, the dial counts like any other, and an officer gets it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.models import DIRECTIONS, Call
from assistant.calls.reading import is_permitted
from compliance import gate, ledger
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.gate.contactability import find_account, find_contact_point
from compliance.gate.models import Outreach
from compliance.gate.record import stored_findings
from compliance.gate.types import Actor, Conflict
from compliance.judge.types import InvalidInput

BACK = timedelta(days=30)
"""How far back a call may have begun: a recorded one may be played through later."""
SKEW = timedelta(minutes=5)
_UNPERMITTED = "通话 {ref}：外呼未获许可，但线路已经接通。{why}"
DIAL_KINDS = gate.KINDS_OF_CHANNEL["call"]


@dataclass(frozen=True, slots=True)
class Opening:
    """Who is on the line with whom."""

    debtor: str
    contact_point: str
    account: str | None = None
    direction: str = "out"
    started_at: datetime | None = None
    """Aware; now where absent."""
    outreach: str | None = None
    """The sender's id of the dial, where it is known."""
    already_connected: bool = False
    """The line is open, whatever the gate says."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """How a collector makes themselves known on the line."""

    name: str
    number: str | None = None
    """The staff number; never the log-in name."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The call's reference, and whether it was there before."""

    ref: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """The rows that a call is opened with."""

    debtor: Debtor
    account: Account | None
    point: ContactPoint
    collector: str


def open_call(
    desk: Desk, opening: Opening, actor: Actor, introduce: Callable[[str], Introduction], now: datetime
) -> Opened:
    """Open a call. ``introduce`` tells how a collector, known by login name, makes themselves known.

    The call belongs to ``actor`` where they are a collector, else to the account's collector. Opened twice with the
    same dial it is the same call.

    Raises:
        InvalidInput: unknown debtor, number, account or dial, a number that is none, or a time that cannot be.
        Conflict: the gate does not let the dial pass (``not_permitted``), and the line is not open already.
    """
    _check(opening, now)
    with desk.db.read() as session:
        line = _find_line(session, opening, actor)
        dial = _find_dial(session, opening, line, now) if opening.direction == "out" else None
        known = _call_of(session, dial)
    if known is not None:
        return Opened(known, repeated=True)
    ref = f"call_{secrets.token_hex(10)}"
    asked = dial.client_id if dial else None
    if opening.direction == "out" and asked is None:
        asked = _ask_gate(desk, opening, line, ref, actor, now)
    if asked is not None:
        _refuse_unpermitted(desk, opening, asked, ref, Actor(line.collector), now)
    complete, caller = replace(opening, outreach=asked), introduce(line.collector)
    return desk.db.run(lambda session: _write(session, complete, line, ref, caller, actor, now))


def _check(opening: Opening, now: datetime) -> None:
    if opening.direction not in DIRECTIONS:
        raise InvalidInput("direction: out, in", code="unknown", field="direction")
    at = opening.started_at
    if at is None:
        return
    if at.tzinfo is None:
        raise InvalidInput("时间必须带时区 / the time needs an offset", code="naive_time", field="started_at")
    if not now - BACK <= at <= now + SKEW:
        message = "通话开始时间须在最近 30 天内 / the call must have begun within the last 30 days"
        raise InvalidInput(message, code="impossible_time", field="started_at")


def _find_line(session: Session, opening: Opening, actor: Actor) -> _Line:
    debtor = session.scalar(select(Debtor).where(Debtor.ref == opening.debtor))
    if debtor is None:
        raise InvalidInput("没有这个债务人 / there is no such debtor", code="not_found", field="debtor")
    point = find_contact_point(session, debtor, opening.contact_point)
    if point.kind not in DIAL_KINDS:
        raise InvalidInput("这个联系方式不能通话 / this is no number", code="wrong_kind", field="contact_point")
    account = find_account(session, debtor, opening.account)
    owner = account.collector if account is not None else None
    return _Line(debtor, account, point, actor.name if actor.role == "collector" or owner is None else owner)


def _find_dial(session: Session, opening: Opening, line: _Line, now: datetime) -> Outreach | None:
    """The named dial, else the latest permitted one to this number that no call has taken and nobody has filed."""
    query = select(Outreach).where(
        Outreach.debtor_id == line.debtor.id, Outreach.contact_point_id == line.point.id, Outreach.channel == "call"
    )
    if opening.outreach is not None:
        named = session.scalar(query.where(Outreach.client_id == opening.outreach))
        if named is None:
            raise InvalidInput("没有这次拨号 / there is no such dial", code="not_found", field="outreach")
        return named
    free = query.outerjoin(Call, Call.outreach_id == Outreach.id).where(
        Call.id.is_(None),
        Outreach.state == "permitted",
        Outreach.outcome.is_(None),
        Outreach.collector == line.collector,
        Outreach.permit_expires_at >= now,
    )
    return session.scalar(free.order_by(Outreach.id.desc()).limit(1))


def _call_of(session: Session, dial: Outreach | None) -> str | None:
    return session.scalar(select(Call.ref).where(Call.outreach_id == dial.id)) if dial is not None else None


def _ask_gate(desk: Desk, opening: Opening, line: _Line, ref: str, actor: Actor, now: datetime) -> str:
    """Submit the dial; its id, whatever was decided."""
    submission = gate.Submission(
        id=f"{ref}-dial",
        debtor=opening.debtor,
        channel="call",
        contact_point=opening.contact_point,
        account=line.account.account_no if line.account else None,
    )
    who = replace(actor, name=line.collector)
    return gate.submit(desk.db, desk.judge, submission, who, now, keys=desk.keys).id


def _refuse_unpermitted(desk: Desk, opening: Opening, dial: str, ref: str, who: Actor, now: datetime) -> None:
    """Raise ``Conflict`` with the gate's reasons for a dial that it did not let pass; for a line that is open already
    write down instead that it was made, and put a note of it before the officers."""
    with desk.db.read() as session:
        outreach = session.scalars(select(Outreach).where(Outreach.client_id == dial)).one()
        if is_permitted(outreach):
            return
        reasons = [finding.why for finding in stored_findings(outreach, None)]
    if not opening.already_connected:
        why = " ".join(reasons) or "这次外呼未获许可 / the gate does not let this dial pass"
        raise Conflict(why, code="not_permitted")
    if gate.record_unpermitted(desk.db, dial, opening.started_at or now, who, now):
        text = _UNPERMITTED.format(ref=ref, why=" ".join(reasons))
        note = gate.Submission(id=f"{ref}-unpermitted", debtor=opening.debtor, channel="note", text=text)
        gate.submit(desk.db, desk.judge, replace(note, account=opening.account), who, now, keys=desk.keys)
        desk.db.run(lambda session: gate.flag_unpermitted(session, note.id, now))


def _write(
    session: Session, opening: Opening, line: _Line, ref: str, caller: Introduction, actor: Actor, now: datetime
) -> Opened:
    dial = session.scalar(select(Outreach).where(Outreach.client_id == opening.outreach)) if opening.outreach else None
    known = _call_of(session, dial)
    if known is not None:
        return Opened(known, repeated=True)
    call = Call(
        ref=ref,
        debtor_id=line.debtor.id,
        account_id=line.account.id if line.account else None,
        contact_point_id=line.point.id,
        outreach_id=dial.id if dial else None,
        collector=line.collector,
        caller=caller.name,
        caller_no=caller.number,
        direction=opening.direction,
        started_at=opening.started_at or now,
        opened_at=now,
        revision=1,
    )
    session.add(call)
    session.flush()
    body: dict[str, object] = {
        "debtor": line.debtor.ref,
        "account": line.account.account_no if line.account else None,
        "contact_point": line.point.ref,
        "direction": call.direction,
        "started_at": call.started_at.isoformat(),
        "outreach": opening.outreach,
        "permitted": call.direction == "in" or (dial is not None and is_permitted(dial)),
    }
    ledger.append(session, at=now, actor=actor.name, kind="call:opened", subject=f"call:{ref}", body=body)
    return Opened(ref)
