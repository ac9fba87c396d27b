"""Recording what the debtor was told and asked for: the row and its ledger entry in the caller's transaction.

The debtor's row is locked first, as in the gate: the next submit sees what was recorded, or was decided before it.
Evidence may quote the debtor, so the ledger holds its digest alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.judge.contact import Policy
from compliance.judge.types import CHANNELS, InvalidInput, check_code
from compliance.rights.clocks import clocks_of, find_due
from compliance.rights.evidence import Evidence, check_evidence, collector_of
from compliance.rights.models import NOTICE_TYPES, REQUEST_TYPES, Notice, RightsRequest
from compliance.rights.reviewing import find_reviewed

RIGHTS_CHANNELS = (*(channel for channel in CHANNELS if channel != "note"), "app", "web", "branch", "hotline")
"""How a notice went out or a request came in; a note of one's own is neither."""


@dataclass(frozen=True, slots=True)
class _Act:
    """What every record has: of which type, by which channel, when."""

    type: str
    channel: str
    at: datetime
    now: datetime


def give_notice(
    session: Session,
    *,
    debtor_id: int,
    type: str,
    channel: str,
    evidence: str,
    at: datetime,
    actor: str,
    now: datetime,
    account_id: int | None = None,
    source: str | None = None,
    recording: str | None = None,
) -> Notice:
    """Record a notice that was given to the debtor at ``at`` (aware, not after ``now``).

    ``source`` is the ledger subject of the outreach or call in which it was given, ``recording`` the recording's id.

    Raises:
        InvalidInput: an unknown type, channel, debtor, account or outreach, no evidence, or a time that cannot be.
    """
    _check_act(_Act(type, channel, at, now), NOTICE_TYPES)
    debtor = lock_debtor_row(session, debtor_id)
    shown = check_evidence(session, debtor, Evidence(evidence, source, recording))
    _check_account(session, debtor, account_id)
    notice = Notice(
        ref=_new_ref("nt"), debtor_id=debtor.id, account_id=account_id, type=type, channel=channel,
        evidence=shown.words, source=shown.source, recording=shown.recording, at=at, recorded_by=actor,
        recorded_at=now,
    )  # fmt: skip
    session.add(notice)
    enter(session, "notice:given", f"notice:{notice.ref}", actor, now, {
        "debtor": debtor.ref, "account_id": account_id, "type": type, "channel": channel, "at": at.isoformat(),
        **_entered(shown),
    })  # fmt: skip
    return notice


def receive_request(
    session: Session,
    *,
    debtor_id: int,
    type: str,
    channel: str,
    evidence: str,
    at: datetime,
    actor: str,
    now: datetime,
    account_id: int | None = None,
    contact_point_id: int | None = None,
    source: str | None = None,
    recording: str | None = None,
    about: str | None = None,
    wish: Mapping[str, Any] | None = None,
    identified: bool | None = None,
    review_of: str | None = None,
    policy: Policy | None = None,
) -> RightsRequest:
    """Record a request that the debtor made at ``at`` (aware, not after ``now``); it is open, with ``due_at`` set.

    Its clock runs from ``at``, not from when it was recorded. ``contact_point_id`` names the one it is about. A
    complaint is about ``about``, else about who made the contact of ``source``, else about who works the account.
    ``review_of`` is the reference of the answered request of which it asks for a review.

    Raises:
        InvalidInput: an unknown type, channel, debtor, account, contact point or outreach, no evidence, a time that
            cannot be, or a review that may not be asked for.
    """
    clocks = policy or clocks_of()
    _check_act(_Act(type, channel, at, now), REQUEST_TYPES)
    debtor = lock_debtor_row(session, debtor_id)
    shown = check_evidence(session, debtor, Evidence(evidence, source, recording))
    _check_account(session, debtor, account_id)
    point = _contact_point(session, debtor, contact_point_id)
    reviewed = find_reviewed(session, clocks, debtor, review_of, type, at)
    due = find_due(clocks, type, at, debtor.timezone, review=reviewed is not None)
    if type == "complaint" and about is None:
        about = reviewed.about if reviewed else collector_of(session, shown.source, account_id)
    request = RightsRequest(
        ref=_new_ref("rq"), debtor_id=debtor.id, account_id=account_id, contact_point_id=contact_point_id, type=type,
        channel=channel, evidence=shown.words, source=shown.source, recording=shown.recording, about=about,
        wish=dict(wish) if wish else None, identified=identified, at=at, due_at=due.at, recorded_by=actor,
        recorded_at=now, review_of=review_of, decided_by=reviewed.closed_by if reviewed else None,
    )  # fmt: skip
    session.add(request)
    named = {"debtor": debtor.ref, "contact_point": point.ref if point else None}
    _enter_received(session, request, {**named, "due_days": due.days, "due_house": due.house, **_entered(shown)})
    return request


def open_requests(session: Session, debtor_id: int) -> list[RightsRequest]:
    """The debtor's open requests, the one that is due first at the head."""
    found = session.scalars(
        select(RightsRequest)
        .where(RightsRequest.debtor_id == debtor_id, RightsRequest.closed_at.is_(None))
        .order_by(RightsRequest.due_at, RightsRequest.id)
    )
    return list(found)


def requests(session: Session, debtor_id: int) -> list[RightsRequest]:
    """All requests of the debtor, open and closed, oldest first."""
    query = select(RightsRequest).where(RightsRequest.debtor_id == debtor_id)
    return list(session.scalars(query.order_by(RightsRequest.at, RightsRequest.id)))


def notices(session: Session, debtor_id: int) -> list[Notice]:
    """The notices that were given to the debtor, oldest first."""
    return list(session.scalars(select(Notice).where(Notice.debtor_id == debtor_id).order_by(Notice.at, Notice.id)))


def lock_debtor_row(session: Session, debtor_id: int) -> Debtor:
    """The debtor, locked.

    Raises:
        InvalidInput: there is none.
    """
    debtor = session.scalar(
        select(Debtor).where(Debtor.id == debtor_id).with_for_update().execution_options(populate_existing=True)
    )
    if debtor is None:
        raise InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
    return debtor


def enter(session: Session, kind: str, subject: str, actor: str, now: datetime, body: Mapping[str, object]) -> None:
    """The ledger entry of an act of this room."""
    ledger.append(session, at=now, actor=actor, kind=kind, subject=subject, body=body)


def _check_act(act: _Act, types: tuple[str, ...]) -> None:
    check_code(act.type, types, "类型", code="unknown_type", field="type")
    check_code(act.channel, RIGHTS_CHANNELS, "渠道", code="unknown_channel", field="channel")
    if act.at.tzinfo is None or act.now.tzinfo is None:
        raise InvalidInput("时间必须带时区。", code="naive_time", field="at")
    if act.at > act.now:
        raise InvalidInput("发生时间不能晚于现在。", code="future_time", field="at")


def _check_account(session: Session, debtor: Debtor, account_id: int | None) -> None:
    if account_id is None:
        return
    account = session.get(Account, account_id)
    if account is None or account.debtor_id != debtor.id:
        raise InvalidInput("这位债务人没有这个账户。", code="unknown_account", field="account")


def _contact_point(session: Session, debtor: Debtor, contact_point_id: int | None) -> ContactPoint | None:
    if contact_point_id is None:
        return None
    point = session.get(ContactPoint, contact_point_id)
    if point is None or point.debtor_id != debtor.id:
        raise InvalidInput("这位债务人没有这个联系方式。", code="unknown_contact_point", field="contact_point")
    return point


def _enter_received(session: Session, request: RightsRequest, body: Mapping[str, object]) -> None:
    """What a request asks for, beside who and how long. That it asks for a review is said where it does."""
    told = ("account_id", "type", "channel", "about", "wish", "identified")
    said = {name: getattr(request, name) for name in told} | {"at": request.at.isoformat()}
    if request.due_at is not None:
        said["due_at"] = request.due_at.isoformat()
    if request.review_of is not None:
        said["review_of"] = request.review_of
    subject = f"request:{request.ref}"
    enter(session, "request:received", subject, request.recorded_by, request.recorded_at, {**said, **body})


def _entered(shown: Evidence) -> dict[str, object]:
    """What the ledger says of evidence: never its words."""
    return {"evidence_digest": shown.digest, "source": shown.source, "recording": shown.recording}


def _new_ref(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"
