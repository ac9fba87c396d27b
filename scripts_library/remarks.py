"""What is said about versions: remarks of trainers, and notices to the author of what was withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance.judge.types import InvalidInput
from scripts_library.models import Script, ScriptComment, ScriptNotice, ScriptVersion

LONGEST_REMARK = 1000
"""Characters."""


def comment(session: Session, version_id: int, author: str, text: str, now: datetime) -> ScriptComment:
    """Put a remark to a version, in whatever state it is.

    Raises:
        InvalidInput: there is no such version (``not_found``), or the text is empty, too long or not storable.
    """
    if session.get(ScriptVersion, version_id) is None:
        raise InvalidInput("没有这个版本 / there is no such version", code="not_found")
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput("请写下意见 / the remark is empty", field="text")
    if len(text) > LONGEST_REMARK:
        raise InvalidInput(f"意见最多 {LONGEST_REMARK} 个字 / the remark is too long", field="text")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput("含有无法保存的字符 / a character that cannot be stored", field="text")
    remark = ScriptComment(version_id=version_id, author=author, at=now, text=text)
    session.add(remark)
    session.flush()
    return remark


def comments_of(session: Session, script_id: int) -> list[tuple[ScriptComment, int]]:
    """The remarks on all versions of a script with the number of the version, oldest first."""
    query = (
        select(ScriptComment, ScriptVersion.number)
        .join(ScriptVersion, ScriptVersion.id == ScriptComment.version_id)
        .where(ScriptVersion.script_id == script_id)
        .order_by(ScriptComment.id)
    )
    return [(remark, number) for remark, number in session.execute(query)]


def tell(session: Session, version: ScriptVersion, reason: str, now: datetime) -> None:
    """Leave a notice for the author of a version."""
    session.add(ScriptNotice(version_id=version.id, owner=version.author, at=now, reason=reason))


def notices_for(
    session: Session, owner: str, staff: Collection[str]
) -> list[tuple[ScriptNotice, Script, ScriptVersion]]:
    """Unseen notices of ``owner``, newest first, and those whose owner is not of ``staff`` (the trainers who may log
    in): what nobody would read is read by everybody."""
    query = (
        select(ScriptNotice, Script, ScriptVersion)
        .join(ScriptVersion, ScriptVersion.id == ScriptNotice.version_id)
        .join(Script, Script.id == ScriptVersion.script_id)
        .where(ScriptNotice.seen_at.is_(None))
        .where((ScriptNotice.owner == owner) | ScriptNotice.owner.not_in(staff))
        .order_by(ScriptNotice.id.desc())
    )
    return [(notice, script, version) for notice, script, version in session.execute(query)]


def see_notices(session: Session, owner: str, staff: Collection[str], now: datetime) -> None:
    """The notices that ``notices_for`` lists have been read."""
    mine = (ScriptNotice.owner == owner) | ScriptNotice.owner.not_in(staff)
    session.execute(update(ScriptNotice).where(ScriptNotice.seen_at.is_(None), mine).values(seen_at=now))
