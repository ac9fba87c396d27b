"""Judging the library again when the pack has changed: what no longer passes is withdrawn and its author told.

Words are judged outside of any transaction, and the row is locked only to write the answer down: collectors go on
working while ten thousand scripts are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import Decision
from compliance.judge.wire import verdict_to_dict
from scripts_library.editing import enter, head_of
from scripts_library.models import Script, ScriptVersion
from scripts_library.remarks import tell
from scripts_library.screening import Screened, Screener, screen_wording
from scripts_library.wording import ScriptHead

SYSTEM = "system"
"""The actor of what nobody did by hand."""
LIVING = ("draft", "submitted", "approved")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A version that was in use, or waited for approval, and does not pass any more."""

    key: str
    number: int
    owner: str
    was: str
    """``approved`` (now retired) or ``submitted`` (now a draft again)."""
    why: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """How many versions were judged again, and what was withdrawn."""

    checked: int
    withdrawn: tuple[Withdrawn, ...]


def stale(session: Session, digest: str) -> list[int]:
    """Ids of the versions that were last judged under another pack than the one of this digest."""
    query = select(ScriptVersion.id).where(ScriptVersion.state.in_(LIVING), ScriptVersion.pack_digest != digest)
    return list(session.scalars(query.order_by(ScriptVersion.id)))


def recheck(db: Database, judge: Screener, digest: str, now: datetime, *, everything: bool = False) -> Recheck:
    """Judge again what was judged under another pack; with ``everything`` all that is not retired.

    Safe to run in several processes at once: each version is written once, by whoever comes first.

    Args:
        digest: of the pack that ``judge`` judges by.
    """
    with db.read() as session:
        waiting = stale(session, "" if everything else digest)
    answers = [_recheck_one(db, judge, version_id, now) for version_id in waiting]
    withdrawn = tuple(one for one in answers if one is not None)
    if waiting:
        body = {"checked": len(waiting), "withdrawn": [one.key for one in withdrawn], "pack_digest": digest}
        db.run(lambda session: ledger.append(
            session, at=now, actor=SYSTEM, kind="script:rechecked", subject="scripts", body=body
        ))  # fmt: skip
    return Recheck(len(waiting), withdrawn)


def _recheck_one(db: Database, judge: Screener, version_id: int, now: datetime) -> Withdrawn | None:
    with db.read() as session:
        version = session.get_one(ScriptVersion, version_id)
        head = head_of(session.get_one(Script, version.script_id))
    screened = screen_wording(judge, head, version.say)
    return db.run(lambda session: _write_down(session, judge, head, version, screened, now))


def _write_down(
    session: Session, judge: Screener, head: ScriptHead, seen: ScriptVersion, screened: Screened, now: datetime
) -> Withdrawn | None:
    script = session.scalars(select(Script).where(Script.id == seen.script_id).with_for_update()).one()
    version = session.get_one(ScriptVersion, seen.id, populate_existing=True)
    if version.state not in LIVING:
        return None
    if version.say != seen.say:  # somebody wrote in between
        screened = screen_wording(judge, head, version.say)
    version.verdict, version.pack_digest = verdict_to_dict(screened.verdict), screened.verdict.digest
    if screened.verdict.decision is Decision.ALLOW or version.state == "draft":
        return None
    return _withdraw(session, script, version, screened, now)


def _withdraw(session: Session, script: Script, version: ScriptVersion, screened: Screened, now: datetime) -> Withdrawn:
    why = screened.verdict.findings[0].why
    was = version.state
    version.comment = f"规则包已变，这段话术不再通过：{why} / the pack has changed and these words do not pass any more"
    if was == "approved":
        version.state, version.retired_at = "retired", now
    else:
        version.state = "draft"
    tell(session, version, why, now)
    enter(session, "script:withdrawn", script, version, SYSTEM, now)
    return Withdrawn(script.key, version.number, version.author, was, why)
