"""Routes of plans: the list, writing one, one of them, its agreement, what became of it."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from compliance import rights
from compliance.casebook import mask_name
from compliance.casebook.models import Account
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.numbers import whole
from web.plans.forms import AgreeForm, MoveForm, PlanForm, blank
from web.plans.page import lines, plan_page, visible_account
from web.state import state

bp = Blueprint("plans", __name__, url_prefix="/plans")


@bp.get("")
@requires("collector", "officer")
def index() -> ResponseReturnValue:
    account_id = whole(request.args.get("account"), 0) or None
    with state().db.read() as session:
        account = visible_account(session, account_id) if account_id else None
        found = lines(session, account_id)
    return render_template("plans/index.html", lines=found, account=account)


@bp.get("/new/<int:account_id>")
@requires("collector", "officer")
def new(account_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        account = visible_account(session, account_id)
    return _new(account, blank(account, request.args.get("request")))


@bp.post("/new/<int:account_id>")
@requires("collector", "officer")
def propose(account_id: int) -> ResponseReturnValue:
    """Write a plan down, or show the form again with every fault at its field."""
    form, edge, now = PlanForm(), state(), state().clock()
    readable, terms = form.validate(), form.terms()
    with edge.db.write() as session:
        account = visible_account(session, account_id)
        faults = rights.plan_faults(account, account.debtor.timezone, terms, edge.judge.policy, now)
        form.show([(field, why) for field, why in faults if not form[field].errors])
        if readable and not faults:
            ref = rights.propose_plan(
                session, account_id=account_id, terms=terms, actor=actor().name, now=now,
                request_ref=form.request_ref.data or None, policy=edge.judge.policy,
            ).ref  # fmt: skip
            flash(_("已登记拟定的分期协议；达成之前不影响联系。"), "success")
            return redirect(url_for("plans.plan", ref=ref), 303)
    return _new(account, form), 422


@bp.get("/<ref>")
@requires("collector", "officer")
def plan(ref: str) -> ResponseReturnValue:
    return _page(ref, AgreeForm(formdata=None), MoveForm(formdata=None))


@bp.post("/<ref>/agree")
@requires("officer")
def agree(ref: str) -> ResponseReturnValue:
    """Both sides agreed: nobody is contacted any more while it is kept."""
    form, edge = AgreeForm(), state()
    if not form.validate():
        return _page(ref, form, MoveForm(formdata=None)), 422
    with edge.db.write() as session:
        rights.agree_plan(
            session, ref=ref, evidence=form.evidence.data, recording=form.recording.data or None, actor=actor().name,
            now=edge.clock(), policy=edge.judge.policy,
        )  # fmt: skip
    flash(_("已登记达成；正常履行期间停止催收。"), "success")
    return redirect(url_for("plans.plan", ref=ref), 303)


@bp.post("/<ref>/state")
@requires("collector", "officer")
def move(ref: str) -> ResponseReturnValue:
    """What became of it. A collector may only take back what they proposed."""
    form, edge = MoveForm(), state()
    if not form.validate():
        return _page(ref, AgreeForm(formdata=None), form), 422
    with edge.db.write() as session:
        page = plan_page(session, ref)
        if current_user.role != "officer" and not (page.own and page.line.plan.state == "proposed"):
            raise InvalidInput(_("履行情况由合规专员登记。"), code="forbidden", field="state")
        rights.move_plan(
            session, ref=ref, to=form.to.data, reason=form.reason.data, actor=actor().name, now=edge.clock(),
            policy=edge.judge.policy,
        )  # fmt: skip
    flash(_("已登记，下次触达即按此判断。"), "success")
    return redirect(url_for("plans.plan", ref=ref), 303)


def _new(account: Account, form: PlanForm) -> str:
    return render_template("plans/new.html", account=account, name=mask_name(account.debtor.name), form=form)


def _page(ref: str, agreeing: FlaskForm, moving: MoveForm) -> str:
    with state().db.read() as session:
        page = plan_page(session, ref)
    mine = current_user.role == "officer" or (page.own and page.line.plan.state == "proposed")
    moving.offer(page.line.plan.state, own=page.own)
    return render_template(
        "plans/plan.html", page=page, agree_form=agreeing, move_form=moving, may_move=mine and moving.to.choices,
        client_id=f"web-{uuid4().hex}",
    )  # fmt: skip
