"""Routes of appeals: what waits for an answer, one of them, the answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from compliance import review
from compliance.judge.types import InvalidInput
from compliance.review import AppealLine
from web.actor import actor
from web.auth import requires
from web.marking import Piece, pieces
from web.outreach import Shown, full
from web.state import state


@dataclass(frozen=True, slots=True)
class AppealPage:
    """An appeal with the words and findings it is about. ``mine``: taken by the officer who looks."""

    line: AppealLine
    shown: Shown
    pieces: list[Piece]
    mine: bool


def add_routes(bp: Blueprint) -> None:
    bp.get("/appeals")(appeals)
    bp.get("/appeals/<int:appeal_id>")(appeal)
    bp.post("/appeals/<int:appeal_id>/take")(take_appeal)
    bp.post("/appeals/<int:appeal_id>")(decide_appeal)


@requires("officer")
def appeals() -> ResponseReturnValue:
    with state().db.read() as session:
        lines = review.appeals(session, actor(), state().clock())
    return render_template("officer/appeals.html", lines=lines)


@requires("officer")
def appeal(appeal_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        page = _page(session, appeal_id)
    return render_template("officer/appeal.html", page=page)


@requires("officer")
def take_appeal(appeal_id: int) -> ResponseReturnValue:
    review.take_appeal(state().db, appeal_id, actor(), state().clock())
    return redirect(url_for("officer.appeal", appeal_id=appeal_id), 303)


@requires("officer")
def decide_appeal(appeal_id: int) -> ResponseReturnValue:
    word, reason = request.form.get("act"), request.form.get("reason", "")
    if word not in ("uphold", "reject"):
        raise InvalidInput(_("请选择支持或驳回。"), code="missing", field="act")
    review.decide_appeal(state().db, appeal_id, word == "uphold", reason, actor(), state().clock())
    flash(_("已答复申诉。"), "success")
    return redirect(url_for("officer.appeals"), 303)


def _page(session: Session, appeal_id: int) -> AppealPage:
    line = review.open_appeal(session, appeal_id, actor())
    shown = full(session, line.outreach)
    mine = line.appeal.state == "taken" and line.appeal.officer == actor().name
    return AppealPage(line, shown, pieces(shown.text, shown.findings) if shown.text else [], mine)
