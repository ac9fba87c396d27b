"""Routes of the page of a call. The page reads the state of the call; acts are posted, and the stream shows them."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select

from assistant.calls import noticing, ticking
from assistant.calls.closing import asks_recording, check_words, close_call
from assistant.calls.drafting import draft
from assistant.calls.hints import choose_level, hint_level
from assistant.calls.live import read_live
from assistant.calls.opening import Opening, open_call
from assistant.calls.receiving import Incoming, receive
from compliance.casebook import load_stages
from compliance.casebook.models import ContactPoint, Debtor
from compliance.gate.models import Outreach
from compliance.gate.types import Conflict
from compliance.judge.types import InvalidInput
from web.actor import actor
from web.auth import requires
from web.calls import call_for, event_stream, follow, introduce
from web.collector.call_forms import HintForm, OpenForm, RightForm, SayForm, TakeForm, TickForm, WrapForm
from web.collector.callpage import call_page, open_page, page_of, recent_calls, who_rings
from web.collector.casefile import own_account
from web.collector.forms import checked
from web.numbers import whole
from web.state import state

F = TypeVar("F", bound=FlaskForm)
bp = Blueprint("calls", __name__, url_prefix="/calls")
RECORDING = ("recording", "no_recording")
"""Fields of the wrap-up that the gate may refuse."""


@bp.get("")
@requires("collector")
def mine() -> ResponseReturnValue:
    with state().db.read() as session:
        rows = recent_calls(session, current_user.name)
    return render_template("calls/list.html", rows=rows)


@bp.get("/pop")
@requires("collector")
def pop() -> ResponseReturnValue:
    """Where a telephone system leads the collector when a number rings: ``/calls/pop?number=…``."""
    number = request.args.get("number", "")[:40]
    with state().db.read() as session:
        found = who_rings(session, current_user.name, number)
    return render_template("calls/pop.html", found=found, form=OpenForm())


@bp.post("")
@requires("collector")
def open_() -> ResponseReturnValue:
    """Open the call of a permitted dial, or of a number that rings."""
    form = OpenForm()
    checked(form)
    opening = _opening(form)
    opened = open_call(state().calls, opening, actor(), introduce, state().clock())
    return redirect(url_for("calls.page", ref=opened.ref), 303)


def _opening(form: OpenForm) -> Opening:
    """A dial must be permitted: without its permit no page of a call opens."""
    with state().db.read() as session:
        if form.way == "in":
            point = session.scalar(select(ContactPoint).where(ContactPoint.ref == form.point.data))
            dial = None
        else:
            dial = session.scalar(
                select(Outreach).where(
                    Outreach.client_id == form.outreach.data, Outreach.collector == current_user.name
                )
            )
            point = session.get(ContactPoint, dial.contact_point_id) if dial and dial.contact_point_id else None
        account_id = dial.account_id if dial else whole(form.account.data, 0)
        if point is None or account_id is None or (dial is not None and dial.channel != "call"):
            raise InvalidInput(_("没有这次拨号。"), code="not_found")
        if dial is not None and dial.state != "permitted" and dial.outcome is None:
            raise Conflict(_("这次拨号没有许可，或许可已过期。"))
        account = own_account(session, account_id, current_user.name)
        debtor = session.get_one(Debtor, account.debtor_id)
    return Opening(
        debtor=debtor.ref,
        contact_point=point.ref,
        account=account.account_no,
        direction=form.way,
        outreach=dial.client_id if dial else None,
    )


@bp.get("/<ref>")
@requires("collector")
def page(ref: str) -> ResponseReturnValue:
    now = state().clock()
    query, taken = request.args.get("q", "")[:60].strip(), whole(request.args.get("said"), 0)
    with state().db.read() as session:
        call_for(session, ref)
        opened = open_page(session, state().calls, ref, now, query, taken or None)
    form = SayForm(None, speaker="collector", text=opened.taken, key=opened.key)
    return render_template(
        "calls/page.html", opened=opened, page=opened.page, form=form, hint_form=HintForm(level=opened.chosen), now=now
    )


@bp.get("/<ref>/live")
@requires("collector")
def live(ref: str) -> ResponseReturnValue:
    """The changing part of the page alone."""
    with state().db.read() as session:
        call_for(session, ref)
        found = call_page(session, state().calls, ref, state().clock())
    return render_template("calls/_live.html", page=found)


@bp.get("/<ref>/stream")
@requires("collector")
def stream(ref: str) -> ResponseReturnValue:
    """The changing part of the page as server-sent events, whenever it changes."""
    edge = state()
    given = request.headers.get("Last-Event-ID") or request.args.get("after")
    after = whole(given, 0)
    with edge.db.read() as session:
        call = call_for(session, ref)
        level = hint_level(session, call.collector, edge.clock())
    if call.closed_at is not None and after >= call.revision:
        return "", 204

    def render(found: Any, _seen: int) -> str:
        return render_template("calls/_live.html", page=page_of(found, level))

    return event_stream(follow(edge, ref, after, render))


@bp.post("/<ref>/turns")
@requires("collector")
def say(ref: str) -> ResponseReturnValue:
    form = _form(SayForm, ref)
    incoming = Incoming(form.speaker.data, form.text.data, source_key=f"hand-{form.key.data}")
    receive(state().calls, ref, incoming, state().clock())
    return _back(ref)


@bp.post("/<ref>/ticks")
@requires("collector")
def tick(ref: str) -> ResponseReturnValue:
    form = _form(TickForm, ref)
    item = form.tick.data or form.untick.data or ""
    ticking.tick(state().calls, ref, item, bool(form.tick.data), actor(), state().clock())
    return _back(ref)


@bp.post("/<ref>/rights")
@requires("collector")
def record_right(ref: str) -> ResponseReturnValue:
    form = _form(RightForm, ref)
    noticing.record_right(state().calls, ref, form.right.data, actor(), state().clock())
    return _back(ref)


@bp.post("/<ref>/suggestions")
@requires("collector")
def take(ref: str) -> ResponseReturnValue:
    """Take a suggestion: its words go into the box, and it is not offered again."""
    form = _form(TakeForm, ref)
    ticking.take(state().calls, ref, form.version.data, actor(), state().clock())
    return _back(ref, said=form.version.data)


@bp.post("/<ref>/hints")
@requires("collector")
def hints(ref: str) -> ResponseReturnValue:
    form = _form(HintForm, ref)
    with state().db.write() as session:
        choose_level(session, current_user.name, form.level.data)
    return redirect(url_for("calls.page", ref=ref), 303)


@bp.get("/<ref>/wrap")
@requires("collector")
def wrap(ref: str) -> ResponseReturnValue:
    return _wrap_page(ref, None)


@bp.post("/<ref>/close")
@requires("collector")
def close(ref: str) -> ResponseReturnValue:
    form = WrapForm()
    if not form.validate():
        return _wrap_page(ref, form), 422
    _own(ref)
    try:
        closed = close_call(state().calls, ref, form.closing(), actor(), state().clock())
    except (InvalidInput, Conflict) as error:
        flash(error.message, "danger")
        if error.field in form and error.field in RECORDING:
            form[error.field].errors = [error.message]
        return _wrap_page(ref, form), 409 if isinstance(error, Conflict) else 422
    flash(_("通话已结束并存档。") + (_("催记已转合规阅处。") if closed.note.findings else ""), "success")
    return redirect(url_for("calls.mine"), 303)


def _wrap_page(ref: str, form: WrapForm | None) -> str:
    edge, now = state(), state().clock()
    with edge.db.read() as session:
        call = call_for(session, ref)
        found = read_live(session, edge.calls, ref, now)
        account = found.case.account
        today, total = load_stages().local_day(call.started_at), account.total if account else None
        drafted = draft(found.state, today, edge.calls.talk, total, now.astimezone(edge.config.zone))
        form = form or WrapForm(
            None,
            outcome=drafted.outcome,
            reason=drafted.reason,
            promise_date=drafted.promise.due if drafted.promise else None,
            promise_amount=drafted.promise.amount if drafted.promise else None,
            rights=[type for type in drafted.rights if not (type in found.noted and found.noted[type].request_ref)],
            next_step=drafted.next_step,
            next_at=drafted.next_at,
            note=drafted.note,
        )
        check = check_words(edge.calls, found.case, found.state, form.note.data, now)
        asks = asks_recording(edge.calls, found.case)
    return render_template(
        "calls/wrap.html", page=page_of(found, "all"), form=form, check=check, drafted=drafted, asks_recording=asks
    )


def _form(kind: type[F], ref: str) -> F:
    """What was sent, checked, for a call of the present user."""
    form: F = kind()
    checked(form)
    _own(ref)
    return form


def _own(ref: str) -> None:
    with state().db.read() as session:
        call_for(session, ref)


def _back(ref: str, **query: Any) -> ResponseReturnValue:
    """The page again; for a script the new key of the box alone, since the stream shows the rest."""
    if request.headers.get("HX-Request"):
        return uuid4().hex, 200, {"Content-Type": "text/plain; charset=utf-8"}
    return redirect(url_for("calls.page", ref=ref, **query), 303)
