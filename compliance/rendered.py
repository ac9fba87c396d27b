"""A statement as one kind of database takes it: rendered once by SQLAlchemy, for one question or for several."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, cast

from sqlalchemy import BindParameter, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse

Convert = Callable[[Any], Any]
SIZES = (2, 4, 8, 16)
"""How many of the same question one statement holds: few forms, so that every connection keeps them prepared."""
_NAMED = re.compile(r"%\((\w+)\)s")
"""A parameter where SQLAlchemy writes them by name."""


def with_values(statement: ExternallyTraversible) -> Any:
    """With what is the same each time in its text: a database is told less, and its planner knows more."""
    return cast(Any, replacement_traverse(statement, {}, _written_out))


def _written_out(element: Any, **_: Any) -> Any:
    """A value of known type that is the same each time, to stand in the text."""
    fixed = isinstance(element, BindParameter) and not element.required and isinstance(element.type, String | Integer)
    return element.render_literal_execute() if fixed else None


class Form:
    """A statement as one kind of database takes it: the text, and how values go in and come out."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - a statement that asks or changes rows
        self._given = given = [name for name, bind in compiled.binds.items() if bind.required]
        # Lists that stand in the statement itself are as long as they will ever be.
        whole = compiled.construct_expanded_state(dict.fromkeys(given))
        binders = {name: _binder(bind.type, dialect) for name, bind in compiled.binds.items()}
        self.sql, self._order = _in_order(whole.statement, whole.positiontup)
        self._adds = compiled.isinsert
        self._dialect = dialect
        self._fixed = {
            name: value if (convert := binders.get(name)) is None else convert(value)
            for name, value in whole.parameters.items()
            if name not in given
        }
        self._binders = [(name, convert) for name in given if (convert := binders[name]) is not None]
        self._types = [column.type for column in getattr(statement, "selected_columns", ())]
        self._readers: list[tuple[int, Convert]] | None = None
        self._repeated: dict[int, str] = {}

    @cached_property
    def _nothing(self) -> tuple[Any, ...]:
        return self.parameters(dict.fromkeys(self._given))

    def parameters(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values as the driver takes them, in order."""
        ready = {**self._fixed, **values}
        for name, convert in self._binders:
            ready[name] = convert(ready[name])
        return tuple([ready[name] for name in self._order])

    def repeated(self, size: int) -> str:
        """The statement so many times in one, each with parameters of its own; the first column tells which of them a
        row answers. Put together as text: to have it compiled takes longer than a group may be kept waiting."""
        known = self._repeated.get(size)
        if known is None:
            parts = (
                f"SELECT {place} AS place, part_{place}.* FROM ({self.sql}) AS part_{place}"  # noqa: S608
                for place in range(size)
            )
            known = self._repeated[size] = " UNION ALL ".join(parts)
        return known

    def parameters_of_each(self, asked: Sequence[Mapping[str, Any]], size: int) -> tuple[Any, ...]:
        """The values for ``repeated``. What is left of the form asks for nothing: few rows have a key of ``NULL``."""
        ready = [self.parameters(values) for values in asked]
        ready += [self._nothing] * (size - len(ready))
        return tuple(chain.from_iterable(ready))

    def written(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Statements that write the rows, in their order, each with the values of all that it is run for. Rows that
        are added share a statement."""
        start = 0
        for size in reversed(SIZES if self._adds else ()):
            while len(rows) - start >= size:
                yield self._adding(size), [self.parameters_of_each(rows[start : start + size], size)]
                start += size
        if start < len(rows):
            yield self.sql, [self.parameters(values) for values in rows[start:]]

    def _adding(self, size: int) -> str:
        known = self._repeated.get(size)
        if known is None:
            head, values, row = self.sql.partition(" VALUES ")
            known = self._repeated[size] = head + values + ", ".join([row] * size)
        return known

    def converted(self, told: Sequence[object], rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """The rows as Python knows their values. ``told``: what the driver says each column is."""
        if self._readers is None:
            found = [_reader(type_, self._dialect, one) for type_, one in zip(self._types, told, strict=True)]
            self._readers = [(index, reader) for index, reader in enumerate(found) if reader is not None]
        if not self._readers:
            return list(rows)
        lists = [list(row) for row in rows]
        for index, convert in self._readers:
            for row in lists:
                row[index] = convert(row[index])
        return list(lists)


def _in_order(sql: str, order: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """The text with its parameters by place, as every driver takes them, and their names in order."""
    if order is None:
        return _NAMED.sub("%s", sql), tuple(_NAMED.findall(sql))
    return sql, tuple(order)


def _binder(type_: Any, dialect: Dialect) -> Convert | None:
    convert: Convert | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _reader(type_: Any, dialect: Dialect, told: object) -> Convert | None:
    convert: Convert | None = type_.dialect_impl(dialect).result_processor(dialect, told)
    return convert
