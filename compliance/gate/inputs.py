"""What a verdict was decided on, kept beside the words so that it can be decided again and gives the same.

The message's particulars, the facts of the contact and the instant are canonical JSON, compressed: a long history
repeats itself. The words themselves stay where they are (``OutreachText.text``). The digest stands in the ledger.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from compliance.judge.facts import ContactFacts
from compliance.judge.types import Message

T = TypeVar("T")
_TYPES: dict[Any, dict[str, Any]] = {}
_AS_IT_IS = frozenset({str, int, bool, float, type(None)})


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the judge was given but the words: ``message.text`` is empty here."""

    message: Message
    facts: ContactFacts | None
    at: datetime


def pack_inputs(message: Message, facts: ContactFacts | None, at: datetime) -> bytes:
    """The inputs of a verdict, to be stored."""
    inputs = Inputs(dataclasses.replace(message, text=""), facts, at)
    return zlib.compress(canonical_json(inputs).encode(), level=1)


def unpack_inputs(stored: bytes) -> Inputs:
    """What ``pack_inputs`` stored. A fact that was not known of then takes its default.

    Raises:
        ValueError: these are no inputs.
    """
    try:
        return _read(Inputs, json.loads(zlib.decompress(stored)))
    except (zlib.error, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"what is stored is no inputs of a verdict: {error}") from error


def digest_inputs(stored: bytes) -> str:
    """SHA-256 of the canonical JSON, as the ledger holds it."""
    return hashlib.sha256(zlib.decompress(stored)).hexdigest()


def canonical_json(value: object) -> str:
    """Frozen dataclasses as JSON: keys sorted, no blanks; instants, days, times and amounts as text."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if type(value) in _AS_IT_IS:
        return value
    if dataclasses.is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _types_of(type(value))}
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    raise TypeError(f"no part of a verdict's inputs: {type(value).__name__}")


def _read(kind: type[T], raw: Mapping[str, Any]) -> T:
    """A dataclass from its JSON; fields that it no longer has are passed over."""
    return kind(**{name: _value(type_, raw[name]) for name, type_ in _types_of(kind).items() if name in raw})


def _value(kind: Any, raw: Any) -> Any:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kinds = [one for one in typing.get_args(kind) if one is not type(None)]
        return None if raw is None else _value(kinds[0], raw)
    if typing.get_origin(kind) is tuple:
        parts = typing.get_args(kind)
        one_each = [parts[0]] * len(raw) if parts[-1] is Ellipsis else parts
        return tuple(_value(part, one) for part, one in zip(one_each, raw, strict=True))
    if dataclasses.is_dataclass(kind):
        return _read(typing.cast(type[Any], kind), raw)
    if kind in (datetime, date, time):
        return kind.fromisoformat(raw)
    return Decimal(raw) if kind is Decimal else raw


def _types_of(kind: Any) -> dict[str, Any]:
    """The fields of a dataclass with their types; found once a class, since finding them takes its time."""
    if kind not in _TYPES:
        known = typing.get_type_hints(kind)
        _TYPES[kind] = {field.name: known[field.name] for field in dataclasses.fields(kind)}
    return _TYPES[kind]
