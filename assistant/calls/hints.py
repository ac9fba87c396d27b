"""How much a collector sees during a call: everything, or only what must not be said.

Who has chosen sees what they chose. Who has not sees everything until their record is good, and everything again when
it no longer is. The numbers are house policy, for trainers; no law asks for them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.models import Call, HintSetting
from compliance.judge.types import InvalidInput

LEVELS = ("auto", "all", "red")
RECORD = timedelta(days=60)
"""How far back the record counts."""
CALLS = 30
"""The last so many calls decide; with fewer there is no record yet."""
MOST_RED = 0
MOST_MISSING = 0.5
"""Items left out a call, on average."""


def chosen_level(session: Session, collector: str) -> str:
    """What the collector chose: one of ``LEVELS``."""
    setting = session.get(HintSetting, collector)
    return setting.level if setting is not None else "auto"


def hint_level(session: Session, collector: str, now: datetime) -> str:
    """``all`` or ``red``: what the collector sees now."""
    chosen = chosen_level(session, collector)
    if chosen != "auto":
        return chosen
    query = (
        select(Call.blocks, Call.missing)
        .where(Call.collector == collector, Call.closed_at.is_not(None), Call.started_at >= now - RECORD)
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(CALLS)
    )
    record = session.execute(query).all()
    if len(record) < CALLS:
        return "all"
    red, missing = sum(row.blocks for row in record), sum(row.missing for row in record)
    return "red" if red <= MOST_RED and missing <= MOST_MISSING * CALLS else "all"


def choose_level(session: Session, collector: str, level: str) -> None:
    """Keep what the collector chose. Raises ``InvalidInput`` where there is no such level."""
    if level not in LEVELS:
        raise InvalidInput("没有这种提示设置 / there is no such setting", code="unknown", field="level")
    setting = session.get(HintSetting, collector)
    if setting is None:
        session.add(HintSetting(collector=collector, level=level))
    else:
        setting.level = level
