"""The pages of practice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from compliance.judge.types import STAGES, InvalidInput
from scripts_library import practising
from scripts_library.models import PracticeAttempt
from web.auth import requires
from web.state import state

bp = Blueprint("practice", __name__, url_prefix="/practice")


@bp.get("")
@requires("collector", "trainer")
def index() -> ResponseReturnValue:
    return _index_page()


@bp.post("/new")
@requires("trainer")
def add() -> ResponseReturnValue:
    form = request.form
    try:
        with state().db.write() as session:
            practising.write_exercise(
                session, state().calls.talk, title=form.get("title", ""), stage=form.get("stage", ""),
                scene=form.get("scene", ""), turns=form.get("turns", "").splitlines(), items=form.getlist("items"),
                author=current_user.name, now=state().clock(),
            )  # fmt: skip
    except InvalidInput as error:
        return _index_page(error.message), 422
    flash(_("练习已加上"), "success")
    return redirect(url_for("practice.index"), 303)


@bp.get("/<int:exercise_id>")
@requires("collector", "trainer")
def exercise(exercise_id: int) -> ResponseReturnValue:
    return _exercise_page(exercise_id)


@bp.post("/<int:exercise_id>")
@requires("collector", "trainer")
def answer(exercise_id: int) -> ResponseReturnValue:
    now, given = state().clock(), request.form.getlist("answer")
    try:
        with state().db.write() as session:
            attempt = practising.practise(
                session, state().judge, state().calls.talk, exercise_id, given, current_user.name, now
            )
    except InvalidInput as error:
        if error.code == "not_found":
            raise
        return _exercise_page(exercise_id, fault=error.message), 422
    return _exercise_page(exercise_id, attempt)


@bp.post("/<int:exercise_id>/close")
@requires("trainer")
def close(exercise_id: int) -> ResponseReturnValue:
    with state().db.write() as session:
        practising.close_exercise(session, exercise_id, state().clock())
    flash(_("练习已收起，结果还在"), "success")
    return redirect(url_for("practice.index"), 303)


def _index_page(fault: str | None = None) -> str:
    mine = None if current_user.role == "trainer" else current_user.name
    with state().db.read() as session:
        found, results = practising.exercises(session), practising.results(session, mine)
    items = state().calls.talk.items
    return render_template(
        "practice/index.html", exercises=found, results=results, items=items, stages=STAGES, fault=fault
    )


def _exercise_page(exercise_id: int, attempt: PracticeAttempt | None = None, fault: str | None = None) -> str:
    with state().db.read() as session:
        found = practising.exercise_of(session, exercise_id)
    given = [one["text"] for one in attempt.answers] if attempt else request.form.getlist("answer")
    given += [""] * (len(found.turns) - len(given))
    return render_template("practice/exercise.html", exercise=found, attempt=attempt, given=given, fault=fault)
