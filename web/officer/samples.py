"""Routes of sampling: the figures, drawing a day, one sample after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from compliance import review
from compliance.judge.types import InvalidInput
from compliance.review import Agreement
from web.actor import actor
from web.auth import requires
from web.state import state

DAYS = 30
"""How far back the figures reach."""


@dataclass(frozen=True, slots=True)
class SamplesPage:
    waiting: int
    figures: Agreement
    since: date
    until: date
    share: float


def add_routes(bp: Blueprint) -> None:
    bp.get("/samples")(samples)
    bp.post("/samples/draw")(draw_samples)
    bp.post("/samples/next")(next_sample)
    bp.get("/samples/<int:sample_id>")(sample)
    bp.post("/samples/<int:sample_id>")(give_opinion)


@requires("officer")
def samples() -> ResponseReturnValue:
    edge, until = state(), _today() - timedelta(days=1)
    since = until - timedelta(days=DAYS - 1)
    with edge.db.read() as session:
        waiting = review.count_waiting(session, actor(), edge.clock())
        figures = review.measure(session, since, until)
    page = SamplesPage(waiting, figures, since, until, edge.config.sample_percent / 100)
    return render_template("officer/samples.html", page=page)


@requires("officer")
def draw_samples() -> ResponseReturnValue:
    """The same day again is the same sample."""
    edge = state()
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise InvalidInput(_("请选择日期。"), code="missing", field="day") from error
    share = edge.config.sample_percent / 100
    drawn = review.draw(edge.db, edge.config.secret_key, day, _today(), share, actor(), edge.clock())
    flash(
        _("%(day)s 放行 %(all)s 条，样本 %(n)s 条，其中新抽 %(fresh)s 条。", day=day, all=drawn.population,
          n=drawn.sampled, fresh=drawn.fresh),
        "success",
    )  # fmt: skip
    return redirect(url_for("officer.samples"), 303)


@requires("officer")
def next_sample() -> ResponseReturnValue:
    taken = review.take_sample(state().db, actor(), state().clock())
    if taken is None:
        return redirect(url_for("officer.samples"), 303)
    return redirect(url_for("officer.sample", sample_id=taken), 303)


@requires("officer")
def sample(sample_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        item = review.open_sample(session, sample_id, actor())
    mine = item.own is not None and item.own.decision is None
    return render_template("officer/sample.html", item=item, mine=mine)


@requires("officer")
def give_opinion(sample_id: int) -> ResponseReturnValue:
    form = request.form
    review.give_opinion(
        state().db, sample_id, form.get("decision", ""), form.get("reason", ""), actor(), state().clock()
    )
    return next_sample()


def _today() -> date:
    return state().clock().astimezone(state().config.zone).date()
