"""What a command that touches the database needs: settings, a migrated database, the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from compliance.judge.types import InvalidInput

if TYPE_CHECKING:
    from compliance.database import Database
    from web.config import Config


@dataclass(frozen=True, slots=True)
class Edge:
    """An open database and the settings it came from."""

    config: Config
    db: Database

    def now(self) -> datetime:
        return datetime.now(UTC)


def settings() -> Config:
    """Settings from the environment. Raises ``InvalidInput`` with the sentence that names the variable."""
    from web.config import Config, ConfigError

    try:
        return Config.from_env()
    except ConfigError as error:
        raise InvalidInput(str(error), code="config") from error


@contextmanager
def opened(*, migrate: bool = True) -> Iterator[Edge]:
    """The configured database, brought to the present schema."""
    from sqlalchemy.exc import DBAPIError

    from compliance.database import Database
    from compliance.migrations import upgrade

    config = settings()
    config.instance.mkdir(parents=True, exist_ok=True)
    config.unlock()
    try:
        if migrate:
            upgrade(config.database_url)
        db = Database(config.database_url)
        try:
            yield Edge(config, db)
        finally:
            db.dispose()
    except DBAPIError as error:
        click.echo(f"the database cannot be used: {error.orig}", err=True)
        raise SystemExit(2) from error
