"""Headers on every answer, CSRF, and the throttle of the log-in."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from web import throttle
from web.config import Config

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Tabler's form controls are data: images
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000; includeSubDomains"


class PageSessions(SecureCookieSessionInterface):
    """Sessions for pages. Under /api/ there is none: no cookie is read or set there."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/api/"):
            return self.make_null_session(app)
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Pages put off the end of a session. What is asked for beside a page does not: a file, a judgement or a stream
        asked for before a form was sent would bring back the session without the form's notice. What changes the
        session is kept either way."""
        if request.endpoint == "static":
            return False
        return bool(session.modified) if _is_beside_a_page() else super().should_set_cookie(app, session)


def _is_beside_a_page() -> bool:
    """Whether a script of the page asks, for a part of it."""
    return "HX-Request" in request.headers or request.accept_mimetypes.best == "text/event-stream"


class PageLimiter(Limiter):
    """Limits pages. Nothing under /api/ is limited, and to find that out there took as long as to find out who asks."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not request.path.startswith("/api/"):
            super()._check_request_limit(callable_name, in_middleware)


csrf = CSRFProtect()
limiter = PageLimiter(key_func=get_remote_address, storage_uri=f"{throttle.SCHEME}://")


def configure(app: Flask, config: Config) -> None:
    """Cookie flags, CSRF and the throttle; the headers are added last, to error pages too."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="zhengyan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=config.session_lifetime,
        MAX_CONTENT_LENGTH=config.max_request_kb * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        WTF_CSRF_SSL_STRICT=config.cookie_secure,
    )
    app.session_interface = PageSessions()
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    """What the view has set itself stays."""
    set_already = {name.lower() for name, _ in response.headers}
    for name, value in HEADERS.items():
        if name.lower() not in set_already:
            response.headers.add(name, value)
    if request.is_secure and "strict-transport-security" not in set_already:
        response.headers.add("Strict-Transport-Security", HSTS)
    if request.endpoint != "static" and "cache-control" not in set_already:
        response.headers.add("Cache-Control", "no-store")
    return response
