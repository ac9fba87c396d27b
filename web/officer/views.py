"""Routes of the officer's desk. One item is taken by one officer; a ``block`` is released by nobody."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from compliance import ledger, review
from compliance.judge.types import InvalidInput
from compliance.review import Only
from web.actor import actor
from web.auth import requires
from web.labels import label, words_of
from web.numbers import page_number, whole
from web.officer import answering, appeals, keeping, samples, undelivered, why
from web.officer.forms import DecisionForm, words
from web.officer.item import open_page
from web.officer.lists import decided_page, ledger_page, queue_page
from web.state import state

bp = Blueprint("officer", __name__)
answering.add_routes(bp)
undelivered.add_routes(bp)
why.add_routes(bp)
keeping.add_routes(bp)
appeals.add_routes(bp)
samples.add_routes(bp)


@bp.get("/review")
@requires("officer")
def queue() -> ResponseReturnValue:
    now = state().clock()
    with state().db.read() as session:
        page = queue_page(session, actor(), _only(), now)
    return render_template("officer/queue.html", page=page, now=now, channels=words_of("channel"))


@bp.post("/review/next")
@requires("officer")
def take_next() -> ResponseReturnValue:
    return _next()


@bp.post("/review/<int:review_id>/take")
@requires("officer")
def take(review_id: int) -> ResponseReturnValue:
    review.take(state().db, review_id, actor(), state().clock())
    return redirect(url_for("officer.item", review_id=review_id, **_only().args), 303)


@bp.post("/review/<int:review_id>/back")
@requires("officer")
def put_back(review_id: int) -> ResponseReturnValue:
    review.release_back(state().db, review_id, actor(), state().clock())
    return redirect(url_for("officer.queue"), 303)


@bp.get("/review/<int:review_id>")
@requires("officer")
def item(review_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        page = open_page(session, review_id, actor(), state().config.jurisdiction, state().clock())
        left = review.count_free(session, actor(), state().clock(), only=_only())
    return render_template("officer/item.html", page=page, left=left, only=_only())


@bp.post("/review/<int:review_id>")
@requires("officer")
def decide(review_id: int) -> ResponseReturnValue:
    """Each word on a finding, then the act; what is not complete is told and changes nothing more."""
    form = DecisionForm()
    if not form.validate():
        raise InvalidInput(_("请选择放行、退回、拒绝或阅处，理由不超过 1000 字。"), field=next(iter(form.errors)))
    officer, now = actor(), state().clock()
    for word in words(request.form):
        review.decide_finding(state().db, review_id, word.finding, word.decision, word.reason, officer, now)
    if form.act.data == "save":
        return redirect(url_for("officer.item", review_id=review_id, **_only().args), 303)
    return _act(review_id, form.act.data, form.reason.data or "")


@bp.get("/review/decided")
@requires("officer")
def decided() -> ResponseReturnValue:
    with state().db.read() as session:
        page = decided_page(session, page_number(request.args.get("page")))
    return render_template("officer/decided.html", page=page)


@bp.get("/ledger")
@requires("officer", "admin")
def ledger_entries() -> ResponseReturnValue:
    with state().db.read() as session:
        page = ledger_page(session, whole(request.args.get("before"), 0))
    return render_template("officer/ledger.html", page=page)


@bp.post("/ledger/verify")
@requires("officer", "admin")
def verify_ledger() -> ResponseReturnValue:
    with state().db.read() as session:
        result = ledger.verify(session)
        page = ledger_page(session)
    return render_template("officer/ledger.html", page=page, result=result)


def _act(review_id: int, act: str, reason: str) -> ResponseReturnValue:
    officer, now, edge = actor(), state().clock(), state()
    if act == "release":
        outcome = review.release(edge.db, edge.judge, review_id, officer, reason, now, keys=edge.keys)
        if not outcome.released:
            faults = " ".join(finding.why for finding in outcome.findings)
            flash(_("没有放行：此刻再次判断时有异议。%(faults)s", faults=faults), "danger")
            return redirect(url_for("officer.item", review_id=review_id, **_only().args), 303)
        done = "released"
    elif act == "note":
        review.note_decided(edge.db, review_id, officer, reason, now)
        done = "noted"
    elif act == "return":
        done = review.return_for_rewording(edge.db, review_id, officer, reason, now).state
    else:
        done = review.refuse(edge.db, review_id, officer, reason, now).state
    flash(_("第 %(id)s 条：%(done)s", id=review_id, done=label("review", done)), "success")
    return _next()


def _next() -> ResponseReturnValue:
    """The next item loads by itself; with an empty queue, the queue says so."""
    only = _only()
    line = review.take_next(state().db, actor(), state().clock(), only=only)
    if line is None:
        return redirect(url_for("officer.queue", **only.args), 303)
    return redirect(url_for("officer.item", review_id=line.id, **only.args), 303)


def _only() -> Only:
    """The filter of the address, which stays while one item follows the other."""
    return Only(request.args.get("channel", ""), request.args.get("collector", ""))
