"""Routes of the requests of debtors: the list, one of them, its answer, more time for it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from compliance import rights
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.labels import label, words_of
from web.officer.forms import AnswerForm, ExtensionForm, ReviewForm
from web.officer.requests import Filter, Longer, RequestPage, ask_review, extend, hand_over, request_page, requests_page
from web.state import state

AT_FIELD = {"missing", "bad_text", "too_long", "approval_needed", "unknown_approver", "future_time", "not_extendable",
            "unknown_extension", "unknown_outcome", "not_identified"}  # fmt: skip
"""Faults that the form can show where they are; the others are a page of their own."""


def add_routes(bp: Blueprint) -> None:
    bp.get("/rights")(requests)
    bp.get("/rights/<ref>")(request_received)
    bp.post("/rights/<ref>/owner")(own)
    bp.post("/rights/<ref>/answer")(answer)
    bp.post("/rights/<ref>/extend")(extend_period)
    bp.post("/rights/<ref>/review")(review)


@requires("officer")
def requests() -> ResponseReturnValue:
    args = request.args
    asked = Filter(args.get("type", ""), args.get("urgency", ""), args.get("owner", ""))
    with state().db.read() as session:
        page = requests_page(session, actor(), asked, state().clock())
    types, urgencies = words_of("request"), words_of("urgency")
    return render_template("officer/requests.html", page=page, request_types=types, urgencies=urgencies)


@requires("officer")
def request_received(ref: str) -> ResponseReturnValue:
    return _page(ref, AnswerForm(formdata=None), ExtensionForm(formdata=None))


@requires("officer")
def own(ref: str) -> ResponseReturnValue:
    """Who has it in hand from now on; nobody where the field is empty."""
    with state().db.write() as session:
        hand_over(session, ref, request.form.get("owner", ""), actor(), state().clock())
    return redirect(url_for("officer.request_received", ref=ref), 303)


@requires("officer")
def answer(ref: str) -> ResponseReturnValue:
    form, edge = AnswerForm(), state()
    if not form.validate():
        return _page(ref, form, ExtensionForm(formdata=None)), 422
    try:
        with edge.db.write() as session:
            rights.close_request(
                session, ref=ref, answer=form.answer.data, outcome=form.outcome.data, actor=actor().name,
                now=edge.clock(),
            )  # fmt: skip
    except InvalidInput as error:
        _show_at_field(form, error)
        return _page(ref, form, ExtensionForm(formdata=None)), 422
    flash(_("已答复并关闭，下次触达即按此判断。"), "success")
    return redirect(url_for("officer.requests"), 303)


@requires("officer")
def extend_period(ref: str) -> ResponseReturnValue:
    form, edge = ExtensionForm(), state()
    if not form.validate():
        return _page(ref, AnswerForm(formdata=None), form), 422
    longer = Longer(
        form.extension.data or "", form.reason.data, form.approved_by.data or None, form.told_instant()
    )  # fmt: skip
    try:
        with edge.db.write() as session:
            extend(session, ref, longer, actor(), edge.judge.policy, edge.clock())
    except InvalidInput as error:
        _show_at_field(form, error)
        return _page(ref, AnswerForm(formdata=None), form), 422
    flash(_("已延长答复期限。"), "success")
    return redirect(url_for("officer.request_received", ref=ref), 303)


@requires("officer")
def review(ref: str) -> ResponseReturnValue:
    """The debtor does not accept the answer: a request for its review, which somebody else handles."""
    form, edge = ReviewForm(), state()
    if not form.validate():
        return _page(ref, AnswerForm(formdata=None), ExtensionForm(formdata=None), form), 422
    with edge.db.write() as session:
        policy, told = edge.judge.policy, (form.channel.data, form.evidence.data)
        asked = ask_review(session, ref, *told, actor(), policy, edge.clock()).ref
    flash(_("已登记核查申请，由其他合规专员办理。"), "success")
    return redirect(url_for("officer.request_received", ref=asked), 303)


def _page(ref: str, answering: AnswerForm, extending: ExtensionForm, reviewing: ReviewForm | None = None) -> str:
    edge = state()
    with edge.db.read() as session:
        page = request_page(session, ref, actor(), edge.judge.policy, edge.clock())
    _offer(extending, page)
    return render_template(
        "officer/request.html", page=page, answer_form=answering, extension_form=extending,
        review_form=reviewing or ReviewForm(formdata=None),
    )  # fmt: skip


def _offer(form: ExtensionForm, page: RequestPage) -> None:
    extensions = page.rule.extensions if page.rule else ()
    form.extension.choices = [
        (one.name, _("自收到起 %(n)s 天（须批准）", n=one.days) if one.approval else _("自收到起 %(n)s 天", n=one.days))
        for one in extensions
    ]
    people = [(user.name, f"{user.display_name} · {label('role', user.role)}") for user in page.approvers]
    form.approved_by.choices = [("", "—"), *people]


def _show_at_field(form: FlaskForm, error: InvalidInput) -> None:
    if error.code not in AT_FIELD or error.field not in form:
        raise error
    form[error.field].errors = [*form[error.field].errors, error.message]
