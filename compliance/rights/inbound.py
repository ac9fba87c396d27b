"""Messages that the debtor sent: kept masked, and looked through for the rights they invoke."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook import mask_text
from compliance.judge.types import InvalidInput, check_code
from compliance.rights.evidence import check_text
from compliance.rights.hearing import INBOUND, ProposedRequest, propose
from compliance.rights.models import Inbound, RightsRequest
from compliance.rights.record import enter, lock_debtor_row

_REF = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """A message and the requests in it that nobody has recorded."""

    message: Inbound
    proposed: tuple[ProposedRequest, ...]


def receive_inbound(
    session: Session,
    *,
    ref: str,
    debtor_id: int,
    channel: str,
    text: str,
    at: datetime,
    actor: str,
    now: datetime,
    account_id: int | None = None,
) -> Heard:
    """Keep a message of the debtor. The same again, by ``ref``, is the same message.

    Raises:
        InvalidInput: an unknown channel, no words, a time that cannot be, or the id of another message.
    """
    _check(ref, channel, text, at, now)
    debtor = lock_debtor_row(session, debtor_id)
    body = _digest(debtor.ref, channel, text, at)
    message = session.scalar(select(Inbound).where(Inbound.ref == ref))
    if message is not None:
        if message.body_digest != body:
            raise InvalidInput("这个编号已经用于另一条来信。", code="conflict", field="id")
        return _heard(session, message)
    message = Inbound(
        ref=ref, body_digest=body, debtor_id=debtor.id, account_id=account_id, channel=channel,
        masked=mask_text(text.strip(), (debtor.name,)), at=at, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    session.add(message)
    session.flush()
    heard = _heard(session, message)
    types: list[object] = [one.type for one in heard.proposed]
    enter(session, "inbound:received", f"inbound:{ref}", actor, now, {
        "debtor": debtor.ref, "channel": channel, "at": at.isoformat(), "text": message.masked, "heard": types,
    })  # fmt: skip
    return heard


def inbound_of(session: Session, debtor_id: int, limit: int = 20) -> list[Heard]:
    """The debtor's latest messages, newest first, each with what is still to be recorded."""
    query = select(Inbound).where(Inbound.debtor_id == debtor_id).order_by(Inbound.at.desc(), Inbound.id.desc())
    return [_heard(session, message) for message in session.scalars(query.limit(limit))]


def settle_inbound(session: Session, ref: str, debtor_id: int, actor: str, now: datetime) -> None:
    """Say that nothing (more) in a message is a request; that is entered.

    Raises:
        InvalidInput: the debtor sent no such message.
    """
    message = session.scalar(select(Inbound).where(Inbound.ref == ref, Inbound.debtor_id == debtor_id))
    if message is None:
        raise InvalidInput("没有这条来信。", code="not_found", field="ref")
    if message.settled_at is None:
        dismissed: list[object] = [one.type for one in _heard(session, message).proposed]
        message.settled_by, message.settled_at = actor, now
        enter(session, "inbound:settled", f"inbound:{ref}", actor, now, {"dismissed": dismissed})


def _heard(session: Session, message: Inbound) -> Heard:
    if message.settled_at is not None:
        return Heard(message, ())
    recorded = set(session.scalars(select(RightsRequest.type).where(RightsRequest.source == f"inbound:{message.ref}")))
    return Heard(message, tuple(one for one in propose(message.masked, message.channel) if one.type not in recorded))


def _check(ref: str, channel: str, text: str, at: datetime, now: datetime) -> None:
    check_text(ref, "id", "请给出来信编号。")
    if len(ref) > _REF:
        raise InvalidInput(f"来信编号不能超过 {_REF} 个字符。", code="too_long", field="id")
    check_text(text, "text", "来信内容不能为空。")
    check_code(channel, INBOUND, "渠道", code="unknown_channel", field="channel")
    if at.tzinfo is None:
        raise InvalidInput("时间必须带时区。", code="naive_time", field="at")
    if at > now:
        raise InvalidInput("发生时间不能晚于现在。", code="future_time", field="at")


def _digest(debtor: str, channel: str, text: str, at: datetime) -> str:
    body = json.dumps([debtor, channel, text.strip(), at.timestamp()], ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()
