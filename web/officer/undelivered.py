"""Messages that a channel gave up: an officer has them tried again, or writes down what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from compliance import gate
from compliance.casebook import mask_contact, mask_name
from compliance.gate.models import Outreach
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.state import State, state


@dataclass(frozen=True, slots=True)
class Line:
    """One message, masked. ``keyed``: its receiver delivers a key once, so that trying again cannot double it."""

    id: int
    client_id: str
    at: datetime
    channel: str
    name: str
    debtor: str
    recipient: str
    words: str
    reason: str
    tries: int
    keyed: bool


def add_routes(bp: Blueprint) -> None:
    bp.get("/undelivered")(undelivered)
    bp.post("/undelivered/<int:outreach_id>/again")(send_again)
    bp.post("/undelivered/<int:outreach_id>/settle")(settle)


@requires("officer")
def undelivered() -> ResponseReturnValue:
    with state().db.read() as session:
        lines = _lines(session, state())
    return render_template("officer/undelivered.html", lines=lines)


@requires("officer")
def send_again(outreach_id: int) -> ResponseReturnValue:
    """Where a second try could reach the debtor twice, the officer says that the first did not arrive."""
    edge = state()
    with edge.db.read() as session:
        outreach = session.get(Outreach, outreach_id)
        if outreach is None:
            raise InvalidInput(_("没有这条触达记录。"), code="unknown_outreach", field="id")
    if not _keyed(edge, outreach.channel) and request.form.get("checked") != "yes":
        raise InvalidInput(_("请先核实对方没有收到，再重新发送。"), code="not_checked", field="checked")
    gate.try_again(edge.db, outreach_id, actor(), edge.clock(), keys=edge.keys)
    flash(_("已排队重新发送，发送前会再次审核。"), "success")
    return redirect(url_for("officer.undelivered"), 303)


@requires("officer")
def settle(outreach_id: int) -> ResponseReturnValue:
    arrived = request.form.get("arrived")
    if arrived not in ("yes", "no"):
        raise InvalidInput(_("请选择对方是否收到。"), code="missing", field="arrived")
    gate.settle(state().db, outreach_id, arrived == "yes", actor(), state().clock())
    flash(_("已登记。"), "success")
    return redirect(url_for("officer.undelivered"), 303)


def _lines(session: Session, edge: State) -> list[Line]:
    return [
        Line(
            id=outreach.id,
            client_id=outreach.client_id,
            at=outreach.at,
            channel=outreach.channel,
            name=mask_name(outreach.debtor.name),
            debtor=outreach.debtor.ref,
            recipient=mask_contact(outreach.contact_point.kind, outreach.contact_point.value)
            if outreach.contact_point
            else "—",
            words=outreach.masked or "—",
            reason=outreach.last_error or _("渠道报告未送达"),
            tries=outreach.tries,
            keyed=_keyed(edge, outreach.channel),
        )
        for outreach in gate.undelivered(session)
    ]


def _keyed(edge: State, channel: str) -> bool:
    adapter = edge.channels.get(channel)
    return adapter is not None and adapter.accepts_keys
