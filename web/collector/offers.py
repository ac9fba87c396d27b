"""Somebody who does not owe offered to pay: recorded on the page of the case, with the words they may then be told."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from compliance import rights
from compliance.casebook import mask_contact, mask_text
from compliance.casebook.models import Account, ContactPoint
from compliance.gate.paying import payer_words
from compliance.judge.types import InvalidInput
from compliance.rights.models import PaymentOffer
from compliance.rights.offers import PAYER
from web.actor import actor
from web.auth import requires
from web.collector.casefile import own_account
from web.collector.forms import checked
from web.state import state

PREFIX = "offer"
"""Before the names of the fields: the page has other forms with the same."""
_NEEDED = InputRequired(_l("必填"))
CHANNEL_OF = {"mobile": "sms", "email": "email", "im": "im", "address": "letter"}


class OfferForm(FlaskForm):  # type: ignore[misc]
    """Times are those of the configured zone."""

    point = SelectField(_l("第三人"), choices=[], validate_choice=False, validators=[_NEEDED])
    words = TextAreaField(_l("主动表示代还的原话"), validators=[_NEEDED, Length(max=2000)], render_kw={"rows": 2})
    at = DateTimeLocalField(_l("时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[_NEEDED])
    recording = StringField(_l("录音编号"), validators=[Optional(), Length(max=100)])
    source = StringField(
        _l("出自"), validators=[Optional(), Length(max=120)], render_kw={"placeholder": "call:… / inbound:…"}
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that holds, masked, and how to write to that person."""

    row: PaymentOffer
    who: str
    point: str
    channel: str | None
    """``None`` where words cannot be sent there."""
    words: str
    client_id: str


@dataclass(frozen=True, slots=True)
class OffersPage:
    offers: list[Offer]
    told: str
    """The words that they may be told, and no others."""
    form: OfferForm
    possible: bool
    """Whether there is anybody whose offer could be recorded."""


def offers_page(session: Session, account: Account) -> OffersPage:
    """What stands on the page of the case about offers to pay."""
    points = session.scalars(
        select(ContactPoint)
        .where(ContactPoint.debtor_id == account.debtor_id, ContactPoint.relation == PAYER)
        .order_by(ContactPoint.id)
    ).all()
    masked = {one.id: f"{mask_contact(one.kind, one.value)} {one.label or ''}".strip() for one in points}
    by_id = {one.id: one for one in points}
    free = [one for one in points if one.refused_at is None]
    now = state().clock().astimezone(state().config.zone).replace(second=0, microsecond=0, tzinfo=None)
    form = OfferForm(None, prefix=PREFIX, at=now)
    form.point.choices = [(one.ref, masked[one.id]) for one in free]
    offers = [
        Offer(
            row, masked[row.contact_point_id], by_id[row.contact_point_id].ref,
            CHANNEL_OF.get(by_id[row.contact_point_id].kind), mask_text(row.words, (account.debtor.name,)),
            f"web-{uuid4().hex}",
        )
        for row in rights.open_offers(session, account.id)
        if row.contact_point_id in by_id
    ]  # fmt: skip
    return OffersPage(offers, payer_words(account.debtor, account), form, bool(free))


def add_routes(bp: Blueprint) -> None:
    bp.post("/<int:account_id>/offers")(offer)
    bp.post("/<int:account_id>/offers/withdraw")(withdraw)


@requires("collector")
def offer(account_id: int) -> ResponseReturnValue:
    """Record that a third party offered to pay."""
    form, edge = OfferForm(prefix=PREFIX), state()
    checked(form)
    with edge.db.write() as session:
        account = own_account(session, account_id, actor().name)
        query = select(ContactPoint.id).where(
            ContactPoint.ref == form.point.data, ContactPoint.debtor_id == account.debtor_id
        )
        point = session.scalar(query)
        if point is None:
            raise InvalidInput(_("该债务人没有这个联系方式。"), field="point")
        rights.record_offer(
            session, account_id=account_id, contact_point_id=point, words=form.words.data,
            at=form.at.data.replace(tzinfo=edge.config.zone), actor=actor().name, now=edge.clock(),
            source=form.source.data or None, recording=form.recording.data or None,
        )  # fmt: skip
    flash(_("已登记；只能按既定文字告知应还金额和官方渠道，每条须经合规专员放行。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


@requires("collector")
def withdraw(account_id: int) -> ResponseReturnValue:
    """The offer was taken back, or is no longer certain."""
    edge, ref = state(), request.form.get("ref", "")
    with edge.db.write() as session:
        own_account(session, account_id, actor().name)
        if ref not in {one.ref for one in rights.open_offers(session, account_id)}:
            raise InvalidInput(_("没有这项代还登记。"), code="not_found", field="ref")
        rights.withdraw_offer(session, ref=ref, actor=actor().name, now=edge.clock())
    flash(_("已撤回；对这位第三人恢复一律不得透露。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)
