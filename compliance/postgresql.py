"""Statements that go to PostgreSQL together: sent at once, answered at once, prepared once for each connection.

The driver's cursors take some 60 µs of Python for each statement of a pipeline, and let go of the interpreter's lock
several times; its documented lower level, ``psycopg.pq``, takes a fifth of that and waits once for all. The connection,
how values are written and read (``psycopg.adapt``), and the errors stay the driver's.

Protocol: https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
"""

from __future__ import annotations

import hashlib
import re
import select
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from psycopg import Connection, OperationalError
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_PARAMETER = re.compile(r"%[s%]")
_BINARY, _TEXT = PyFormat.BINARY, PyFormat.TEXT
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_STALE = (InvalidSqlStatementName, FeatureNotSupported)
"""What a server says of a prepared statement that it has no more, or whose tables have changed since."""


class Reply:
    """What a statement is answered with, when its trip is over."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] | None = None
        self.types: list[int] = []
        """The server's number for the type of each column."""

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Raises ``LookupError`` before the trip is over, or where it failed: not to know is not to find nothing."""
        if self._rows is None:
            raise LookupError("the statement has not been answered")
        return self._rows

    def give(self, rows: list[tuple[Any, ...]], types: list[int]) -> None:
        self._rows, self.types = rows, types


class _Text(NamedTuple):
    """A statement as the server takes it."""

    name: bytes
    """Made from the text: where a pooler shares out connections it never means another statement."""
    sql: bytes
    """Its parameters are ``$1``, ``$2``, …"""


class _Asked(NamedTuple):
    text: _Text
    values: Sequence[Buffer | None]
    formats: Sequence[int] | None
    reply: Reply


class Trip:
    """What is added is asked by ``go``, in its order; after one that fails none is run."""

    def __init__(self, driver: Connection[Any], prepared: set[bytes]) -> None:
        """``prepared``: names of the statements that the connection has prepared; grows."""
        self._driver, self._server, self._prepared = driver, driver.pgconn, prepared
        self._adapter = Transformer(driver)
        self._asked: list[_Asked] = []

    def add(self, sql: str, given: Sequence[Any]) -> Reply:
        """``sql`` has its parameters as ``%s``. Raises the driver's error for a value that cannot be sent."""
        text, reply = _numbered(sql), Reply()
        # Without a type, and as text but for bytes: the server takes the type that the statement needs, and a small
        # number makes no other statement than a large one.
        formats = [_BINARY if isinstance(value, bytes) else _TEXT for value in given]
        self._asked.append(_Asked(text, self._adapter.dump_sequence(given, formats), self._adapter.formats, reply))
        return reply

    def go(self, *, commit: bool = False) -> None:
        """Ask what was added, begin a transaction before it where there is none, and wait for the answers. With
        ``commit`` end the transaction after it: where a statement fails, it is still to be rolled back.

        Raises the driver's errors. Where the server has not answered to the end, or not as to what was prepared, the
        connection is closed.
        """
        asked, self._asked = self._asked, []
        if not asked and not commit:
            return
        if self._driver.closed:
            raise OperationalError("the connection is closed")
        try:
            failed = self._ask(asked, commit)
        except BaseException:
            self._driver.close()  # what is still on its way must not be taken for the answer to the next question
            raise
        if failed is not None:
            error = error_from_result(failed)
            if isinstance(error, _STALE):
                self._driver.close()  # the next connection prepares them anew
            raise error

    def _ask(self, asked: Sequence[_Asked], commit: bool) -> PGresult | None:
        """The first answer that is an error."""
        begin = self._begins()
        new = {one.text.name: one.text for one in asked if one.text.name not in self._prepared}
        self._server.enter_pipeline_mode()
        if begin:
            self._server.send_query_params(begin, None)
        for text in new.values():
            self._server.send_prepare(text.name, text.sql)
        for one in asked:
            self._server.send_query_prepared(one.text.name, one.values, one.formats)
        if commit:
            self._server.send_query_params(b"COMMIT", None)
        self._server.pipeline_sync()
        self._flush()
        first = [self._result()] if begin else []
        made = [self._result() for _ in new]
        self._prepared.update(name for name, result in zip(new, made, strict=True) if result.status in _DONE)
        found = [self._result() for _ in asked]
        last = [self._result()] if commit else []
        self._end()
        failed = next((result for result in (*first, *made, *found, *last) if result.status not in _DONE), None)
        if failed is not None:
            return failed
        if any(result.command_status != b"COMMIT" for result in last):  # to the server that is no error
            raise OperationalError("the transaction had failed before, and was rolled back")
        for one, result in zip(asked, found, strict=True):
            self._read(result, one.reply)
        return None

    def _begins(self) -> bytes | None:
        """The driver's word that begins a transaction, where it would say it."""
        if self._driver.autocommit or self._server.transaction_status != TransactionStatus.IDLE:
            return None
        level = self._driver.isolation_level
        return b"BEGIN" if level is None else b"BEGIN ISOLATION LEVEL " + level.name.replace("_", " ").encode()

    def _flush(self) -> None:
        while self._server.flush():
            if self._wait(select.POLLIN | select.POLLOUT) & select.POLLIN:
                self._server.consume_input()

    def _result(self) -> PGresult:
        """The one result of the next statement."""
        result = self._next()
        if result is None or self._next() is not None:
            raise OperationalError("the server has stopped answering")
        return result

    def _end(self) -> None:
        result = self._next()
        if result is None or result.status != ExecStatus.PIPELINE_SYNC:
            raise OperationalError("the server has stopped answering")
        self._server.exit_pipeline_mode()

    def _next(self) -> PGresult | None:
        while self._server.is_busy():
            self._wait(select.POLLIN)
            self._server.consume_input()
        return self._server.get_result()

    def _wait(self, events: int) -> int:
        look = select.poll()
        look.register(self._server.socket, events)
        return look.poll()[0][1]

    def _read(self, result: PGresult, reply: Reply) -> None:
        columns = result.nfields
        if columns:
            self._adapter.set_pgresult(result)
            types = [result.ftype(column) for column in range(columns)]
            reply.give(self._adapter.load_rows(0, result.ntuples, tuple), types)
        else:
            reply.give([], [])


@lru_cache(maxsize=4096)
def _numbered(sql: str) -> _Text:
    numbers = count(1)
    text = _PARAMETER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql).encode()
    return _Text(b"zhengyan_" + hashlib.sha256(text).hexdigest()[:24].encode(), text)
