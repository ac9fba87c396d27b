"""Personal fields sealed at rest: AES-256-GCM with keys outside the database, found again by a keyed hash.

A sealed value is ``v1.KEY.BASE64``: the key's id, then nonce and ciphertext, bound to the column it stands in. The same
value sealed twice looks different, so a column is searched by the HMAC-SHA256 of the value that stands beside it. Of a
column of bytes the ciphertext stands as it is; of a JSON column the sealed value is a JSON string.

The keys of a process are set once, at the edge (``use_keys``), or read from ``ZHENGYAN_DATA_KEYS``; without any, sealed
columns can be neither written nor read. Nothing is ever stored in the clear for want of a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    cast,
    func,
    literal,
    or_,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import OperatorType, eq, is_, is_not

from compliance import quick_json

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
VARIABLE = "ZHENGYAN_DATA_KEYS"


class SealingError(RuntimeError):
    """A sealed value cannot be read, or there is no key. Never says what the value is."""


@dataclass(frozen=True)
class DataKeys:
    """Keys by id. The first seals, all of them open."""

    keys: dict[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {id_: AESGCM(_derive(key, b"seal")) for id_, key in self.keys.items()})

    @classmethod
    def parse(cls, text: str) -> DataKeys:
        """``id=key,id=key``, each key 64 hexadecimal digits.

        Raises:
            ValueError: saying what it must look like; no part of a key is repeated.
        """
        pairs = [part.strip().partition("=") for part in text.replace("\n", ",").split(",") if part.strip()]
        try:
            keys = {id_: bytes.fromhex(key) for id_, _, key in pairs}
        except ValueError as error:
            raise ValueError("must be id=key pairs with keys of 64 hexadecimal digits") from error
        sound = all(id_.isascii() and id_.isalnum() and len(key) == KEY_BYTES for id_, key in keys.items())
        if not keys or not sound or len(keys) != len(pairs):
            raise ValueError("must be id=key pairs with keys of 64 hexadecimal digits")
        return cls(keys)

    @property
    def first(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.keys))

    def seal(self, value: str, purpose: str) -> str:
        """``value`` sealed with the first key for the column that ``purpose`` names."""
        return f"{VERSION}.{self.first}.{base64.urlsafe_b64encode(self._encrypt(value.encode(), purpose)).decode()}"

    def seal_bytes(self, value: bytes, purpose: str) -> bytes:
        """As ``seal``, for a column of bytes."""
        return f"{VERSION}.{self.first}.".encode() + self._encrypt(value, purpose)

    def unseal(self, sealed: str, purpose: str) -> str:
        """What was sealed.

        Raises:
            SealingError: it is not sealed, by none of these keys, for another column, or was changed.
        """
        version, _, rest = sealed.partition(".")
        id_, _, encoded = rest.partition(".")
        try:
            raw = base64.urlsafe_b64decode(encoded) if version == VERSION else b""
        except ValueError as error:
            raise SealingError(f"a value of {purpose} was changed, or belongs elsewhere") from error
        return self._decrypt(version, id_, raw, purpose).decode()

    def unseal_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """What ``seal_bytes`` sealed. Raises as ``unseal`` does."""
        version, _, rest = bytes(sealed).partition(b".")
        id_, _, raw = rest.partition(b".")
        return self._decrypt(version.decode("latin-1"), id_.decode("latin-1"), raw, purpose)

    def hash(self, value: str) -> str:
        """The keyed hash of a value under the first key, to be stored beside it."""
        return self.hashes(value)[0]

    def hashes(self, value: str) -> list[str]:
        """The keyed hashes under every key, the first key's first: all are looked for while keys change."""
        searching = (_derive(key, b"search") for key in self.keys.values())
        return [hmac.new(key, value.encode(), hashlib.sha256).hexdigest() for key in searching]

    def _encrypt(self, value: bytes, purpose: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher(self.first).encrypt(nonce, value, purpose.encode())

    def _decrypt(self, version: str, id_: str, raw: bytes, purpose: str) -> bytes:
        if version != VERSION or id_ not in self.keys:
            raise SealingError(f"a value of {purpose} is sealed with no key that is known here")
        try:
            return self._cipher(id_).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealingError(f"a value of {purpose} was changed, or belongs elsewhere") from error

    def _cipher(self, id_: str) -> AESGCM:
        ciphers: dict[str, AESGCM] = self.__dict__["_ciphers"]
        return ciphers[id_]


_in_use: list[DataKeys] = []


def use_keys(keys: DataKeys) -> None:
    """Set the keys of this process."""
    _in_use[:] = [keys]


def keys_in_use() -> DataKeys:
    """The keys of this process.

    Raises:
        SealingError: none were set, and the environment has none.
    """
    if not _in_use:
        given = os.environ.get(VARIABLE)
        if given is None:
            raise SealingError(f"no key for personal data is known: set {VARIABLE}")
        _in_use.append(DataKeys.parse(given))
    return _in_use[0]


class _Uncompared(TypeDecorator.Comparator[Any]):
    """Refuses what would silently find nothing. Columns may be told from each other, as SQLAlchemy itself does."""

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
        of_columns = op is eq and isinstance(other[0], Column)
        if op not in (is_, is_not) and not of_columns:
            raise TypeError("a sealed column is not compared: look for its hash")
        return super().operate(op, *other, **kwargs)


class Sealed(TypeDecorator[str]):
    """A text that the database holds sealed. It cannot be compared in SQL: the hash beside it can.

    ``unreadable``: what a value that cannot be opened reads as, where that is said; otherwise it is an error.
    """

    impl = Text
    cache_ok = True
    comparator_factory = _Uncompared

    def __init__(self, purpose: str, *, unreadable: str | None = None) -> None:
        super().__init__()
        self.purpose = purpose
        self.unreadable = unreadable

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keys_in_use().seal(value, self.purpose)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        try:
            return None if value is None else keys_in_use().unseal(value, self.purpose)
        except SealingError:
            if self.unreadable is None:
                raise
            return self.unreadable


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that the database holds sealed."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _Uncompared

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keys_in_use().seal_bytes(value, self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keys_in_use().unseal_bytes(value, self.purpose)


class SealedJson(TypeDecorator[Any]):
    """JSON that the database holds sealed, as a JSON string. What is empty stands as it is."""

    impl = JSON
    cache_ok = True
    comparator_factory = _Uncompared

    def __init__(self, purpose: str) -> None:
        super().__init__(none_as_null=True)
        self.purpose = purpose

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value in (None, [], {}):
            return value
        return keys_in_use().seal(quick_json.dumps(value), self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value in (None, [], {}):
            return value
        if not isinstance(value, str):
            raise SealingError(f"a value of {self.purpose} is not sealed")
        return json.loads(keys_in_use().unseal(value, self.purpose))


SEALED_TYPES = (Sealed, SealedBytes, SealedJson)


def sealed_columns(metadata: MetaData) -> Iterator[Column[Any]]:
    """Every sealed column of the tables that are known. One that is searched names the column of its hash
    (``info["hash"]``)."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.c if isinstance(column.type, SEALED_TYPES))


def is_empty(column: Column[Any]) -> ColumnElement[bool]:
    """Whether a sealed column holds nothing that would have to be sealed."""
    if isinstance(column.type, SealedJson):
        return or_(column.is_(None), cast(type_coerce(column, JSON()), Text).in_(("[]", "{}")))
    return column.is_(None)


def is_sealed_with(column: Column[Any], key: str) -> ColumnElement[bool]:
    """Whether a value of a sealed column is sealed with the key of this id; asked of what is stored."""
    start = f"{VERSION}.{key}."
    if isinstance(column.type, SealedBytes):
        raw: ColumnElement[Any] = type_coerce(column, LargeBinary())
        return func.substr(raw, 1, len(start)) == literal(start.encode(), LargeBinary())
    if isinstance(column.type, SealedJson):
        return cast(type_coerce(column, JSON()), Text).startswith(f'"{start}', autoescape=True)
    return type_coerce(column, Text()).startswith(start, autoescape=True)


def _derive(key: bytes, use: bytes) -> bytes:
    """A key for one use alone."""
    return hmac.new(key, b"zhengyan-" + use, hashlib.sha256).digest()
