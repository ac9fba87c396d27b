"""Bringing a database to the present schema, from code: at start, by ``db upgrade``, and for the tests."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from compliance.database import Database

_LOCK = 7_233_942_001
"""Key of the PostgreSQL advisory lock that lets one process migrate at a time; any fixed number will do."""


def upgrade(database_url: str) -> None:
    """Apply every migration that is missing, in one transaction; nothing is changed where any of them fails.

    Two processes that start together wait for each other.

    Raises: the database's error where it cannot be reached or a migration fails.
    """
    database = Database(database_url)
    try:
        with database.write() as session:
            connection = session.connection()
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.dispose()


def is_current(database: Database) -> bool:
    """Whether every migration has been applied."""
    with database.read() as session:
        applied = MigrationContext.configure(session.connection()).get_current_revision()
    return applied == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
