"""The person who is logged in, as the domain knows them."""

from __future__ import annotations

from flask_login import current_user

from compliance.gate.types import Actor
from web.state import state


def actor() -> Actor:
    """The present user. The day up to which training holds is a day of the configured zone."""
    trained = current_user.trained_until
    day = trained.astimezone(state().config.zone).date() if trained else None
    return Actor(name=current_user.name, role=current_user.role, trained_until=day)
