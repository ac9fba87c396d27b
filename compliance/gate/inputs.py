"""What a verdict was decided on, kept beside the words so that it can be decided again and gives the same.

The message's particulars, the facts of the contact and the instant are JSON, compressed: a long history
repeats itself. The words themselves stay where they are (``OutreachText.text``). The digest stands in the ledger.
"""

from __future__ import annotations

import hashlib
import json
import types
import typing
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

import orjson

from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts, ContactPointFacts, NoticeFacts, RequestFacts
from compliance.judge.types import Message

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the judge was given but the words: ``message.text`` is empty here."""

    message: Message
    facts: ContactFacts | None
    at: datetime


def pack_inputs(message: Message, facts: ContactFacts | None, at: datetime) -> bytes:
    """The inputs of a verdict, to be stored: values in a row, and once for each class the names of its fields."""
    rows = orjson.dumps(Inputs(message, facts, at), default=_row, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    return zlib.compress(b'{"fields":%b,"inputs":%b}' % (_HEADER, rows), level=1)


def unpack_inputs(stored: bytes) -> Inputs:
    """What ``pack_inputs`` stored. A fact that was not known of then takes its default.

    Raises:
        ValueError: these are no inputs.
    """
    try:
        written = json.loads(zlib.decompress(stored))
        return _read(Inputs, written["inputs"], written["fields"])
    except (zlib.error, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"what is stored is no inputs of a verdict: {error}") from error


def digest_inputs(stored: bytes) -> str:
    """SHA-256 of the JSON, as the ledger holds it."""
    return hashlib.sha256(zlib.decompress(stored)).hexdigest()


def canonical_json(value: object) -> str:
    """Frozen dataclasses as JSON with a name for every value; instants, days, times and amounts as text."""
    return json.dumps(value, default=_named, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _row(value: Any) -> Any:
    """One step towards JSON, for what the encoder does not know."""
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"no part of a verdict's inputs: {type(value).__name__}")
    return write(value)


def _inputs_row(inputs: Inputs) -> list[Any]:
    """The message's own words stay out."""
    message = list(_WRITERS[Message](inputs.message))
    message[_PLACE_OF_WORDS] = ""
    return [message, inputs.facts, inputs.at]


def _named(value: Any) -> Any:
    if type(value) in _TYPES:
        return {name: getattr(value, name) for name in _NAMES[type(value).__name__]}
    return _row(value)


def _read(kind: type[T], row: Sequence[Any], names: Mapping[str, Sequence[str]]) -> T:
    """A dataclass from its row; fields that it no longer has are passed over."""
    known = _TYPES[kind]
    given = zip(names[kind.__name__], row, strict=True)
    return kind(**{name: _value(known[name], raw, names) for name, raw in given if name in known})


def _value(kind: Any, raw: Any, names: Mapping[str, Sequence[str]]) -> Any:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kinds = [one for one in typing.get_args(kind) if one is not type(None)]
        return None if raw is None else _value(kinds[0], raw, names)
    if typing.get_origin(kind) is tuple:
        parts = typing.get_args(kind)
        one_each = [parts[0]] * len(raw) if parts[-1] is Ellipsis else parts
        return tuple(_value(part, one, names) for part, one in zip(one_each, raw, strict=True))
    if kind in _TYPES:
        return _read(kind, raw, names)
    if kind in (datetime, date, time):
        return kind.fromisoformat(raw)
    return Decimal(raw) if kind is Decimal else raw


_PARTS = (
    Inputs, Message, ContactFacts, ContactPointFacts, AttemptFacts, Agreement, NoticeFacts, RequestFacts
)  # fmt: skip
_TYPES: dict[Any, dict[str, Any]] = {part: typing.get_type_hints(part) for part in _PARTS}
"""Of each class, its fields in order with their types."""
_NAMES = {part.__name__: list(known) for part, known in _TYPES.items()}
_WRITERS: dict[type, Callable[[Any], Any]] = {
    **{part: attrgetter(*known) for part, known in _TYPES.items()},
    **{kind: kind.isoformat for kind in (datetime, date, time)},
    Decimal: str,
}
_WRITERS[Inputs] = _inputs_row
_PLACE_OF_WORDS = _NAMES["Message"].index("text")
_HEADER = orjson.dumps(_NAMES)
