"""Users, passwords, API tokens, roles."""

from web.accounts.models import ROLES, ApiToken, User
from web.accounts.tokens import TokenUser, issue_token, user_of_token
from web.accounts.users import create_user, record_login, set_disabled, users, verify_password

__all__ = [
    "ROLES",
    "ApiToken",
    "TokenUser",
    "User",
    "create_user",
    "issue_token",
    "record_login",
    "set_disabled",
    "user_of_token",
    "users",
    "verify_password",
]
