"""API tokens: shown once, kept as a SHA-256 (a 256-bit random value needs no slow hash)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized

from compliance import ledger
from compliance.gate import Condition, Unavailable
from compliance.prepared import Asked, Query
from web.accounts.models import ApiToken, User
from web.accounts.users import SYSTEM

TOKEN_PREFIX = "zy_"  # noqa: S105 - makes a leaked token recognisable, is not a secret


@dataclass(frozen=True)
class TokenUser(UserMixin):  # type: ignore[misc]
    """Who a token stands for, as far as the API asks. Not the row: making one took longer than finding it."""

    id: int
    name: str
    role: str
    lang: str
    trained_until: datetime | None


_OWNER = Query(
    select(User.id, User.name, User.role, User.lang, User.trained_until)
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(ApiToken.digest == bindparam("digest"), ApiToken.revoked_at.is_(None), User.disabled.is_(False)),
    TokenUser,
)


def issue_token(session: Session, user: User, now: datetime) -> str:
    """A new token of ``user``; the only time its text is known."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(ApiToken(user_id=user.id, digest=_digest(token), created_at=now))
    ledger.append(
        session, at=now, actor=SYSTEM, kind="token:issued", subject=f"user:{user.name}", body={"role": user.role}
    )
    return token


def user_of_token(on: Asked, token: str) -> TokenUser | None:
    """Who the token stands for; ``None`` where it is unknown, revoked, or the user is disabled.

    Asked of the database each time: what is revoked is revoked at once, in every process. Where nothing is recorded,
    or the same is asked again within the transaction (``standing``), the answer may be used again for a second
    (``web.auth.lately``).
    """
    return _OWNER.first(on, {"digest": _digest(token)})


def standing(token: str, user: TokenUser) -> Condition:
    """That the token is still good, and its user who they were a moment ago."""

    def refusal(rows: Sequence[TokenUser]) -> Exception | None:
        if not rows:
            return Unauthorized()
        now = rows[0]
        if (now.name, now.role, now.trained_until) == (user.name, user.role, user.trained_until):
            return None
        return Unavailable("您的账号刚刚有变动，请再试一次。", code="account_changed")

    return Condition(_OWNER, {"digest": _digest(token)}, refusal)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
