"""Settings that the program runs with, entered in the ledger whenever they differ from before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.database import Database
from compliance.retrace.models import SettingsSnapshot


def publish_settings(db: Database, settings: Mapping[str, str], now: datetime, actor: str = "system") -> bool:
    """Keep the settings and enter what changed, if anything did; the first time everything did.

    ``settings`` holds no secret: of one it says only whether there is one.
    Returns: whether anything changed.
    """

    def work(session: Session) -> bool:
        last = session.scalar(select(SettingsSnapshot).order_by(SettingsSnapshot.id.desc()).limit(1))
        before = last.settings if last else {}
        names = sorted(name for name in {*before, *settings} if before.get(name) != settings.get(name))
        if not names:
            return False
        session.add(SettingsSnapshot(at=now, settings=dict(settings)))
        body = {name: [before.get(name), settings.get(name)] for name in names}
        ledger.append(session, at=now, actor=actor, kind="settings:changed", subject="settings", body=body)
        return True

    return db.run(work)
