"""Whole libraries in and out: those that ship, a workbook, Markdown."""

from __future__ import annotations

import io
from pathlib import PurePosixPath

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from compliance.judge.types import InvalidInput
from scripts_library import absent, load_seeds, offer
from scripts_library.importing import ImportReport, export_rows, import_scripts
from scripts_library.tables import write_markdown, write_xlsx
from web.auth import requires
from web.library.views import bp
from web.state import state

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/export.xlsx")
@requires("trainer")
def export_xlsx() -> ResponseReturnValue:
    with state().db.read() as session:
        raw = write_xlsx(export_rows(session))
    return send_file(io.BytesIO(raw), XLSX, as_attachment=True, download_name="scripts.xlsx")


@bp.get("/export.md")
@requires("trainer")
def export_markdown() -> ResponseReturnValue:
    with state().db.read() as session:
        raw = write_markdown(export_rows(session)).encode()
    return send_file(io.BytesIO(raw), "text/markdown", as_attachment=True, download_name="scripts.md")


@bp.get("/import")
@requires("trainer")
def import_page() -> ResponseReturnValue:
    return _page()


@bp.post("/seed")
@requires("trainer")
def seed() -> ResponseReturnValue:
    """The shipped scripts that the library has not, submitted in the name of whoever asks for them."""
    now, judge, name, seeds = state().clock(), state().judge, current_user.name, load_seeds()
    done = state().db.run(lambda session: offer(session, judge, absent(session, seeds), author=name, now=now))
    if done.left:
        flash(_("%(n)s 条没有通过判断，留作草稿：%(keys)s", n=len(done.left), keys=" ".join(done.left[:5])), "warning")
    flash(_("已提交 %(n)s 条随附话术，等另一位培训师逐条批准", n=len(done.waiting)), "success")
    return redirect(url_for("library.index", state="submitted" if done.waiting else None), 303)


@bp.post("/import")
@requires("trainer")
def import_file() -> ResponseReturnValue:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(fault=_("请选择文件")), 422
    name = PurePosixPath(sent.filename.replace("\\", "/")).name
    try:
        report = import_scripts(
            state().db, state().judge, name, sent.read(),
            author=current_user.name, now=state().clock(), dry_run="dry" in request.form,
        )  # fmt: skip
    except InvalidInput as error:
        return _page(fault=error.message), 422
    return _page(report)


def _page(report: ImportReport | None = None, fault: str | None = None) -> str:
    with state().db.read() as session:
        missing = absent(session, load_seeds())
    return render_template("library/import.html", report=report, fault=fault, missing=missing)
