"""Statements that every request or decision asks: written with SQLAlchemy, rendered once, run by the driver itself.

Such a statement is answered in some microseconds; to have it run by SQLAlchemy took ten times as long. What SQLAlchemy
is used for stays: one source for both databases, the types of the columns, the transaction, the errors and, where
somebody listens to statements, its events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance.rendered import SIZES, Form, with_values

if TYPE_CHECKING:
    from compliance.postgresql import Reply, Trip

Asked = Session | Connection
"""Where a statement runs. What a session has not written yet is written first."""
Row = TypeVar("Row")
listeners = attrgetter("engine.dispatch.before_cursor_execute")
"""Whoever listens to the statements of an engine: they hear of these too."""
_TRIP, _PREPARED = "zhengyan_trip", "zhengyan_prepared"
"""Where a connection of PostgreSQL keeps the trip that is being made, and the names of what it has prepared."""


class Query(Generic[Row]):
    """A statement that reads; ``row`` makes one of its rows from the columns, in their order."""

    def __init__(self, statement: Any, row: Callable[..., Row]) -> None:
        self._statement = _Statement(statement)
        self._row = row

    def all(self, on: Asked, values: Mapping[str, Any]) -> list[Row]:
        """Every row. Raises ``DBAPIError``."""
        (rows,) = self.begin(_connection(on), [values])()
        return rows

    def first(self, on: Asked, values: Mapping[str, Any]) -> Row | None:
        """The first row, or ``None``. Raises ``DBAPIError``."""
        return next(iter(self.all(on, values)), None)

    def each(self, on: Asked, asked: Sequence[Mapping[str, Any]]) -> list[list[Row]]:
        """``all`` for each of ``asked``, at most 16 of them in one statement; the rows of one in any order.

        Raises ``DBAPIError``.
        """
        return self.begin(_connection(on), asked)()

    def begin(
        self, connection: Connection, asked: Sequence[Mapping[str, Any]], *, later: bool = False
    ) -> Callable[[], list[list[Row]]]:
        """Ask as ``each`` does; what gives the rows. ``later``: in ``one_trip``, after which they are there.

        Both raise ``DBAPIError``.
        """
        make, most = self._row, SIZES[-1]
        pieces = [asked[start : start + most] for start in range(0, len(asked), most)]
        begun = [self._statement.begin(connection, piece, later=later) for piece in pieces]
        return lambda: [[make(*row) for row in rows] for reply in begun for rows in reply()]


class Answer(Generic[Row]):
    """What a question of a round has found."""

    def __init__(self) -> None:
        self._rows: list[Row] | None = None

    @property
    def rows(self) -> list[Row]:
        """In any order. Raises ``LookupError`` before the round has been asked: not to know is not to find nothing."""
        if self._rows is None:
            raise LookupError("the question has not been asked yet")
        return self._rows

    def give(self, rows: list[Row]) -> None:
        self._rows = rows


class Round:
    """Questions that need not wait for each other's answers: of one query all are asked in one statement, and the
    statements share a trip to the database."""

    def __init__(self) -> None:
        self._questions: dict[Query[Any], list[tuple[Mapping[str, Any], Answer[Any]]]] = {}

    def add(self, query: Query[Row], values: Mapping[str, Any]) -> Answer[Row]:
        """Where the rows will be when the round has been asked."""
        answer: Answer[Row] = Answer()
        self._questions.setdefault(query, []).append((values, answer))
        return answer

    def ask(self, on: Asked) -> None:
        """Ask everything. Raises ``DBAPIError``."""
        if not self._questions:
            return
        connection = _connection(on)
        with one_trip(connection) as shared:
            replies = [
                query.begin(connection, [values for values, _ in questions], later=shared)
                for query, questions in self._questions.items()
            ]
        for reply, questions in zip(replies, self._questions.values(), strict=True):
            for (_, answer), rows in zip(questions, reply(), strict=True):
                answer.give(rows)
        self._questions.clear()


@contextmanager
def one_trip(connection: Connection, *, last: bool = False) -> Iterator[bool]:
    """Statements of the block go to the database without waiting for each other's answers; whether it can do that.

    It runs them one after another, as ever. After one that failed none is run, and its error is raised at the end of
    the block at the latest; where the block raises, what has not been sent never is. At the end of a block within a
    block the statements of both so far are run. Only statements of this module know of a block: others would overtake
    them. ``last``: nothing else is done in this transaction, so that its commit may go with them. Raises
    ``DBAPIError``.
    """
    if not _travels(connection):
        yield False
        return
    kept = connection.info  # a connection that is gone meanwhile cannot be asked for it any more
    outer: Trip | None = kept.get(_TRIP)
    trip = kept[_TRIP] = outer or _new_trip(connection)
    try:
        yield True
        _go(connection, trip, "several statements", commit=last)
    finally:
        if outer is None:
            del kept[_TRIP]


def _travels(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and not listeners(connection)


def _new_trip(connection: Connection) -> Trip:
    from compliance.postgresql import Trip  # its driver is there only where it is used

    return Trip(cast(Any, connection.connection.driver_connection), connection.info.setdefault(_PREPARED, set()))


def _send(connection: Connection, sql: str, asked: Sequence[Any], *, later: bool = True) -> list[Reply]:
    """Put a statement, once for each of ``asked``, on the trip that is being made, or make one for it. Not ``later``:
    the trip goes now, with all that waits for it. Raises ``DBAPIError``."""
    trip: Trip | None = connection.info.get(_TRIP)
    goes = trip is None or not later
    trip = trip or _new_trip(connection)
    try:
        replies = [trip.add(sql, values) for values in asked]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_does(connection, sql, error) from error
    if goes:
        _go(connection, trip, sql)
    return replies


def _go(connection: Connection, trip: Trip, sql: str, *, commit: bool = False) -> None:
    try:
        trip.go(commit=commit)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_does(connection, sql, error) from error
    except BaseException:
        connection.invalidate()
        raise


class Change:
    """A statement that writes. Every column is given a value each time: the defaults of a model are not looked at."""

    def __init__(self, statement: Any) -> None:
        self._statement = _Statement(statement)

    def run(self, on: Asked, *rows: Mapping[str, Any]) -> None:
        """Once for each of ``rows``, together. Raises ``DBAPIError``."""
        if rows:
            self._statement.write(_connection(on), rows)


class _Statement:
    """A statement, and its form for each kind of database that has been asked. What is the same each time stands in
    its text: a database is told less, and its planner knows more."""

    def __init__(self, statement: Any) -> None:
        self._statement = with_values(statement)
        self._forms: dict[str, Form] = {}

    def begin(
        self, connection: Connection, asked: Sequence[Mapping[str, Any]], *, later: bool
    ) -> Callable[[], list[list[Sequence[Any]]]]:
        """For each of ``asked`` its rows, all by one statement."""
        form = self._form(connection.dialect)
        if len(asked) == 1:
            one = _ask(connection, form.sql, form.parameters(asked[0]), later=later)
            return lambda: [form.converted(one.types, one.rows)]
        size = next(size for size in SIZES if size >= len(asked))
        given = form.parameters_of_each(asked, size)
        reply = _ask(connection, form.repeated(size), given, later=later)
        return lambda: _apart(form, reply, len(asked))

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        form = self._form(connection.dialect)
        if _travels(connection):
            for sql, several in form.written(rows):
                _send(connection, sql, several)
            return
        given = [form.parameters(values) for values in rows]
        if listeners(connection):
            connection.exec_driver_sql(form.sql, given if len(given) > 1 else given[0])
        else:
            _write_here(connection, form.sql, given)

    def _form(self, dialect: Dialect) -> Form:
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = Form(self._statement, dialect)
        return form


@dataclass(frozen=True, slots=True)
class _Found:
    """What a statement is answered with at once."""

    rows: Sequence[Sequence[Any]]
    types: Sequence[object]
    """What the driver says each column is."""


def _ask(connection: Connection, sql: str, given: Any, *, later: bool) -> _Found | Reply:
    """``later``: what it is answered with is there after the trip that is being made. Raises ``DBAPIError``."""
    if _travels(connection):
        (reply,) = _send(connection, sql, [given], later=later)
        return reply
    if listeners(connection):
        result = connection.exec_driver_sql(sql, given)
        assert result.cursor is not None  # noqa: S101 - it reads
        types = [told[1] for told in result.cursor.description]
        return _Found(list(map(tuple, result)), types)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, given)
        return _Found(cursor.fetchall(), [told[1] for told in cursor.description or ()])
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_does(connection, sql, error) from error
    finally:
        cursor.close()


def _write_here(connection: Connection, sql: str, given: Sequence[Any]) -> None:
    cursor = connection.connection.cursor()
    try:
        if len(given) > 1:
            cursor.executemany(sql, given)
        else:
            cursor.execute(sql, given[0])
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_does(connection, sql, error) from error
    finally:
        cursor.close()


def _apart(form: Form, reply: _Found | Reply, count: int) -> list[list[Sequence[Any]]]:
    """The rows of ``count`` questions that one statement asked, each by itself."""
    found: list[list[Sequence[Any]]] = [[] for _ in range(count)]
    for row in reply.rows:
        if row[0] < count:
            found[row[0]].append(row[1:])
    return [form.converted(reply.types[1:], each) for each in found]


def _connection(on: Asked) -> Connection:
    if isinstance(on, Connection):
        return on
    if on.autoflush:
        on.flush()
    return on.connection()


def _as_sqlalchemy_does(connection: Connection, sql: str, error: Exception) -> BaseException:
    """The error as every caller knows it; a connection that is gone is not used again."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    wrapped = DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone,
        dialect=dialect,
    )  # fmt: skip
    if gone:
        connection.invalidate(error)
    return wrapped
