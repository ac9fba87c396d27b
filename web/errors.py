"""Exceptions become pages, or ``{"error": {"code", "message", "field?"}}`` under /api/; never a stack trace."""

from __future__ import annotations

import logging

from flask import Flask, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from compliance.gate.types import Conflict, Forbidden, Unavailable
from compliance.judge.types import InvalidInput
from compliance.ledger import LedgerChanged

log = logging.getLogger(__name__)
STATUS_OF_CODE = {
    "not_found": 404,
    "unknown_debtor": 404,
    "unknown_review": 404,
    "unknown_outreach": 404,
    "unknown_request": 404,
    "unknown_plan": 404,
    "unknown_entry": 404,
    "forbidden": 403,
    "conflict": 409,
    "stale": 409,
    "already_closed": 409,
    "used": 409,
    "expired": 410,
    "locked": 423,
}
"""Status of an ``InvalidInput`` by its code; any other code is 422."""
CODE_OF_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "expired",
    413: "too_large",
    415: "unsupported",
    422: "invalid",
    423: "locked",
    429: "too_many_requests",
    503: "unavailable",
}
RETRY_AFTER_S = 5
"""What a client is told to wait when the database is busy or gone."""
_NO_DATABASE = (OperationalError, InterfaceError, TimeoutError)


def init_app(app: Flask) -> None:
    app.register_error_handler(InvalidInput, _invalid)
    app.register_error_handler(Conflict, _conflict)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(LedgerChanged, _ledger_changed)
    for failure in _NO_DATABASE:
        app.register_error_handler(failure, _no_database)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    return request.path.startswith("/api/")


def answer(status: int, code: str, message: str, field: str | None = None) -> ResponseReturnValue:
    """The error as JSON under /api/, as a fragment for htmx, else as a page."""
    if wants_json():
        error = {"code": code, "message": message}
        return jsonify(error=error | ({"field": field} if field else {})), status
    name = "_error.html" if request.headers.get("HX-Request") else "error.html"
    try:
        return render_template(name, status=status, message=message, field=field), status
    except _NO_DATABASE as error:
        if "_login_user" in g:
            raise
        return _no_database(error)


def _invalid(error: InvalidInput) -> ResponseReturnValue:
    return answer(STATUS_OF_CODE.get(error.code, 422), error.code, error.message, error.field)


def _conflict(error: Conflict) -> ResponseReturnValue:
    return answer(409, error.code, error.message, error.field)


def _forbidden(error: Forbidden) -> ResponseReturnValue:
    return answer(403, error.code, error.message)


def _unavailable(error: Unavailable) -> ResponseReturnValue:
    return _later(error.code, error.message)


def _ledger_changed(error: LedgerChanged) -> ResponseReturnValue:
    """Somebody has been at the tables: nothing is proven or signed until an officer has looked."""
    log.critical("ledger changed: %s", error)
    return answer(503, "ledger_changed", _("台账与已签名的链头不符，已停止签名。%(why)s", why=str(error)))


def _no_database(error: Exception) -> ResponseReturnValue:
    """Gone, full, or busy for too long: nothing was kept."""
    log.error("database unavailable in %s %s: %s", request.method, request.endpoint, getattr(error, "orig", error))
    if "_login_user" not in g:
        # The header would ask the database who this is, and the page that says it is gone would fail with it.
        g._login_user = AnonymousUserMixin()
    return _later("unavailable", _sentence(503))


def _not_storable(error: DataError) -> ResponseReturnValue:
    """A NUL, which PostgreSQL stores nowhere, where nobody asked for it; nothing was kept."""
    log.error("not storable in %s %s: %s", request.method, request.endpoint, type(error.orig).__name__)
    return answer(422, "not_storable", _("内容里有不能保存的字符或数值，没有保存。请修改后重试。"))


def _later(code: str, message: str) -> ResponseReturnValue:
    reply = make_response(answer(503, code, message))
    reply.headers["Retry-After"] = str(RETRY_AFTER_S)
    return reply


def _csrf(error: CSRFError) -> ResponseReturnValue:
    return answer(
        400, "csrf", _("页面已过期或请求不是从本页发出。请刷新后重试；若反复出现，请检查浏览器是否接受本站 Cookie。")
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    if status == 401 and not wants_json() and request.method == "GET" and not request.headers.get("HX-Request"):
        return redirect(url_for("auth.login_page", next=request.full_path.rstrip("?")), 303)
    return answer(status, CODE_OF_STATUS.get(status, "error"), _sentence(status))


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected error in %s %s", request.method, request.endpoint, exc_info=error)
    return answer(500, "internal", _sentence(500))


def _sentence(status: int) -> str:
    sentences = {
        400: _("请求的格式不对。"),
        401: _("请先登录。"),
        403: _("您的角色不能做这件事，或这不是您的案件。"),
        404: _("没有这个页面或记录。"),
        405: _("此地址不接受这种请求。"),
        413: _("内容太大。"),
        429: _("尝试次数过多，请稍后再试。"),
        500: _("系统出错了，已记录。任何消息都没有因此发出。"),
        503: _("数据库暂时不可用，什么都没有保存，也没有任何消息因此发出。请稍后重试。"),
    }
    return str(sentences.get(status) or _("请求没有完成（%(status)s）。", status=status))
