"""The short code in a message that opens the debtor's page without log-in, and proving to be the debtor there.

A code belongs to one outreach and can be made before it, so that the link is part of the words that are judged. It
opens nothing until the outreach has its permit. It is an HMAC of the outreach's id: the sender can ask for it again,
the tables hold its digest alone, and nobody can guess it or work it out.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, column, func, select, table
from sqlalchemy.orm import Session, joinedload

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import UtcDateTime
from compliance.rights.models import DEBTOR, DebtorCode, RightsRequest
from compliance.rights.record import enter, lock_debtor_row

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that looks like something else."""
LENGTH = 12
"""Characters: 60 bits."""
GOOD_FOR = timedelta(days=180)
"""After the outreach; longer than any clock of a request."""
TRIES = 5
"""Failed tries to identify, over all codes of a debtor, until a pause."""
PAUSE = timedelta(hours=24)
_READ_AS = str.maketrans("ILO", "110", "- ")
_OUTREACH = table(
    "outreach",
    column("client_id", String),
    column("debtor_id", BigInteger),
    column("account_id", BigInteger),
    column("contact_point_id", BigInteger),
    column("creditor_id", BigInteger),
    column("channel", String),
    column("audience", String),
    column("collector", String),
    column("at", UtcDateTime),
    column("permit_nonce", String),
)
"""What is read of the gate's table: the gate reads this room's, so this one does not import the gate's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a good code leads to. ``third_party``: it went to somebody who must not learn of the debt."""

    outreach: str
    channel: str
    collector: str
    at: datetime
    third_party: bool
    seen: bool
    """Whether the page was opened before."""
    debtor: Debtor
    account: Account | None
    creditor: Creditor | None
    contact_point: ContactPoint | None


@dataclass(frozen=True, slots=True)
class Identified:
    """Whether somebody proved to be the debtor; ``left`` tries remain, ``barred_until`` is the end of a pause."""

    ok: bool
    left: int
    barred_until: datetime | None = None


def make_code(secret: str, outreach: str) -> str:
    """The code of an outreach's id under the secret of the installation."""
    seal = hmac.new(secret.encode(), b"debtor page\0" + outreach.encode(), hashlib.sha256).digest()
    bits = int.from_bytes(seal, "big") >> (256 - 5 * LENGTH)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def offer_code(session: Session, secret: str, outreach: str, now: datetime) -> str:
    """The code of an outreach that is about to be submitted under this id; the same again for the same id."""
    code = make_code(secret, outreach)
    if session.get(DebtorCode, outreach) is None:
        session.add(DebtorCode(outreach=outreach, digest=_digest(code), made_at=now, failures=0))
    return code


def read_code(typed: str) -> str | None:
    """A code as somebody typed it; ``None`` where it cannot be one."""
    code = unicodedata.normalize("NFKC", typed).upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def open_code(session: Session, code: str, now: datetime) -> Opened | None:
    """What the code leads to; ``None`` for one that nobody made, whose outreach has no permit, or that is too old."""
    query = (
        select(_OUTREACH, DebtorCode.opened_at)
        .join(DebtorCode, DebtorCode.outreach == _OUTREACH.c.client_id)
        .where(
            DebtorCode.digest == _digest(code), _OUTREACH.c.permit_nonce.is_not(None), _OUTREACH.c.at >= now - GOOD_FOR
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    account = None
    if row.account_id is not None:
        account = session.get(Account, row.account_id, options=[joinedload(Account.creditor)])
    return Opened(
        outreach=row.client_id,
        channel=row.channel,
        collector=row.collector,
        at=row.at,
        third_party=row.audience == "other_third_party",
        seen=row.opened_at is not None,
        debtor=session.get_one(Debtor, row.debtor_id),
        account=account,
        creditor=account.creditor if account else _creditor(session, row.creditor_id),
        contact_point=session.get(ContactPoint, row.contact_point_id) if row.contact_point_id else None,
    )


def note_opened(session: Session, opened: Opened, now: datetime) -> None:
    """Write down that the page was opened, the first time."""
    code = session.get_one(DebtorCode, opened.outreach)
    if code.opened_at is None:
        code.opened_at = now
        _enter(session, "debtor_page:opened", opened, now, {})


def identify(session: Session, opened: Opened, name: str, last_four: str, now: datetime) -> Identified:
    """Whether name and last four characters of identity number or mobile are the debtor's; every try is entered.

    ``TRIES`` failures over all codes of the debtor are followed by a pause, whoever tried.
    """
    debtor = lock_debtor_row(session, opened.debtor.id)
    codes = list(
        session.scalars(
            select(DebtorCode)
            .join(_OUTREACH, _OUTREACH.c.client_id == DebtorCode.outreach)
            .where(_OUTREACH.c.debtor_id == debtor.id)
        )
    )
    pauses = [code.barred_until for code in codes if code.barred_until is not None and code.barred_until > now]
    if pauses:
        return Identified(False, 0, max(pauses))
    if not opened.third_party and _is_debtor(session, debtor, name, last_four):
        for code in codes:
            code.failures = 0
        _enter(session, "debtor_page:identified", opened, now, {})
        return Identified(True, TRIES)
    session.get_one(DebtorCode, opened.outreach).failures += 1
    left = TRIES - sum(code.failures for code in codes)
    _enter(session, "debtor_page:not_identified", opened, now, {"left": left})
    if left > 0:
        return Identified(False, left)
    for code in codes:
        code.failures, code.barred_until = 0, now + PAUSE
    return Identified(False, 0, now + PAUSE)


def count_sent_in(session: Session, debtor_id: int, since: datetime) -> int:
    """How many requests came in by the debtor's page."""
    query = select(func.count()).select_from(RightsRequest)
    found = session.scalar(
        query.where(
            RightsRequest.debtor_id == debtor_id,
            RightsRequest.recorded_by == DEBTOR,
            RightsRequest.recorded_at > since,
        )
    )
    return found or 0


def _is_debtor(session: Session, debtor: Debtor, name: str, last_four: str) -> bool:
    ends = _plain(last_four)
    if len(ends) != 4 or not hmac.compare_digest(_plain(name).encode(), _plain(debtor.name).encode()):
        return False
    mobiles = session.scalars(
        select(ContactPoint).where(
            ContactPoint.debtor_id == debtor.id, ContactPoint.kind == "mobile", ContactPoint.relation == "self"
        )
    )
    known = [debtor.id_number or "", *(point.value for point in mobiles)]
    return any(hmac.compare_digest(_plain(value)[-4:].encode(), ends.encode()) for value in known if len(value) > 4)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def _creditor(session: Session, creditor_id: int | None) -> Creditor | None:
    return session.get(Creditor, creditor_id) if creditor_id is not None else None


def _enter(session: Session, kind: str, opened: Opened, now: datetime, body: dict[str, object]) -> None:
    subject = f"outreach:{opened.outreach}"
    enter(session, kind, subject, DEBTOR, now, {"debtor": opened.debtor.ref, **body})


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
