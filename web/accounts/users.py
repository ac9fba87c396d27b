"""Creating users and checking passwords (Argon2id with the library's defaults, RFC 9106 low-memory profile)."""

from __future__ import annotations

import re
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook import is_personal, mask_email
from compliance.judge.types import InvalidInput
from web.accounts.models import ROLES, User

SYSTEM = "system"
"""Who acts where nobody is logged in: the command line, a refused log-in."""
PASSWORD_CHARACTERS = (8, 256)
EMAIL = re.compile(r"[A-Za-z0-9.+_%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
MAX_EMAIL = 200
STAFF_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")
FIRST_STAFF_NO = 1001
"""Where nobody has a number yet."""
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,62}[a-z0-9]")
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
"""Checked when there is no such user, so that the time taken does not tell whether a name exists."""


def create_user(
    session: Session,
    name: str,
    display_name: str,
    role: str,
    password: str,
    now: datetime,
    *,
    lang: str = "zh",
    agency: str | None = None,
    staff_no: str | None = None,
    trained_until: datetime | None = None,
    actor: str = SYSTEM,
) -> User:
    """A new user who can log in; ``actor`` is who creates them. Without a staff number they get the next that is free.

    Raises ``InvalidInput`` for a bad or taken name or number, a bad role or password.
    """
    _check(name, display_name, role, password)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise InvalidInput(f"登录名 {name} 已被使用 / the name {name} is taken", code="conflict", field="name")
    user = User(
        name=name,
        display_name=display_name.strip(),
        staff_no=_checked_staff_no(session, staff_no) if staff_no else _next_staff_no(session),
        role=role,
        password_hash=_hasher.hash(password),
        lang=lang,
        agency=agency,
        trained_until=trained_until,
        created_at=now,
    )
    session.add(user)
    _enter(session, "user:created", name, actor, now, {"role": role, "agency": agency, "staff_no": user.staff_no})
    return user


def _check(name: str, display_name: str, role: str, password: str) -> None:
    if NAME.fullmatch(name) is None:
        raise InvalidInput("登录名须为小写字母、数字、点或横线 / a name is lower-case letters and digits", field="name")
    if not display_name.strip():
        raise InvalidInput("请填写显示姓名 / a display name is needed", field="display_name")
    if role not in ROLES:
        raise InvalidInput(f"角色须为 {', '.join(ROLES)} 之一 / the role is unknown", field="role")
    least, most = PASSWORD_CHARACTERS
    if not least <= len(password) <= most:
        message = f"密码须为 {least} 至 {most} 位 / a password has {least} to {most} characters"
        raise InvalidInput(message, field="password")


def _checked_staff_no(session: Session, number: str, owner: int | None = None) -> str:
    number = number.strip()
    if STAFF_NO.fullmatch(number) is None:
        message = "工号须为 1 至 20 位字母、数字或横线 / a staff number has 1 to 20 letters and digits"
        raise InvalidInput(message, field="staff_no")
    holder = session.scalar(select(User.id).where(User.staff_no == number))
    if holder not in (None, owner):
        message = f"工号 {number} 已被使用 / the staff number {number} is taken"
        raise InvalidInput(message, code="conflict", field="staff_no")
    return number


def _next_staff_no(session: Session) -> str:
    """One more than the highest short number of digits alone."""
    given = (
        int(number) for number in session.scalars(select(User.staff_no)) if len(number) < 10 and number.isdecimal()
    )
    return str(max(given, default=FIRST_STAFF_NO - 1) + 1)


def verify_password(session: Session, name: str, password: str) -> User | None:
    """The user with this name and password, ``None`` where either is wrong or the user is disabled."""
    user = session.scalar(select(User).where(User.name == name))
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return user if user is not None and not user.disabled else None


def users(session: Session) -> list[User]:
    """Everybody, by role and name."""
    return list(session.scalars(select(User).order_by(User.role, User.name)))


def set_disabled(session: Session, user_id: int, disabled: bool, *, actor: str, now: datetime) -> User:
    """Shut a user out, or let them in again; where they are so already, nothing is done or recorded.

    Raises ``InvalidInput`` where there is no such user.
    """
    user = session.get(User, user_id)
    if user is None:
        raise InvalidInput("没有这个用户 / there is no such user", code="not_found")
    if user.disabled != disabled:
        user.disabled = disabled
        _enter(session, "user:disabled" if disabled else "user:enabled", user.name, actor, now, {"role": user.role})
    return user


def set_email(session: Session, name: str, address: str, *, actor: str, now: datetime) -> User:
    """Where a user is reminded by mail; an empty address takes it away.

    Raises ``InvalidInput`` where there is no such user, it is no address, or it is a debtor's.
    """
    user: User | None = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise InvalidInput(f"没有用户 {name} / there is no user {name}", code="not_found", field="name")
    address = address.strip()
    if address and (EMAIL.fullmatch(address) is None or len(address) > MAX_EMAIL):
        raise InvalidInput("请填写邮箱地址 / this is no e-mail address", field="email")
    if address and session.scalar(select(exists().where(is_personal(address)))):
        raise InvalidInput("这是债务人的联系方式 / this address is a debtor's", code="conflict", field="email")
    user.email = address or None
    _enter(session, "user:email_set", name, actor, now, {"address": mask_email(address) if address else None})
    return user


def set_staff_no(session: Session, name: str, number: str, *, actor: str, now: datetime) -> User:
    """The number that a user makes themselves known by from now on; calls keep the one that was told in them.

    Raises ``InvalidInput`` where there is no such user, it is no number, or somebody else has it.
    """
    user: User | None = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise InvalidInput(f"没有用户 {name} / there is no user {name}", code="not_found", field="name")
    number = _checked_staff_no(session, number, user.id)
    if user.staff_no != number:
        before, user.staff_no = user.staff_no, number
        _enter(session, "user:staff_no_set", name, actor, now, {"from": before, "to": number})
    return user


def staff_no_of(session: Session, name: str) -> str | None:
    """The number of whoever has this log-in name, shut out or not: debtors go on naming them."""
    number: str | None = session.scalar(select(User.staff_no).where(User.name == name))
    return number


def addresses_of_officers(session: Session) -> dict[str, str]:
    """The address of every officer who has one and may log in, by login name."""
    query = select(User).where(User.role == "officer", User.disabled.is_(False), User.email.is_not(None))
    return {user.name: user.email or "" for user in session.scalars(query.order_by(User.name))}


def trainers(session: Session) -> list[str]:
    """Login names of the trainers who may log in."""
    return list(session.scalars(select(User.name).where(User.role == "trainer", User.disabled.is_(False))))


def record_login(session: Session, name: str, now: datetime, *, succeeded: bool) -> None:
    """That somebody logged in as ``name``, or was refused.

    A name that nobody has is not kept: people type passwords into the wrong box, and the ledger never forgets.
    """
    user = session.scalar(select(User).where(User.name == name))
    if succeeded:
        _enter(session, "user:logged_in", name, name, now, {})
    else:
        body = {"known": user is not None, "disabled": user.disabled if user else None}
        _enter(session, "user:login_refused", user.name if user else "?", SYSTEM, now, body)


def _enter(session: Session, kind: str, name: str, actor: str, now: datetime, body: dict[str, object]) -> None:
    ledger.append(session, at=now, actor=actor, kind=kind, subject=f"user:{name}", body=body)
