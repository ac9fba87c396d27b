"""What became of promises, as far as it can be known here: nobody in this program sees the money come in.

A call that the collector files as paid says that what was promised before was kept. Another promise, made after the day
of one that is still open, says that that one was not. Nothing else says anything.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.models import Call, Promise


def settle_promises(session: Session, call: Call, outcome: str, today: date, now: datetime) -> tuple[Promise, ...]:
    """Settle the open promises of the call's account by how the call ended; those that were, oldest first.

    ``today`` is the day of the call where the debtor lives. The caller holds the call's lock.
    """
    if outcome not in ("paid", "promise"):
        return ()
    still_open = (
        select(Promise)
        .where(Promise.debtor_id == call.debtor_id, Promise.account_id.is_not_distinct_from(call.account_id))
        .where(Promise.kept.is_(None), Promise.call_id.is_distinct_from(call.id))
        .order_by(Promise.recorded_at, Promise.id)
    )
    settled = tuple(one for one in session.scalars(still_open) if outcome == "paid" or one.due < today)
    for promise in settled:
        promise.kept, promise.settled_at = outcome == "paid", now
    return settled
