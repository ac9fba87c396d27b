"""The collector's objections on the page of the case: what can be objected to, and what was answered."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from compliance import review
from compliance.review.models import Appeal
from web.actor import actor
from web.auth import requires
from web.collector.casefile import own_account, own_outreach
from web.outreach import Shown
from web.state import state


def add_routes(bp: Blueprint) -> None:
    bp.post("/<int:account_id>/appeal")(appeal)


@requires("collector")
def appeal(account_id: int) -> ResponseReturnValue:
    edge, outreach = state(), request.form.get("outreach", "")
    with edge.db.read() as session:
        own_outreach(session, own_account(session, account_id, actor().name), outreach, actor().name)
    review.file_appeal(edge.db, outreach, request.form.get("reason", ""), actor(), edge.clock())
    flash(_("已提交申诉，由原决定人以外的合规人员答复。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


def appeals_on(session: Session, rows: list[Shown]) -> tuple[dict[int, Appeal], set[int]]:
    """The appeals about these rows, by the outreach's row id, and what may still be objected to."""
    own = [row for row in rows if row.outreach.collector == actor().name]
    found = review.appeals_of(session, [row.outreach.id for row in own])
    return found, {row.outreach.id for row in own if review.appealable(row.outreach, row.review)} - set(found)
