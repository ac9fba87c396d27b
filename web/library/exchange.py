"""Whole libraries in and out, as a workbook or as Markdown."""

from __future__ import annotations

import io
from pathlib import PurePosixPath

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from compliance.judge.types import InvalidInput
from scripts_library.importing import export_rows, import_scripts
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
    return render_template("library/import.html", report=None, fault=None)


@bp.post("/import")
@requires("trainer")
def import_file() -> ResponseReturnValue:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return render_template("library/import.html", report=None, fault=_("请选择文件")), 422
    name = PurePosixPath(sent.filename.replace("\\", "/")).name
    try:
        report = import_scripts(
            state().db, state().judge, name, sent.read(),
            author=current_user.name, now=state().clock(), dry_run="dry" in request.form,
        )  # fmt: skip
    except InvalidInput as error:
        return render_template("library/import.html", report=None, fault=error.message), 422
    return render_template("library/import.html", report=report, fault=None)
