"""Everything that the page of one case shows, read in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assistant.calls.opening import Introduction
from assistant.suggestions.choosing import is_reserved
from compliance import rights
from compliance.casebook import (
    days_past_due,
    load_stages,
    mask_account_no,
    mask_contact,
    mask_id,
    mask_name,
    mask_text,
    stage_of,
)
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.gate import KINDS_OF_CHANNEL, Contactability, contactability
from compliance.gate.models import Outreach
from compliance.gate.screening import AUDIENCE_OF
from compliance.gate.types import Actor
from compliance.judge import Judge
from compliance.judge.types import InvalidInput
from compliance.rights.models import Notice, RightsRequest
from scripts_library.choosing import scripts_for
from scripts_library.slots import account_slots
from web.labels import label
from web.marking import Piece, pieces
from web.outreach import Shown, full, timeline
from web.scripts import Line, lines, product_name

CALL_OUTCOMES = ("connected", "no_answer", "busy", "refused", "voicemail", "invalid_number", "third_party",
                 "powered_off", "hung_up", "wrong_number")  # fmt: skip
LINE_CHANNELS = ("call", "sms")
"""Channels on which the person sees a number."""
VISITORS = 2
"""How many people a visit is asked about until the form says otherwise."""
MAY_HAVE_GONE = ("permitted", "sending", "sent", "expired")
"""States of a visit whose sheet can still be filled in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address or the form asks the page for."""

    point: str | None = None
    channel: str | None = None
    text: str = ""
    result: str | None = None
    rewrite: str | None = None
    revealed: frozenset[str] = frozenset()
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point as it is shown. ``who`` is the relation, with the label where there is one."""

    id: int
    ref: str
    kind: str
    relation: str | None
    masked: str
    who: str
    valid: bool | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Dial:
    """Whom a permit lets one call or visit, in full; without an address where leave to visit has run out."""

    number: str | None
    address: str | None
    who: str
    outcomes: tuple[str, ...] = ()
    """Of a call; what came of a visit stands in its sheet."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    account: Account
    debtor: Debtor
    creditor: Creditor
    account_no: str
    product: str
    stage: str
    days_past_due: int
    name: str
    id_number: str | None
    revealed: frozenset[str]
    flags: list[str]
    points: list[Point]
    point: Point | None
    channels: list[str]
    channel: str | None
    lines: list[str]
    """The creditor's registered numbers, where the channel goes out on one."""
    line: str | None
    contactability: Contactability | None
    scripts: list[Line]
    timeline: list[Shown]
    notices: list[Notice]
    requests: list[RightsRequest]
    answers: list[tuple[RightsRequest, str]]
    """Closed requests, the latest answer first, each with its answer masked."""
    result: Shown | None
    result_pieces: list[Piece]
    dial: Dial | None
    text: str
    client_id: str = field(default_factory=lambda: f"web-{uuid4().hex}")

    @property
    def point_masks(self) -> dict[int, str]:
        return {point.id: point.masked for point in self.points}

    @property
    def unseen(self) -> bool:
        return any(row.unseen for row in self.timeline)


def own_account(session: Session, account_id: int, collector: str) -> Account:
    """The account with debtor and creditor. One answer for "does not exist" and "is somebody else's"."""
    query = (
        select(Account)
        .options(joinedload(Account.debtor), joinedload(Account.creditor))
        .where(Account.id == account_id, Account.collector == collector)
    )
    account = session.scalar(query)
    if account is None:
        raise InvalidInput("没有这个案件 / there is no such case", code="not_found")
    return account


def own_outreach(session: Session, account: Account, client_id: str, collector: str) -> Outreach:
    """An outreach that ``collector`` submitted about ``account``."""
    query = select(Outreach).where(
        Outreach.client_id == client_id, Outreach.account_id == account.id, Outreach.collector == collector
    )
    outreach = session.scalar(query)
    if outreach is None:
        raise InvalidInput("没有这条触达 / there is no such outreach", code="not_found")
    return outreach


def open_case(
    session: Session, judge: Judge, account: Account, me: Actor, caller: Introduction, now: datetime, asked: Asked
) -> CaseFile:
    """The case as ``me`` sees it at ``now``; ``caller`` is whom scripts introduce."""
    contact_points = _contact_points(session, account.debtor_id)
    points = [_point(one, asked.revealed) for one in contact_points]
    result = full(session, own_outreach(session, account, asked.result, me.name)) if asked.result else None
    point, channel = _choice(points, asked, result)
    stage = stage_of(account, now)
    registered = registered_lines(account.creditor, channel)
    line = _line(registered, asked, result)
    return CaseFile(
        account=account,
        debtor=account.debtor,
        creditor=account.creditor,
        account_no=_account_no(account, asked.revealed),
        product=product_name(account.product),
        stage=stage,
        days_past_due=days_past_due(account.due_date, load_stages().local_day(now)),
        name=account.debtor.name if "name" in asked.revealed else mask_name(account.debtor.name),
        id_number=_id_number(account.debtor, asked.revealed),
        revealed=asked.revealed,
        flags=_flags(account),
        points=points,
        point=point,
        channels=_channels(point.kind) if point else [],
        channel=channel,
        lines=registered,
        line=line,
        contactability=_contactability(session, judge, account, me, point, channel, line, now),
        scripts=_scripts(session, account, caller, point, channel, now, asked.revealed),
        timeline=timeline(session, account.debtor_id, account.creditor_id),
        notices=rights.notices(session, account.debtor_id),
        requests=rights.open_requests(session, account.debtor_id),
        answers=_answers(session, account.debtor),
        result=result,
        result_pieces=pieces(result.text, result.findings) if result and result.text else [],
        dial=_dial(contact_points, result),
        text=_text(session, account, me, asked, result),
    )


def _contact_points(session: Session, debtor_id: int) -> list[ContactPoint]:
    """The debtor's own first, the reserved number before the others."""
    found = session.scalars(select(ContactPoint).where(ContactPoint.debtor_id == debtor_id).order_by(ContactPoint.id))
    return sorted(found, key=lambda one: (one.relation != "self", not one.reserved, one.kind != "mobile", one.id))


def _point(point: ContactPoint, revealed: frozenset[str]) -> Point:
    value = point.value if f"point:{point.ref}" in revealed else mask_contact(point.kind, point.value)
    return Point(
        point.id, point.ref, point.kind, point.relation, value, _who(point), point.valid, point.refused_at is not None
    )


def _who(point: ContactPoint) -> str:
    """The relation, with the point's own label (担保人, 同事) where that says more."""
    relation = label("relation", point.relation) if point.relation else "？"
    with force_locale("zh"):  # imported labels are Chinese, whichever language the screen has
        said = label("relation", point.relation)
    return f"{relation} {point.label}" if point.label and point.label not in (relation, said) else relation


def _choice(points: list[Point], asked: Asked, result: Shown | None) -> tuple[Point | None, str | None]:
    """The asked contact point and channel where they fit each other, else those of the result, else the first."""
    ref, channel = asked.point, asked.channel
    if ref is None and result is not None and result.outreach.contact_point_id is not None:
        ref = next((one.ref for one in points if one.id == result.outreach.contact_point_id), None)
        channel = result.outreach.channel
    point = next((one for one in points if one.ref == ref), points[0] if points else None)
    if point is None:
        return None, None
    channels = _channels(point.kind)
    return point, channel if channel in channels else channels[0]


def registered_lines(creditor: Creditor, channel: str | None) -> list[str]:
    """The numbers that the creditor has registered, for a channel that goes out on one."""
    if channel not in LINE_CHANNELS:
        return []
    return [line.strip() for line in creditor.lines.splitlines() if line.strip()]


def _line(registered: list[str], asked: Asked, result: Shown | None) -> str | None:
    """The line that was picked; the only one where there is one. Among several nobody picks for the collector."""
    picked = asked.line or (result.outreach.line if result else None)
    if picked in registered:
        return picked
    return registered[0] if len(registered) == 1 else None


def _channels(kind: str) -> list[str]:
    return [channel for channel, kinds in KINDS_OF_CHANNEL.items() if kind in kinds]


def _contactability(
    session: Session, judge: Judge, account: Account, me: Actor, point: Point | None, channel: str | None,
    line: str | None, now: datetime,
) -> Contactability | None:  # fmt: skip
    if point is None or channel is None:
        return None
    return contactability(
        session, judge, account.debtor.ref, point.ref, channel, now, account=account.account_no,
        trained_until=me.trained_until, visitors=VISITORS if channel == "visit" else None, line=line,
    )  # fmt: skip


def _scripts(
    session: Session, account: Account, caller: Introduction, point: Point | None, channel: str | None,
    now: datetime, revealed: frozenset[str],
) -> list[Line]:  # fmt: skip
    """Approved scripts of this stage that fit the account, filled; the name stays out until it was revealed."""
    audience = AUDIENCE_OF.get(point.relation or "", "other_third_party") if point else "debtor"
    today = load_stages().local_day(now)
    stage = stage_of(account, now)
    served = scripts_for(session, stage=stage, channel=channel, audience=audience, product=account.product, on=today)
    values = account_slots(
        account.debtor, account, account.creditor, on=today, collector_no=caller.number, caller=caller.name
    )
    if "name" not in revealed:
        values.pop("name", None)
    relation = point.relation if point else None
    return lines([script for script in served if not is_reserved(script, account, relation)], values)


def _id_number(debtor: Debtor, revealed: frozenset[str]) -> str | None:
    if debtor.id_number is None:
        return None
    return debtor.id_number if "id_number" in revealed else mask_id(debtor.id_number)


def _account_no(account: Account, revealed: frozenset[str]) -> str:
    return account.account_no if "account_no" in revealed else mask_account_no(account.account_no)


def _flags(account: Account) -> list[str]:
    debtor = account.debtor
    flags = [label("vulnerable", flag) for flag in debtor.vulnerable.split()]
    facts = {
        "bankruptcy": debtor.bankruptcy,
        "no_contact_order": debtor.no_contact_order,
        "plan_in_force": account.plan_in_force and not account.plan_breached,
        "plan_breached": account.plan_breached,
        "settled": account.settled_at is not None,
    }
    return flags + [label("flag", name) for name, holds in facts.items() if holds]


def _dial(points: list[ContactPoint], result: Shown | None) -> Dial | None:
    """Shown only with a permit that has not been used up by an outcome; a visit as long as its sheet is owed."""
    if result is None or result.outreach.channel not in ("call", "visit"):
        return None
    outreach = result.outreach
    point = next((one for one in points if one.id == outreach.contact_point_id), None)
    if outreach.outcome is not None or point is None:
        return None
    if outreach.channel == "visit" and outreach.state in MAY_HAVE_GONE:
        return Dial(None, point.value if outreach.state == "permitted" else None, _who(point))
    if outreach.state != "permitted":
        return None
    return Dial(point.value, None, _who(point), CALL_OUTCOMES)


def _answers(session: Session, debtor: Debtor) -> list[tuple[RightsRequest, str]]:
    query = (
        select(RightsRequest)
        .where(RightsRequest.debtor_id == debtor.id, RightsRequest.closed_at.is_not(None))
        .order_by(RightsRequest.closed_at.desc(), RightsRequest.id.desc())
    )
    return [(one, mask_text(one.answer or "", (debtor.name,))) for one in session.scalars(query)]


def _text(session: Session, account: Account, me: Actor, asked: Asked, result: Shown | None) -> str:
    """What stands in the message box: the draft, a returned message to be reworded, or the one just blocked."""
    if asked.text:
        return asked.text
    if asked.rewrite:
        return full(session, own_outreach(session, account, asked.rewrite, me.name)).text or ""
    if result is not None and result.outreach.state == "blocked" and result.outreach.channel != "note":
        return result.text or ""
    return ""
