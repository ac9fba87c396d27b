"""Tables of what was in force: the packs that have judged, and the settings that the program ran with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base


class PackSnapshot(Base):
    """A pack and the learned reader beside it, byte for byte. Never changed; the ledger holds the digest."""

    __tablename__ = "pack_snapshots"
    __table_args__ = (Index("ix_pack_snapshots_pack_digest", "pack_digest"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 over the names and contents of all files."""
    pack: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(40))
    pack_digest: Mapped[str] = mapped_column(String(64))
    """The digest that verdicts name."""
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """A ZIP file."""


class SettingsSnapshot(Base):
    """The settings from then on. Of a secret it says only whether there is one."""

    __tablename__ = "settings_snapshots"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
