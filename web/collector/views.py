"""Routes of the collector's desk. Each reads a form, calls one function, and shows the case again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.opening import Introduction
from compliance import gate, ledger, review, rights
from compliance.casebook.models import Account, ContactPoint
from compliance.gate.paying import payer_words
from compliance.gate.types import Submission
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.collector import appealing, offers, recordings, visits
from web.collector import heard as heard_routes
from web.collector.board import board
from web.collector.casefile import Asked, CaseFile, open_case, own_account, own_outreach
from web.collector.forms import (
    ComposeForm,
    NoteForm,
    NoticeForm,
    OutcomeForm,
    RequestForm,
    RevealForm,
    SearchForm,
    SendForm,
    checked,
)
from web.collector.heard import heard_page
from web.collector.judging import Draft, judge_draft
from web.links import with_link
from web.numbers import page_number
from web.outreach import full
from web.state import state

bp = Blueprint("collector", __name__, url_prefix="/cases")
heard_routes.add_routes(bp)
appealing.add_routes(bp)
recordings.add_routes(bp)
visits.add_routes(bp)
offers.add_routes(bp)
NOTICE, REQUEST = "notice", "request"
"""Prefixes of the two forms that stand on one page with the same fields."""


@bp.get("")
@requires("collector")
def cases() -> ResponseReturnValue:
    asked = SearchForm(request.args)
    if not asked.validate():
        raise InvalidInput(_("搜索词太长。"), field="q")
    page = page_number(asked.page.data)
    query, stage = (asked.q.data or "").strip(), asked.stage.data or ""
    with state().db.read() as session:
        found = board(session, state().judge, actor(), state().clock(), query, stage, page)
    return render_template("collector/cases.html", board=found)


@bp.get("/<int:account_id>")
@requires("collector")
def case(account_id: int) -> ResponseReturnValue:
    args = request.args
    return _page(account_id, Asked(args.get("point"), args.get("channel"), "", args.get("result"), args.get("rewrite")))


@bp.post("/<int:account_id>/draft")
@requires("collector")
def draft(account_id: int) -> ResponseReturnValue:
    """The page again for another contact point or channel, with the text kept, judged, or reworded."""
    form = ComposeForm()
    checked(form)
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
        text = _reworded(session, account, request.form.get("use"), form)
    return _page(account_id, Asked(form.point.data, form.channel.data, text, line=form.line.data))


@bp.post("/<int:account_id>/judge")
@requires("collector")
def judge(account_id: int) -> ResponseReturnValue:
    """The fragment under the message box, while typing."""
    form = ComposeForm()
    checked(form)
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
        judged = judge_draft(session, state().judge, account, _draft_of(form), state().clock(), live=True)
    return render_template("collector/_judgement.html", judged=judged, account_id=account_id)


@bp.post("/<int:account_id>/send")
@requires("collector")
def send(account_id: int) -> ResponseReturnValue:
    """A message, or the wish to dial or to visit: the gate decides."""
    form = SendForm()
    checked(form)
    text = form.text.data or None
    if form.link.data and not _is_set(account_id, text):
        text = with_link(state(), form.client_id.data, form.channel.data, text)
    return _submit(
        account_id,
        Submission(
            id=form.client_id.data,
            debtor="",
            channel=form.channel.data or "",
            contact_point=form.point.data or None,
            text=text,
            visitors=form.visitors.data if form.channel.data == "visit" else None,
            line=form.line.data or None,
        ),
    )


@bp.post("/<int:account_id>/note")
@requires("collector")
def note(account_id: int) -> ResponseReturnValue:
    form = NoteForm()
    checked(form)
    return _submit(account_id, Submission(form.client_id.data, "", "note", text=form.note.data))


@bp.post("/<int:account_id>/outcome")
@requires("collector")
def outcome(account_id: int) -> ResponseReturnValue:
    form = OutcomeForm()
    checked(form)
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
        dialled = own_outreach(session, account, form.outreach.data, current_user.name)
    recordings.file(dialled, form)
    return redirect(url_for("collector.case", account_id=account_id, result=form.outreach.data), 303)


@bp.post("/<int:account_id>/reveal")
@requires("collector")
def reveal(account_id: int) -> ResponseReturnValue:
    """One masked fact in full, once: the act is in the ledger, the fact is not."""
    form = RevealForm()
    checked(form)
    what = form.what.data
    with state().db.write() as session:
        account = own_account(session, account_id, current_user.name)
        if what not in _revealable(session, account.debtor_id):
            raise InvalidInput(_("没有这项内容。"), code="not_found", field="what")
        body = {"fact": what, "account": account.account_no}
        ledger.append(
            session, at=state().clock(), actor=current_user.name, kind="pii:revealed",
            subject=f"debtor:{account.debtor.ref}", body=body,
        )  # fmt: skip
    return _page(account_id, Asked(text=request.form.get("text", ""), revealed=frozenset({what})))


@bp.post("/<int:account_id>/notices")
@requires("collector")
def notice_given(account_id: int) -> ResponseReturnValue:
    form = NoticeForm(prefix=NOTICE)
    checked(form)
    with state().db.write() as session:
        account = own_account(session, account_id, current_user.name)
        rights.give_notice(session, account_id=account.id, debtor_id=account.debtor_id, **_act_of(form))
    flash(_("已登记告知，下次触达即按此判断。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


@bp.post("/<int:account_id>/requests")
@requires("collector")
def request_received(account_id: int) -> ResponseReturnValue:
    form = RequestForm(prefix=REQUEST)
    checked(form)
    with state().db.write() as session:
        account = own_account(session, account_id, current_user.name)
        rights.receive_request(
            session,
            account_id=account.id,
            debtor_id=account.debtor_id,
            contact_point_id=_contact_point_id(session, account.debtor_id, form.point.data),
            policy=state().judge.policy,
            **_act_of(form),
        )
    flash(_("已登记请求，即刻生效。"), "success")
    return redirect(url_for("collector.case", account_id=account_id), 303)


def _is_set(account_id: int, text: str | None) -> bool:
    """The words for somebody who offered to pay: with a link they would be others."""
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
        return (text or "").strip() == payer_words(account.debtor, account)


def _draft_of(form: ComposeForm) -> Draft:
    return Draft(form.point.data, form.channel.data or "sms", form.text.data or "")


def _page(account_id: int, asked: Asked) -> str:
    now = state().clock()
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
        caller = Introduction(current_user.display_name, current_user.staff_no)
        file = open_case(session, state().judge, account, actor(), caller, now, asked)
        draft = Draft(file.point.ref if file.point else None, file.channel or "sms", file.text)
        judged = judge_draft(session, state().judge, account, draft, now)
        heard = heard_page(session, account, now)
        paying = offers.offers_page(session, account)
        appeals, appealable = appealing.appeals_on(session, file.timeline)
    page = render_template(
        "collector/case.html", file=file, judged=judged, heard=heard, appeals=appeals,
        appealable=appealable, account_id=account_id, now=now,
        offers=paying, links=bool(state().config.public_url), visit_form=visits.blank(now),
        recordings=recordings.owed_on(file.timeline), **_rights_forms(file, now),
    )  # fmt: skip
    _mark_seen(file, now)
    for one in appeals.values():
        if one.decided_at is not None and one.seen_at is None:
            review.mark_appeal_seen(state().db, one.id, actor(), now)
    return page


def _act_of(form: NoticeForm | RequestForm) -> dict[str, Any]:
    """What a notice and a request have in common."""
    return {
        "type": form.type.data,
        "channel": form.channel.data,
        "evidence": form.evidence.data,
        "at": form.instant(),
        "actor": current_user.name,
        "now": state().clock(),
    }


def _contact_point_id(session: Session, debtor_id: int, ref: str | None) -> int | None:
    if not ref:
        return None
    point_id = session.scalar(
        select(ContactPoint.id).where(ContactPoint.ref == ref, ContactPoint.debtor_id == debtor_id)
    )
    if point_id is None:
        raise InvalidInput(_("该债务人没有这个联系方式。"), field="point")
    return point_id


def _rights_forms(file: CaseFile, now: datetime) -> dict[str, FlaskForm]:
    here = now.astimezone(state().config.zone).replace(second=0, microsecond=0)
    request_form, notice_form = RequestForm(None, prefix=REQUEST, at=here), NoticeForm(None, prefix=NOTICE, at=here)
    request_form.point.choices = [("", _("全部")), *((one.ref, f"{one.masked} {one.who}") for one in file.points)]
    return {"request_form": request_form, "notice_form": notice_form}


def _mark_seen(file: CaseFile, now: datetime) -> None:
    """The officers' answers on this page count as seen by their author."""
    for row in file.timeline:
        if row.unseen and row.review is not None and row.outreach.collector == current_user.name:
            review.mark_seen(state().db, row.review.id, actor(), now)


def _submit(account_id: int, submission: Submission) -> ResponseReturnValue:
    with state().db.read() as session:
        account = own_account(session, account_id, current_user.name)
    complete = replace(submission, debtor=account.debtor.ref, account=account.account_no)
    receipt = gate.submit(state().db, state().judge, complete, actor(), state().clock(), keys=state().keys)
    return redirect(url_for("collector.case", account_id=account_id, result=receipt.id), 303)


def _reworded(session: Session, account: Account, use: str | None, form: ComposeForm) -> str:
    """The text of the form, or its compliant rewording where ``use`` asks for it."""
    text: str = form.text.data or ""
    if not use:
        return text
    if use != "suggestion":  # the id of an outreach that was blocked
        return full(session, own_outreach(session, account, use, current_user.name)).suggestion or text
    judged = judge_draft(session, state().judge, account, _draft_of(form), state().clock())
    return (judged and judged.verdict.suggestion) or text


def _revealable(session: Session, debtor_id: int) -> set[str]:
    refs = session.scalars(select(ContactPoint.ref).where(ContactPoint.debtor_id == debtor_id))
    return {"name", "id_number", "account_no", *(f"point:{ref}" for ref in refs)}
