"""Tables of people who log in, and their API tokens."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base

ROLES = ("collector", "officer", "trainer", "admin")


class User(Base, UserMixin):  # type: ignore[misc]
    """Somebody with one role. ``password_hash`` is Argon2id."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_staff_no", "staff_no", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    staff_no: Mapped[str] = mapped_column(String(20))
    """The number that is told to debtors with the display name. The log-in name is told to nobody."""
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(5), default="zh")
    agency: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(200))
    """Where an officer is reminded by mail."""
    trained_until: Mapped[datetime | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def is_active(self) -> bool:
        return not self.disabled

    def get_id(self) -> str:
        """What the session cookie holds: a changed password ends every session of its user."""
        return f"{self.id}:{hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]}"


class ApiToken(Base):
    """Only the SHA-256 of a token is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RateCounter(Base):
    """How often somebody asked in a window of time. ``key`` is a keyed hash: no address is kept."""

    __tablename__ = "rate_counters"
    __table_args__ = (Index("ix_rate_counters_until", "until"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime]
