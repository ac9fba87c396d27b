"""Settings enter the ledger when they differ from before."""

from __future__ import annotations

import json
from datetime import datetime

from compliance import ledger
from compliance.database import Database
from compliance.retrace import publish_settings


def bodies(db: Database) -> list[dict[str, object]]:
    with db.read() as session:
        return [json.loads(entry.body) for entry in ledger.entries(session) if entry.kind == "settings:changed"]


def test_only_what_changed_is_entered(db: Database, now: datetime) -> None:
    first, second = {"port": "5000", "channel": "file"}, {"port": "5000", "channel": "smtp"}
    said = [publish_settings(db, settings, now) for settings in (first, first, second)]
    assert said == [True, False, True]
    assert bodies(db) == [
        {"channel": [None, "file"], "port": [None, "5000"]},
        {"channel": ["file", "smtp"]},
    ]


def test_a_setting_that_is_gone_is_a_change(db: Database, now: datetime) -> None:
    publish_settings(db, {"port": "5000", "old": "x"}, now)
    publish_settings(db, {"port": "5000"}, now)
    assert bodies(db)[-1] == {"old": ["x", None]}
