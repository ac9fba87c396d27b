"""Reading and changing outreach rows: the debtor first, then the row; a change only from the expected state."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from compliance.casebook import lock_debtor
from compliance.casebook.models import ContactPoint, Debtor
from compliance.gate.models import Outreach, OutreachText
from compliance.judge.types import InvalidInput


def lock_outreach(session: Session, outreach_id: int) -> tuple[Debtor, Outreach]:
    """The debtor's row locked in a statement of its own, then the outreach as it is now.

    Raises:
        InvalidInput: there is no such outreach.
    """
    ref = session.scalar(
        select(Debtor.ref).join(Outreach, Outreach.debtor_id == Debtor.id).where(Outreach.id == outreach_id)
    )
    if ref is None:
        raise InvalidInput("没有这条触达记录。", code="unknown_outreach", field="id")
    debtor = lock_debtor(session, ref)
    return debtor, session.get_one(Outreach, outreach_id, populate_existing=True)


def find_outreach(session: Session, client_id: str) -> int:
    """The row id of the outreach with the sender's id.

    Raises:
        InvalidInput: there is none.
    """
    outreach_id = session.scalar(select(Outreach.id).where(Outreach.client_id == client_id))
    if outreach_id is None:
        raise InvalidInput("没有这条触达记录。", code="unknown_outreach", field="id")
    return outreach_id


def change(session: Session, outreach: Outreach, expected: str, **values: Any) -> bool:
    """Compare-and-set: the values are written only if the row is still in the expected state."""
    result = session.execute(
        update(Outreach)
        .where(Outreach.id == outreach.id, Outreach.state == expected)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    changed = cast("CursorResult[Any]", result).rowcount == 1
    session.refresh(outreach)
    return changed


def text_of(session: Session, outreach: Outreach) -> OutreachText | None:
    """The erasable words of an outreach."""
    return session.get(OutreachText, outreach.id)


def recipient_of(session: Session, outreach: Outreach) -> str | None:
    """The number, address or handle as the casebook has it now."""
    if outreach.contact_point_id is None:
        return None
    return session.scalar(select(ContactPoint.value).where(ContactPoint.id == outreach.contact_point_id))
