"""That somebody who does not owe offered to pay (CN-TP-08): on record with their words and what shows them.

An offer is of one person for one account, and good until it is withdrawn. It lets nothing out by itself: the gate lets
the words set for it come before an officer (``compliance.gate.paying``), and stops everything else as before.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.judge.types import InvalidInput
from compliance.rights.evidence import Evidence, check_evidence, check_text
from compliance.rights.models import PaymentOffer
from compliance.rights.record import enter, lock_debtor_row

PAYER = "other_third_party"
"""Whose offer is recorded: the debtor and whoever is liable need none."""


def record_offer(
    session: Session,
    *,
    account_id: int,
    contact_point_id: int,
    words: str,
    at: datetime,
    actor: str,
    now: datetime,
    source: str | None = None,
    recording: str | None = None,
) -> PaymentOffer:
    """Record what a third party said at ``at`` (aware, not after ``now``); ``source`` or ``recording`` shows it.

    Raises:
        InvalidInput: no such account or contact point of one debtor, it is no third party's or they refused contact,
            no words, nothing that shows them, a time that cannot be, or an offer is on record already.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise InvalidInput("没有这个账户。", code="unknown_account", field="account")
    debtor = lock_debtor_row(session, account.debtor_id)
    point = _payer(session, debtor, contact_point_id)
    check_text(words, "words", "请写明第三人主动表示代还的原话。")
    shown = check_evidence(session, debtor, Evidence(words, source, recording))
    if shown.source is None and shown.recording is None:
        raise InvalidInput("请写明录音编号，或出自哪次通话、哪条消息。", code="missing", field="recording")
    if at.tzinfo is None or at > now:
        raise InvalidInput("发生时间须带时区，且不能晚于现在。", code="impossible_time", field="at")
    if any(one.contact_point_id == point.id for one in open_offers(session, account.id)):
        raise InvalidInput("这位第三人的代还表示已经登记。", code="conflict", field="point")
    offer = PaymentOffer(
        ref=f"po_{secrets.token_hex(8)}", debtor_id=debtor.id, account_id=account.id, contact_point_id=point.id,
        words=shown.words, source=shown.source, recording=shown.recording, at=at, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    session.add(offer)
    session.flush()
    enter(session, "offer:recorded", f"offer:{offer.ref}", actor, now, {
        "debtor": debtor.ref, "account_id": account.id, "contact_point": point.ref, "at": at.isoformat(),
        "words_digest": shown.digest, "source": shown.source, "recording": shown.recording,
    })  # fmt: skip
    return offer


def withdraw_offer(session: Session, *, ref: str, actor: str, now: datetime) -> PaymentOffer:
    """The person took it back, or it is no longer certain: as if there had been none.

    Raises:
        InvalidInput: there is no such offer, or it was withdrawn before.
    """
    debtor_id = session.scalar(select(PaymentOffer.debtor_id).where(PaymentOffer.ref == ref))
    if debtor_id is None:
        raise InvalidInput("没有这项代还登记。", code="not_found", field="ref")
    lock_debtor_row(session, debtor_id)
    query = select(PaymentOffer).where(PaymentOffer.ref == ref).execution_options(populate_existing=True)
    offer = session.scalars(query).one()
    if offer.withdrawn_at is not None:
        raise InvalidInput("这项代还登记已经撤回。", code="already_closed", field="ref")
    offer.withdrawn_by, offer.withdrawn_at = actor, now
    enter(session, "offer:withdrawn", f"offer:{ref}", actor, now, {})
    return offer


def open_offers(session: Session, account_id: int) -> list[PaymentOffer]:
    """The offers for an account that hold, oldest first."""
    query = select(PaymentOffer).where(PaymentOffer.account_id == account_id, PaymentOffer.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(PaymentOffer.at, PaymentOffer.id)))


def _payer(session: Session, debtor: Debtor, contact_point_id: int) -> ContactPoint:
    point = session.get(ContactPoint, contact_point_id)
    if point is None or point.debtor_id != debtor.id:
        raise InvalidInput("这位债务人没有这个联系方式。", code="unknown_contact_point", field="point")
    if point.relation != PAYER:
        raise InvalidInput("只登记没有还款义务的第三人。", code="not_third_party", field="point")
    if point.refused_at is not None:
        raise InvalidInput("此人已明确拒绝联系，不能登记。", code="refused", field="point")
    return point
