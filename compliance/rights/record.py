"""Recording what the debtor was told and asked for: the row and its ledger entry in the caller's transaction.

The debtor's row is locked first, as in the gate: the next submit sees what was recorded, or was decided before it.
Evidence may quote the debtor, so the ledger holds its digest alone.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.judge.contact import Policy
from compliance.judge.types import CHANNELS, InvalidInput
from compliance.rights.clocks import clocks_of, extended_due_at, find_due, find_extension
from compliance.rights.models import NOTICE_TYPES, REQUEST_TYPES, Notice, RightsRequest

RIGHTS_CHANNELS = (*(channel for channel in CHANNELS if channel != "note"), "app", "web", "branch", "hotline")
"""How a notice went out or a request came in; a note of one's own is neither."""
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class _Act:
    """What every record has: of which type, by which channel, shown by what, when."""

    type: str
    channel: str
    evidence: str
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
) -> Notice:
    """Record a notice that was given to the debtor at ``at`` (aware, not after ``now``).

    Raises:
        InvalidInput: an unknown type, channel, debtor or account, no evidence, or a time that cannot be.
    """
    _check_act(_Act(type, channel, evidence, at, now), NOTICE_TYPES)
    debtor = _lock_debtor(session, debtor_id)
    _check_account(session, debtor, account_id)
    notice = Notice(
        ref=_new_ref("nt"), debtor_id=debtor.id, account_id=account_id, type=type, channel=channel,
        evidence=evidence.strip(), at=at, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    session.add(notice)
    _enter(session, "notice:given", f"notice:{notice.ref}", actor, now, {
        "debtor": debtor.ref, "account_id": account_id, "type": type, "channel": channel, "at": at.isoformat(),
        "evidence_digest": _digest(evidence.strip()),
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
    policy: Policy | None = None,
) -> RightsRequest:
    """Record a request that the debtor made at ``at`` (aware, not after ``now``); it is open, with ``due_at`` set.

    Its clock runs from ``at``, not from when it was recorded. ``contact_point_id`` names the one it is about.

    Raises:
        InvalidInput: an unknown type, channel, debtor, account or contact point, no evidence, or a time that
            cannot be.
    """
    _check_act(_Act(type, channel, evidence, at, now), REQUEST_TYPES)
    debtor = _lock_debtor(session, debtor_id)
    _check_account(session, debtor, account_id)
    point = _contact_point(session, debtor, contact_point_id)
    due = find_due(policy or clocks_of(), type, at, debtor.timezone)
    request = RightsRequest(
        ref=_new_ref("rq"), debtor_id=debtor.id, account_id=account_id, contact_point_id=contact_point_id, type=type,
        channel=channel, evidence=evidence.strip(), at=at, due_at=due.at, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    session.add(request)
    _enter(session, "request:received", f"request:{request.ref}", actor, now, {
        "debtor": debtor.ref, "account_id": account_id, "contact_point": point.ref if point else None, "type": type,
        "channel": channel, "at": at.isoformat(), "due_at": due.at.isoformat(), "due_days": due.days,
        "due_house": due.house, "evidence_digest": _digest(evidence.strip()),
    })  # fmt: skip
    return request


def close_request(session: Session, *, ref: str, answer: str, actor: str, now: datetime) -> RightsRequest:
    """Close an open request with the answer that was given.

    Raises:
        InvalidInput: no such request, it is closed already, or the answer is empty.
    """
    _check_text(answer, "answer", "请写明答复内容。")
    request = _lock_open(session, ref)
    request.closed_at, request.closed_by, request.answer = now, actor, answer.strip()
    late = request.due_at is not None and now > request.due_at
    _enter(session, "request:closed", f"request:{ref}", actor, now, {
        "type": request.type, "late": late, "answer_digest": _digest(answer.strip()),
    })  # fmt: skip
    return request


def extend_request(
    session: Session,
    *,
    ref: str,
    extension: str,
    reason: str,
    actor: str,
    now: datetime,
    approved_by: str | None = None,
    told_at: datetime | None = None,
    policy: Policy | None = None,
) -> RightsRequest:
    """Give an open request a longer period of the pack (CN-CMPL-01), counted from receipt.

    Raises:
        InvalidInput: no such open request or extension, no reason, the period has run out or is no longer, or an
            approval by somebody else and word to the person who asked are missing where they are needed.
    """
    _check_text(reason, "reason", "请写明延期理由。")
    request = _lock_open(session, ref)
    clocks = policy or clocks_of()
    debtor = session.get_one(Debtor, request.debtor_id)
    longer = find_extension(clocks, request.type, request.at, extension)
    if longer.approval and (not approved_by or approved_by == actor or told_at is None):
        raise InvalidInput("这种延期须由他人批准，并已告知请求人。", code="approval_needed", field="approved_by")
    due_at = extended_due_at(clocks, longer, request.at, debtor.timezone)
    if request.due_at is not None and (now > request.due_at or due_at <= request.due_at):
        raise InvalidInput("期限已过，或延期后并不更长。", code="not_extendable", field="extension")
    request.due_at = due_at
    _enter(session, "request:extended", f"request:{ref}", actor, now, {
        "type": request.type, "extension": extension, "due_at": due_at.isoformat(), "approved_by": approved_by,
        "told_at": told_at.isoformat() if told_at else None, "reason_digest": _digest(reason.strip()),
    })  # fmt: skip
    return request


def open_requests(session: Session, debtor_id: int) -> list[RightsRequest]:
    """The debtor's open requests, the one that is due first at the head."""
    found = session.scalars(
        select(RightsRequest)
        .where(RightsRequest.debtor_id == debtor_id, RightsRequest.closed_at.is_(None))
        .order_by(RightsRequest.due_at, RightsRequest.id)
    )
    return list(found)


def notices(session: Session, debtor_id: int) -> list[Notice]:
    """The notices that were given to the debtor, oldest first."""
    return list(session.scalars(select(Notice).where(Notice.debtor_id == debtor_id).order_by(Notice.at, Notice.id)))


def _check_act(act: _Act, types: tuple[str, ...]) -> None:
    if act.type not in types:
        raise InvalidInput("未知的类型。", code="unknown_type", field="type")
    if act.channel not in RIGHTS_CHANNELS:
        raise InvalidInput("未知的渠道。", code="unknown_channel", field="channel")
    _check_text(act.evidence, "evidence", "请写明证据：哪次通话、哪段原话或哪份文件。")
    if act.at.tzinfo is None or act.now.tzinfo is None:
        raise InvalidInput("时间必须带时区。", code="naive_time", field="at")
    if act.at > act.now:
        raise InvalidInput("发生时间不能晚于现在。", code="future_time", field="at")


def _check_text(text: str, field: str, missing: str) -> None:
    if not text.strip():
        raise InvalidInput(missing, code="missing", field=field)
    # PostgreSQL stores no NUL, and a lone surrogate is no character: neither may end in half a record.
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput("文字中有无法保存的字符。", code="bad_text", field=field)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"文字不能超过 {MAX_TEXT} 字。", code="too_long", field=field)


def _lock_debtor(session: Session, debtor_id: int) -> Debtor:
    debtor = session.scalar(
        select(Debtor).where(Debtor.id == debtor_id).with_for_update().execution_options(populate_existing=True)
    )
    if debtor is None:
        raise InvalidInput("没有这位债务人。", code="unknown_debtor", field="debtor")
    return debtor


def _lock_open(session: Session, ref: str) -> RightsRequest:
    """The open request, its debtor's row locked before it is read."""
    debtor_id = session.scalar(select(RightsRequest.debtor_id).where(RightsRequest.ref == ref))
    if debtor_id is None:
        raise InvalidInput("没有这项请求。", code="unknown_request", field="ref")
    _lock_debtor(session, debtor_id)
    request = session.scalars(
        select(RightsRequest).where(RightsRequest.ref == ref).execution_options(populate_existing=True)
    ).one()
    if request.closed_at is not None:
        raise InvalidInput("这项请求已经关闭。", code="already_closed", field="ref")
    return request


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


def _enter(session: Session, kind: str, subject: str, actor: str, now: datetime, body: Mapping[str, object]) -> None:
    ledger.append(session, at=now, actor=actor, kind=kind, subject=subject, body=body)


def _new_ref(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
