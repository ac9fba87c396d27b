"""What the page of a call shows, read in one go; the same for the page, its fragment and its stream."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.escalation import HELPLINE
from assistant.calls.hints import chosen_level, hint_level
from assistant.calls.live import Live, read_live
from assistant.calls.models import Call
from assistant.calls.preparing import Card, prepare
from assistant.calls.spoken import Spoken
from assistant.calls.state import Alert, CheckItem
from assistant.suggestions import Suggestion, search
from compliance.casebook import mask_contact, mask_name
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.judge.types import strictest
from compliance.sealing import keys_in_use
from web.calls import reason
from web.marking import Piece, pieces

RECENT = 40
"""Calls in the list."""


@dataclass(frozen=True, slots=True)
class TurnLine:
    """A turn with its alerts in place."""

    turn: Spoken
    alerts: tuple[Alert, ...]

    @property
    def pieces(self) -> list[Piece]:
        return pieces(self.turn.text, [alert.finding for alert in self.alerts])

    @property
    def tone(self) -> str:
        """``block``, ``review`` or nothing."""
        return strictest([alert.finding.decision for alert in self.alerts]).value if self.alerts else ""

    @property
    def shown(self) -> tuple[Alert, ...]:
        """What is said of them: the red ones where there are any, else the first. More at once is noise."""
        red = tuple(alert for alert in self.alerts if alert.is_red)
        return red[:2] or self.alerts[:1]

    @property
    def reworded(self) -> str | None:
        return next((alert.reworded for alert in self.alerts if alert.reworded), None)


@dataclass(frozen=True, slots=True)
class Hint:
    """A suggestion with its key and its three words."""

    key: int
    suggestion: Suggestion
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightLine:
    """A right that was heard, and whether it is recorded."""

    type: str
    turn: int | None
    request: str | None


@dataclass(frozen=True, slots=True)
class CallPage:
    live: Live
    level: str
    """``all`` or ``red``: what this collector sees."""
    lines: list[TurnLine]
    hints: list[Hint]
    standing: list[Alert]
    """About the call as a whole."""
    rights: list[RightLine]

    @property
    def call(self) -> Call:
        return self.live.case.call

    @property
    def paused(self) -> bool:
        return self.live.state.paused

    @property
    def helpline(self) -> str:
        return HELPLINE

    @property
    def checklist(self) -> tuple[CheckItem, ...]:
        return self.live.state.checklist

    @property
    def neutral(self) -> bool:
        """Whether somebody who is not the debtor is listening."""
        return self.live.state.third_party


@dataclass(frozen=True, slots=True)
class Opened:
    """The whole page: what changes, the card, and what was searched for or taken."""

    page: CallPage
    card: Card
    chosen: str
    found: list[Hint] | None
    query: str
    taken: str = ""
    key: str = field(default_factory=lambda: uuid4().hex)


def call_page(session: Session, desk: Desk, ref: str, now: datetime) -> CallPage:
    """What changes during a call."""
    live = read_live(session, desk, ref, now)
    return page_of(live, hint_level(session, live.case.call.collector, now))


def page_of(live: Live, level: str) -> CallPage:
    """The page from a call that was read already."""
    alerts: dict[int | None, list[Alert]] = {}
    for alert in live.state.alerts:
        if level == "all" or alert.is_red:
            alerts.setdefault(alert.turn, []).append(alert)
    heard = {right.type: right.turn for right in live.state.rights}
    types = [*heard, *(type for type in live.noted if type not in heard)]
    return CallPage(
        live=live,
        level=level,
        lines=[TurnLine(turn, tuple(alerts.get(turn.seq, ()))) for turn in live.state.turns],
        hints=_hints(live.suggestions),
        standing=alerts.get(None, []),
        rights=[RightLine(type, heard.get(type), _request(live, type)) for type in types],
    )


def open_page(session: Session, desk: Desk, ref: str, now: datetime, query: str, taken: int | None) -> Opened:
    """The page as it is first shown; ``taken`` is the script version whose words go into the box."""
    page = call_page(session, desk, ref, now)
    case = page.live.case
    found = _hints(search(session, desk, case, page.live.state, query, now)) if query else None
    return Opened(
        page=page,
        card=prepare(session, case, now),
        chosen=chosen_level(session, case.call.collector),
        found=found,
        query=query,
        taken=_words(session, desk, page, taken, now) if taken else "",
    )


def _words(session: Session, desk: Desk, page: CallPage, version: int, now: datetime) -> str:
    """The words of a script as it may be said now; nothing where it may not."""
    offered = search(session, desk, page.live.case, page.live.state, "", now, most=None)
    return next((one.text for one in offered if one.version_id == version), "")


def _hints(suggestions: tuple[Suggestion, ...]) -> list[Hint]:
    return [Hint(key, one, tuple(reason(one))) for key, one in enumerate(suggestions, 1)]


def _request(live: Live, type: str) -> str | None:
    noted = live.noted.get(type)
    return noted.request_ref if noted else None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in the list."""

    call: Call
    name: str
    number: str


def recent_calls(session: Session, collector: str) -> list[CallRow]:
    """The collector's latest calls, those that are open first."""
    query = (
        select(Call, Debtor.name, ContactPoint.kind, ContactPoint.value)
        .join(Debtor, Debtor.id == Call.debtor_id)
        .join(ContactPoint, ContactPoint.id == Call.contact_point_id)
        .where(Call.collector == collector)
        .order_by(Call.closed_at.is_not(None), Call.started_at.desc(), Call.id.desc())
        .limit(RECENT)
    )
    return [
        CallRow(call, mask_name(name), mask_contact(kind, value)) for call, name, kind, value in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Ringing:
    """A debtor of the collector who has the number that rings. Masked."""

    point: ContactPoint
    account: Account
    name: str
    number: str


def who_rings(session: Session, collector: str, number: str) -> list[Ringing]:
    """The collector's open cases with this number, however it is written."""
    hashes = [hash_ for spelling in sorted(_spellings(number)) for hash_ in keys_in_use().hashes(spelling)]
    query = (
        select(ContactPoint, Account, Debtor.name)
        .join(Debtor, Debtor.id == ContactPoint.debtor_id)
        .join(Account, Account.debtor_id == Debtor.id)
        .where(
            ContactPoint.kind.in_(("mobile", "landline")),
            ContactPoint.value_hash.in_(hashes),
            Account.collector == collector,
            Account.settled_at.is_(None),
        )
        .order_by(ContactPoint.id, Account.id)
    )
    return [
        Ringing(point, account, mask_name(name), mask_contact(point.kind, point.value))
        for point, account, name in session.execute(query)
    ]


def _spellings(number: str) -> set[str]:
    """How a number may stand in the casebook: numbers are sealed there, and found only as they were written."""
    digits = "".join(char for char in number if char.isdigit())
    plain = re.sub(r"^(?:00)?86(?=\d{10})", "", digits)
    areas = {f"{plain[:length]}-{plain[length:]}" for length in (3, 4) if plain.startswith("0")}
    return {number.strip(), digits, plain, *areas}
