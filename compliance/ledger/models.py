"""Tables of the ledger. Entries and signed heads are never changed or removed: triggers refuse it on both databases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base


class LedgerEntry(Base):
    """One act. ``body`` is canonical JSON with masked text and digests; ``hash`` covers all fields and ``prev``."""

    __tablename__ = "ledger_entries"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    """``source:subject:action``-like name, for instance ``outreach:decided``, ``script:approved``."""
    subject: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique within its partition on PostgreSQL."""


class LedgerHead(Base):
    """The one row that is locked to append."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class LedgerTree(Base):
    """The one row that is locked to store nodes of the tree or to sign a head; appending does not wait for it."""

    __tablename__ = "ledger_tree"

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    """Leaves that the stored nodes cover: a multiple of a tile."""


class LedgerNode(Base):
    """The root over a complete tile: of leaves at level 1, of the nodes of the level below at any other."""

    __tablename__ = "ledger_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))


class SignedHead(Base):
    """A head as it was signed and may have been handed out. Hashes, key and signature in hexadecimal."""

    __tablename__ = "ledger_signed_heads"
    __table_args__ = (UniqueConstraint("size", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    """How many entries it covers."""
    root: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    """The chain's hash of the last of them."""
    at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(64))
    """The public key."""
    signature: Mapped[str] = mapped_column(String(128))
