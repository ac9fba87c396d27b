"""The migrated schema is that of the models."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from compliance.database import Base, Database
from compliance.migrations import is_current, upgrade

ROOT = Path(__file__).parents[3]
ROOMS = ("compliance", "scripts_library", "assistant", "web")


def test_the_migrated_schema_is_that_of_the_models(db: Database) -> None:
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("models.py")):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))  # fills the metadata
    options = {} if db.is_sqlite else {"include_object": is_not_of_a_partition}
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def is_not_of_a_partition(_: object, name: str | None, *__: object) -> bool:
    """Partitions are no models, and each holds the hashes of its own entries to be unique (``test_months``)."""
    return not (name or "").startswith(("ledger_entries_", "uq_ledger_entries_hash"))


def test_a_migrated_database_is_current(db: Database) -> None:
    assert is_current(db)


def test_an_empty_database_is_not_current() -> None:
    empty = Database("sqlite://")
    assert not is_current(empty)
    empty.dispose()


def test_upgrading_twice_changes_nothing(db: Database, database_url: str) -> None:
    with db.write() as session:
        session.execute(text("UPDATE ledger_head SET seq = 7"))
    upgrade(database_url)
    with db.read() as session:
        assert session.execute(text("SELECT seq FROM ledger_head")).scalars().all() == [7]
