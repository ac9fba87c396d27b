"""The pages of the library. Every act is a form of its own, and works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

import scripts_library
from assistant.suggestions.uses import FEWEST
from compliance.judge.types import InvalidInput
from scripts_library import ScriptHead, head_of, wording_faults, wording_of
from scripts_library.models import ScriptVersion
from scripts_library.searching import Asked, next_waiting
from scripts_library.slots import THIRD_PARTY_SLOTS
from web.accounts import trainers
from web.auth import requires
from web.library import words
from web.library.forms import ReasonForm, RemarkForm, ScriptForm, WordingForm, fields_of, show_fault
from web.library.shelf import Checked, check, gist, known_scenes, load_page, load_shelf, near_scripts
from web.numbers import page_number, whole
from web.state import state

bp = Blueprint("library", __name__, url_prefix="/library")
FILTERS = tuple(field.name for field in fields(Asked))


@bp.context_processor
def _words() -> dict[str, object]:
    return {"library_words": words, "slot_names": words.SLOT, "third_party_slots": THIRD_PARTY_SLOTS}


@bp.get("")
@requires("trainer")
def index() -> ResponseReturnValue:
    asked = Asked(**{name: request.args.get(name, "")[:60] for name in FILTERS})
    page = page_number(request.args.get("page"))
    with state().db.read() as session:
        shelf = load_shelf(session, asked, page, current_user.name)
    asked_for = {name: value for name, value in asdict(asked).items() if value}
    return render_template("library/index.html", shelf=shelf, asked=asked, asked_for=asked_for)


@bp.get("/<int:script_id>")
@requires("trainer")
def script(script_id: int) -> ResponseReturnValue:
    number, against = (whole(request.args.get(name), 0) or None for name in ("version", "against"))
    with state().db.read() as session:
        page = load_page(session, script_id, number, against)
        waiting = next_waiting(session, current_user.name, script_id)
    return render_template("library/script.html", page=page, waiting=waiting, gist=gist, fewest=FEWEST)


@bp.get("/new")
@requires("trainer")
def new() -> ResponseReturnValue:
    form = ScriptForm()
    form.stage.data = request.args.get("stage") or form.stage.data
    form.scene.data = request.args.get("scene") or form.scene.data
    return _new_page(form)


@bp.post("/new")
@requires("trainer")
def add() -> ResponseReturnValue:
    form = ScriptForm()
    head, wording = form.head(), form.wording()
    if "check" in request.form:
        return _new_page(form, check(state().judge, head, wording.say))
    if not _is_sound(form, head):
        return _new_page(form), 422
    try:
        with state().db.write() as session:
            version = scripts_library.draft(session, state().judge, head, wording, current_user.name, state().clock())
    except InvalidInput as error:
        show_fault(form, error)
        return _new_page(form), 422
    flash(_("已保存为草稿"), "success")
    return redirect(url_for("library.script", script_id=version.script_id), 303)


@bp.get("/<int:script_id>/edit")
@requires("trainer")
def edit(script_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        newest = scripts_library.history(session, script_id)[1][0]
    return _edit_page(script_id, WordingForm(data=fields_of(wording_of(newest))))


@bp.post("/<int:script_id>/edit")
@requires("trainer")
def save(script_id: int) -> ResponseReturnValue:
    form = WordingForm()
    wording, judge, now = form.wording(), state().judge, state().clock()
    with state().db.read() as session:
        script, versions = scripts_library.history(session, script_id)
    if "check" in request.form:
        return _edit_page(script_id, form, check(judge, head_of(script), wording.say))
    if not _is_sound(form, head_of(script)):
        return _edit_page(script_id, form), 422
    with state().db.write() as session:
        if versions[0].state == "draft":
            version = scripts_library.revise(session, judge, versions[0].id, wording, current_user.name, now)
        else:
            version = scripts_library.new_version(session, judge, script_id, wording, current_user.name, now)
    flash(_("第 %(n)s 版已保存为草稿", n=version.number), "success")
    return redirect(url_for("library.script", script_id=script_id, version=version.number), 303)


@bp.post("/check")
@requires("trainer")
def check_new() -> ResponseReturnValue:
    form = ScriptForm()
    return render_template("library/_check.html", checked=check(state().judge, form.head(), form.wording().say))


@bp.post("/<int:script_id>/check")
@requires("trainer")
def check_version(script_id: int) -> ResponseReturnValue:
    with state().db.read() as session:
        script, _versions = scripts_library.history(session, script_id)
    checked = check(state().judge, head_of(script), WordingForm().wording().say)
    return render_template("library/_check.html", checked=checked)


@bp.post("/versions/<int:version_id>/submit")
@requires("trainer")
def submit(version_id: int) -> ResponseReturnValue:
    now, judge, name = state().clock(), state().judge, current_user.name
    with state().db.write() as session:
        version = scripts_library.submit_for_approval(session, judge, version_id, name, now)
    return _back(version, _("已提交，等另一位培训师批准"))


@bp.post("/versions/<int:version_id>/approve")
@requires("trainer")
def approve(version_id: int) -> ResponseReturnValue:
    with state().db.write() as session:
        version = scripts_library.approve(session, state().judge, version_id, current_user.name, state().clock())
    return _onward(version, _("已发布，催收员现在可以用了"))


@bp.post("/versions/<int:version_id>/return")
@requires("trainer")
def send_back(version_id: int) -> ResponseReturnValue:
    return _onward(_with_reason(version_id, scripts_library.send_back), _("已退回作者修改"))


@bp.post("/versions/<int:version_id>/retire")
@requires("trainer")
def retire(version_id: int) -> ResponseReturnValue:
    return _back(_with_reason(version_id, scripts_library.retire), _("已停用"))


@bp.post("/versions/<int:version_id>/restore")
@requires("trainer")
def restore(version_id: int) -> ResponseReturnValue:
    with state().db.write() as session:
        version = scripts_library.roll_back(session, state().judge, version_id, current_user.name, state().clock())
    return _back(version, _("已按旧版写成第 %(n)s 版草稿", n=version.number))


@bp.post("/versions/<int:version_id>/comments")
@requires("trainer")
def remark(version_id: int) -> ResponseReturnValue:
    text = RemarkForm().text.data or ""
    with state().db.write() as session:
        scripts_library.comment(session, version_id, current_user.name, text, state().clock())
        version = session.get_one(ScriptVersion, version_id)
    return _back(version, _("意见已记下"))


@bp.post("/notices/seen")
@requires("trainer")
def notices_seen() -> ResponseReturnValue:
    with state().db.write() as session:
        scripts_library.see_notices(session, current_user.name, trainers(session), state().clock())
    return redirect(url_for("library.index"), 303)


def _with_reason(version_id: int, act: Callable[..., ScriptVersion]) -> ScriptVersion:
    with state().db.write() as session:
        return act(session, version_id, current_user.name, ReasonForm().reason.data or "", state().clock())


def _onward(version: ScriptVersion, done: str) -> ResponseReturnValue:
    """To the next that waits for the same person, until there is none."""
    with state().db.read() as session:
        script, left = next_waiting(session, current_user.name, version.script_id)
    if script is None:
        return _back(version, done)
    flash(_("%(done)s。还有 %(n)s 条等您审批，这是下一条。", done=done, n=left), "success")
    return redirect(url_for("library.script", script_id=script.id), 303)


def _back(version: ScriptVersion, done: str) -> ResponseReturnValue:
    flash(done, "success")
    return redirect(url_for("library.script", script_id=version.script_id, version=version.number), 303)


def _is_sound(form: WordingForm, head: ScriptHead) -> bool:
    """Whether the form can be saved; every fault is shown at its field."""
    sound = bool(form.validate())
    for fault in wording_faults(head, form.wording()):
        show_fault(form, fault)
        sound = False
    return sound


def _new_page(form: ScriptForm, checked: Checked | None = None) -> str:
    with state().db.read() as session:
        scenes, near = known_scenes(session), near_scripts(session, form.stage.data)
    return render_template("library/edit.html", form=form, script=None, scenes=scenes, near=near, checked=checked)


def _edit_page(script_id: int, form: WordingForm, checked: Checked | None = None) -> str:
    with state().db.read() as session:
        script, versions = scripts_library.history(session, script_id)
        near = near_scripts(session, script.stage)
    return render_template(
        "library/edit.html", form=form, script=script, newest=versions[0], near=near, checked=checked
    )
