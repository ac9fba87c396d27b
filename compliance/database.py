"""The database: one declarative base, SQLite and PostgreSQL with the same code, explicit write transactions.

Every instant is stored in UTC and comes back aware. A write transaction on SQLite begins with ``BEGIN
IMMEDIATE``: with the driver's default the read before the write sees a snapshot that another writer may
already have outrun, and limits are exceeded.
"""

from __future__ import annotations

import random
import select as select_
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from compliance import quick_json
from compliance.prepared import Query, Round
from compliance.together import Alone, Together

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
T = TypeVar("T")
Opened = TypeVar("Opened")
Item = TypeVar("Item")
Answer = TypeVar("Answer")
JointWork = Callable[["Database", Sequence[Item], bool], Sequence[Answer | Exception | Alone]]
_ALONE: dict[str, dict[str, Any]] = {
    "sqlite": {"zhengyan_alone": True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}
"""How an engine is told to begin no transaction."""
TRIES = 6
"""How often a transaction that lost a race is tried before its error is raised."""
CONNECT_S = 10
"""Seconds after which a PostgreSQL server that does not answer counts as gone."""
IDLE_S = 300
"""Seconds after which PostgreSQL ends a transaction whose process has stopped talking, and lets go of its locks."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; naive values are refused when bound."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BIG = BigInteger().with_variant(Integer(), "sqlite")
"""Whole numbers: 64 bits, for rows are counted for many years. SQLite's own are, and only so named it counts ids."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), int: BIG}  # noqa: RUF012 - SQLAlchemy's own protocol


def table_of(model: type[Base]) -> Table:
    """The table of a model. What is asked of the table is not made into objects, which takes longer than finding it."""
    return cast(Table, model.__table__)


class RowIds:
    """Ids for rows that are about to be added, for whoever must know them before."""

    def __init__(self, table: Table) -> None:
        id_, series = table.c.id, func.generate_series(1, bindparam("count"))
        self._last = Query(select(func.coalesce(func.max(id_), 0)), int)
        # The name that PostgreSQL gives it: to look it up each time takes longer than to count on.
        sequence = text(f"'{table.name}_{id_.name}_seq'")
        self._next = Query(select(func.nextval(sequence, type_=BIG)).select_from(series), int)

    def take(self, connection: Connection, count: int) -> list[int]:
        """So many of them. On SQLite the write transaction keeps everybody else from taking the same."""
        questions = Round()
        taken = self.ask(questions, connection, count)
        questions.ask(connection)
        return taken()

    def ask(self, questions: Round, connection: Connection, count: int) -> Callable[[], list[int]]:
        """``take`` in a round of questions: what gives them when it has been asked."""
        if connection.dialect.name != "sqlite":
            found = questions.add(self._next, {"count": count})
            return lambda: found.rows
        last = questions.add(self._last, {})
        return lambda: list(range(last.rows[0] + 1, last.rows[0] + 1 + count))


class Database:
    """An engine and its two kinds of transaction: ``read()`` and ``write()``."""

    def __init__(self, url: str, *, pool_size: int = 10, timeout_s: float = 30.0) -> None:
        """``timeout_s``: how long to wait for a connection of the pool, and again for a lock, before giving up."""
        self.url = url
        self.timeout_s = timeout_s
        self.engine = _engine(url, pool_size, timeout_s)
        self._alone = self.engine.execution_options(**_ALONE[self.engine.dialect.name])
        self._immediate = self.engine.execution_options(zhengyan_immediate=True)
        self._writing = threading.Lock()
        self._kept: deque[Connection] = deque()
        self._most_kept = pool_size // 2
        self._meetings: dict[Any, Together[Any, Any]] = {}

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that is rolled back at the end."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For statements that read, each on its own: no transaction is begun, nor a session to keep what they find.

        A few connections are kept for it: to take one from the pool and give it back takes longer than most of them.
        """
        connection = self._kept_connection() or self._alone.connect()
        try:
            yield connection
        finally:
            if connection.in_transaction() or connection.invalidated or len(self._kept) >= self._most_kept:
                connection.close()
            else:
                self._kept.append(connection)

    def _kept_connection(self) -> Connection | None:
        """The one that was used last, where there is one that the server has not ended."""
        while self._kept:
            try:
                connection = self._kept.pop()
            except IndexError:  # another thread was faster
                return None
            if self.is_sqlite or not _has_word(connection.connection.dbapi_connection):
                return connection
            connection.invalidate()
            connection.close()
        return None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back when anything is raised."""
        with self._turn(), Session(self._immediate, expire_on_commit=False) as session, session.begin():
            if self.is_sqlite:
                session.connection()  # the lock comes before anything is read
            yield session

    @contextmanager
    def write_rows(self) -> Iterator[Connection]:
        """As ``write``, for whoever needs no objects: a session costs as much as several statements."""
        with self._turn(), self._immediate.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Threads of one process write to SQLite in turns: whoever finds the file locked sleeps up to 0.1 s a look.

        Whether it may write is still for ``BEGIN IMMEDIATE`` to say, whoever else writes; so also after a wait in vain.
        """
        if not self.is_sqlite:
            yield
            return
        mine = self._writing.acquire(timeout=self.timeout_s)
        try:
            yield
        finally:
            if mine:
                self._writing.release()

    def run(self, work: Callable[[Session], T]) -> T:
        """``work`` in a write transaction, tried again (bounded, with jitter) when it lost a race.

        Raises: whatever ``work`` raises, and the last database error after ``TRIES`` tries or ``timeout_s``.
        """
        return self._tried(self.write, work)

    def run_rows(self, work: Callable[[Connection], T]) -> T:
        """As ``run``, without a session."""
        return self._tried(self.write_rows, work)

    def _tried(self, opened: Callable[[], AbstractContextManager[Opened]], work: Callable[[Opened], T]) -> T:
        begun = time.monotonic()
        for attempt in range(1, TRIES + 1):
            try:
                with opened() as at_work:
                    return work(at_work)
            except DBAPIError as error:
                if attempt == TRIES or not _lost_race(error) or time.monotonic() - begun > self.timeout_s:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def together(self, work: JointWork[Item, Answer], item: Item, key: Hashable) -> Answer:
        """``work`` on ``item``, in one go with what other threads bring to the same work (``compliance.together``)."""
        meeting = self._meetings.get(work)
        if meeting is None:
            meeting = self._meetings.setdefault(work, Together(partial(work, self)))
        return cast(Answer, meeting.do(item, key))

    def ping(self) -> bool:
        """Whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def dispose(self) -> None:
        while self._kept:
            self._kept.pop().close()
        self.engine.dispose()


def _lost_race(error: DBAPIError) -> bool:
    """SQLite busy, PostgreSQL serialisation failure (40001) or deadlock (40P01)."""
    state = getattr(error.orig, "sqlstate", None)
    if state in {"40001", "40P01"}:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def _engine(url: str, pool_size: int, timeout_s: float) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # The connection that was used last is used next: what it has read and prepared is still at hand.
    pool: dict[str, Any] = {
        "pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": timeout_s, "pool_use_lifo": True,
    }  # fmt: skip
    if not url.startswith("sqlite"):
        limits = {"lock_timeout": int(timeout_s * 1000), "idle_in_transaction_session_timeout": IDLE_S * 1000}
        options = " ".join(f"-c {name}={value}" for name, value in limits.items())
        # The driver prepares nothing: to forget its own, it has the server forget ours too (``compliance.postgresql``).
        arguments = {"connect_timeout": CONNECT_S, "options": options, "prepare_threshold": None}
        engine = create_engine(url, connect_args=arguments, json_serializer=quick_json.dumps, **pool)
        event.listen(engine, "checkout", _refuse_ended)
        return engine
    waits = {"timeout": timeout_s}
    engine = create_engine(url, connect_args=waits, json_serializer=quick_json.dumps, **_pool_of_sqlite(url, pool))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_ended(connection: Any, _record: Any, _proxy: Any) -> None:
    """A server that has ended an idle connection has left word there: the pool then opens another.

    Asked of this machine, not of the server, which would have one more question to answer for every transaction.
    """
    if _has_word(connection):
        raise DisconnectionError("the server has ended this connection")


def _has_word(connection: Any) -> bool:
    """Whether something is to be read on a connection that has been asked nothing."""
    look = select_.poll()
    look.register(connection.fileno(), select_.POLLIN)
    return bool(look.poll(0))


def _pool_of_sqlite(url: str, pool: dict[str, Any]) -> dict[str, Any]:
    """A database in memory lives in its one connection."""
    return {} if make_url(url).database in (None, "", ":memory:") else pool


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("zhengyan_alone"):
        return
    immediate = options.get("zhengyan_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
