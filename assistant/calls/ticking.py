"""What the collector does during a call besides talking: ticks, and suggestions taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.models import Call, CallTick, CallTurn, SuggestionUse
from assistant.calls.reading import lock_call
from compliance.gate.types import Actor, Conflict
from compliance.judge.types import InvalidInput, check_code
from scripts_library.models import ScriptVersion


def tick(desk: Desk, ref: str, item: str, ticked: bool, actor: Actor, now: datetime) -> None:
    """Tick or untick a checklist item by hand; the hand counts more than what was heard.

    Raises:
        InvalidInput: no such call or item.
        Conflict: the call is closed.
    """
    check_code(item, [known.id for known in desk.talk.items], "核对项", code="unknown", field="item")

    def work(session: Session) -> None:
        call = _lock_open(session, ref)
        row = session.scalar(select(CallTick).where(CallTick.call_id == call.id, CallTick.item == item))
        call.revision += 1
        if row is None:
            row = CallTick(call_id=call.id, item=item)
            session.add(row)
        row.ticked, row.revision, row.by, row.at = ticked, call.revision, actor.name, now
        desk.bell.announce(session, ref)

    desk.db.run(work)
    desk.bell.ring(ref)


def take(desk: Desk, ref: str, version_id: int, actor: Actor, now: datetime) -> None:
    """Note that a suggestion was taken; it is not offered again in this call.

    Raises:
        InvalidInput: no such call or script version.
        Conflict: the call is closed, or the script was withdrawn.
    """

    def work(session: Session) -> None:
        call = _lock_open(session, ref)
        version = session.get(ScriptVersion, version_id)
        if version is None:
            raise InvalidInput("没有这条话术 / there is no such script", code="not_found", field="version")
        if version.state != "approved":
            raise Conflict("这条话术已停用，不能再用 / this script was withdrawn", code="withdrawn")
        last = session.scalar(select(func.max(CallTurn.seq)).where(CallTurn.call_id == call.id))
        call.revision += 1
        use = SuggestionUse(
            call_id=call.id, script_version_id=version_id, revision=call.revision, after_seq=last, by=actor.name, at=now
        )
        session.add(use)
        desk.bell.announce(session, ref)

    desk.db.run(work)
    desk.bell.ring(ref)


def _lock_open(session: Session, ref: str) -> Call:
    call = lock_call(session, ref)
    if call.closed_at is not None:
        raise Conflict("这通通话已经结束 / the call is closed", code="closed")
    return call
