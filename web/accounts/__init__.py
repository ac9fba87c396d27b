"""Users, passwords, API tokens, roles."""

from web.accounts.models import ROLES, ApiToken, RateCounter, User
from web.accounts.tokens import TokenUser, issue_token, standing, user_of_token
from web.accounts.users import (
    addresses_of_officers,
    create_user,
    record_login,
    set_disabled,
    set_email,
    set_staff_no,
    staff_no_of,
    trainers,
    users,
    verify_password,
)

__all__ = [
    "ROLES",
    "ApiToken",
    "RateCounter",
    "TokenUser",
    "User",
    "addresses_of_officers",
    "create_user",
    "issue_token",
    "record_login",
    "set_disabled",
    "set_email",
    "set_staff_no",
    "staff_no_of",
    "standing",
    "trainers",
    "user_of_token",
    "users",
    "verify_password",
]
