"""Where a conversation goes on from a script, and from where it comes to it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, cast
from sqlalchemy.orm import Session

from scripts_library.models import Script, ScriptVersion
from scripts_library.searching import newest_versions


@dataclass(frozen=True, slots=True)
class Step:
    """From one script to another. ``script`` is ``None`` where the key is nobody's; ``version`` is its newest."""

    answer: str
    key: str
    script: Script | None
    version: ScriptVersion | None


def steps_from(session: Session, version: ScriptVersion) -> list[Step]:
    """With which scripts to go on, in the order of the version."""
    keys = {key for _, key in version.branches}
    query = newest_versions().where(Script.key.in_(keys))
    by_key = {script.key: (script, newest) for script, newest in session.execute(query)} if keys else {}
    return [Step(answer, key, *by_key.get(key, (None, None))) for answer, key in version.branches]


def steps_to(session: Session, key: str) -> list[Step]:
    """The scripts whose newest version leads to ``key``, by key."""
    query = newest_versions().where(cast(ScriptVersion.branches, Text).contains(f'"{key}"', autoescape=True))
    return [
        Step(answer, script.key, script, version)
        for script, version in session.execute(query.order_by(Script.key))
        for answer, target in version.branches
        if target == key
    ]
