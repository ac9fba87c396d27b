"""Routes of the debtor's page. Nobody is logged in; the code is all that is needed, and it tells nothing of a debt.

Every form works without JavaScript. Nothing of the page is sent to anybody else: no referrer, no index, no other host.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from compliance import rights
from web.accounts import staff_no_of
from web.auth import public
from web.debtor.forms import IdentifyForm
from web.debtor.page import ACTS, THIRD_PARTY, Act, find_receipt, reviewable_until, send_in, show
from web.i18n import LANGUAGES
from web.security import limiter
from web.state import state

bp = Blueprint("debtor", __name__, url_prefix="/d")
STAYS = timedelta(minutes=30)
"""How long somebody stays identified in a browser."""
KNOWN, SENT = "debtor", "receipts"
"""Keys of the session: who was identified until when; what was sent in from this browser."""
TRIES_LIMIT = "10 per minute"
ACTS_LIMIT = "20 per hour"


def _rate() -> str:
    return state().config.page_limit


limiter.limit(_rate)(bp)


@bp.before_request
def choose_language() -> None:
    """By a link, so that it works without a form: Chinese unless asked otherwise."""
    if request.args.get("lang") in LANGUAGES:
        session["lang"] = request.args["lang"]


@bp.after_request
def keep_to_ourselves(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("")
@public
def enter() -> ResponseReturnValue:
    """For a code that was printed in a letter or read out."""
    typed = request.args.get("code", "")
    code = rights.read_code(typed)
    if code is not None:
        return redirect(url_for("debtor.overview", code=code), 303)
    return render_template("debtor/enter.html", typed=typed)


@bp.get("/<code>")
@public
def overview(code: str) -> ResponseReturnValue:
    return _overview(code, IdentifyForm(formdata=None))


@bp.post("/<code>/identify")
@public
@limiter.limit(TRIES_LIMIT)
def identify(code: str) -> ResponseReturnValue:
    form, edge = IdentifyForm(), state()
    if not form.validate():
        return _overview(code, form), 422
    now = edge.clock()
    with edge.db.write() as database:
        opened = _opened(rights.open_code(database, _read(code), now))
        found = rights.identify(database, opened, form.name.data, form.last_four.data, now)
    if found.ok:
        session[KNOWN] = [opened.debtor.ref, (now + STAYS).isoformat()]
        return redirect(url_for("debtor.overview", code=code, _anchor="debt"), 303)
    form.last_four.data = ""
    if found.barred_until is not None:
        fault = _("尝试次数过多，请在 24 小时后再试，或拨打客服电话。")
    else:
        fault = _("姓名或后四位不符，还可以再试 %(n)s 次。", n=found.left)
    return _overview(code, form, fault), 403


@bp.get("/<code>/ask/<type>")
@public
def ask(code: str, type: str) -> ResponseReturnValue:
    now = state().clock()
    with state().db.read() as database:
        opened = _opened(rights.open_code(database, _read(code), now))
    act, of = _act(opened, type), _reviewed(opened, now)
    return render_template("debtor/ask.html", code=code, opened=opened, act=act, of=of, form=act.form(formdata=None))


@bp.post("/<code>/ask/<type>")
@public
@limiter.limit(ACTS_LIMIT)
def send(code: str, type: str) -> ResponseReturnValue:
    edge, now = state(), state().clock()
    with edge.db.read() as database:
        opened = _opened(rights.open_code(database, _read(code), now))
    act, of = _act(opened, type), _reviewed(opened, now)
    form = act.form()
    if not form.validate():
        return render_template("debtor/ask.html", code=code, opened=opened, act=act, of=of, form=form), 422
    known = _is_known(opened, now)
    with edge.db.write() as database:
        ref = send_in(database, opened, act, form, known, edge.judge.policy, now, of).ref
    session[SENT] = [*session.get(SENT, [])[-9:], ref]
    return redirect(url_for("debtor.receipt", code=code, ref=ref), 303)


@bp.get("/<code>/receipt/<ref>")
@public
def receipt(code: str, ref: str) -> ResponseReturnValue:
    """The number, what, and until when. The words, and the answer, for who sent them in or was identified."""
    now, policy = state().clock(), state().judge.policy
    with state().db.read() as database:
        opened = _opened(rights.open_code(database, _read(code), now))
        found = find_receipt(database, opened, ref)
        if found is None:
            abort(404)
        known = _is_known(opened, now)
        own = ref in session.get(SENT, []) or known
        review_until = reviewable_until(database, found, opened.debtor.timezone, policy, now) if own else None
    return render_template(
        "debtor/receipt.html", code=code, opened=opened, it=found, own=own, known=known, review_until=review_until,
        outcome=rights.state_of(found),
    )  # fmt: skip


def _overview(code: str, form: IdentifyForm, fault: str | None = None) -> str:
    edge, now = state(), state().clock()
    with edge.db.read() as database:
        opened = _opened(rights.open_code(database, _read(code), now))
        page = show(database, opened, _is_known(opened, now), edge.judge.policy, now)
        staff_no = staff_no_of(database, opened.collector)
    if not opened.seen:
        edge.db.run(lambda database: rights.note_opened(database, opened, now))
    return render_template(
        "debtor/overview.html", code=code, page=page, opened=opened, staff_no=staff_no, form=form, fault=fault
    )


def _read(code: str) -> str:
    """The code in its one spelling. Raises 404 for what cannot be one."""
    plain = rights.read_code(code)
    if plain is None:
        abort(404)
    return plain


def _opened(opened: rights.Opened | None) -> rights.Opened:
    """One answer for a code that nobody made, that is too old, or whose message was never allowed."""
    if opened is None:
        abort(404)
    return opened


def _act(opened: rights.Opened, type: str) -> Act:
    if type not in ACTS or (opened.third_party and type not in THIRD_PARTY):
        abort(404)
    return ACTS[type]


def _reviewed(opened: rights.Opened, now: datetime) -> str | None:
    """The answered request that is to be reviewed. Only the debtor, whom the page has shown the answer, may ask."""
    of = request.args.get("of")
    if of is not None and (opened.third_party or not _is_known(opened, now)):
        abort(404)
    return of


def _is_known(opened: rights.Opened, now: datetime) -> bool:
    """Whether this browser has proved to be this debtor's, not too long ago."""
    ref, until = session.get(KNOWN) or ("", "")
    return ref == opened.debtor.ref and now < datetime.fromisoformat(until)
