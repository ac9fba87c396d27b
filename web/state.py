"""Everything long-lived of the running application, in one typed object; the one place that reads the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask, current_app

from compliance.database import Database
from web.config import Config

EXTENSION = "zhengyan"
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class State:
    """What views hand to the functions they call."""

    config: Config
    db: Database
    judge: Any
    keys: Any
    clock: Clock
    channels: Mapping[str, Any]


def utc_now() -> datetime:
    return datetime.now(UTC)


def attach(app: Flask, state: State) -> None:
    app.extensions[EXTENSION] = state


def state() -> State:
    """The state of the application that answers the present request."""
    return cast(State, current_app.extensions[EXTENSION])
