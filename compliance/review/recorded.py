"""A note that was flagged only for a right nobody had recorded is settled once the request is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.gate.models import Outreach, Review
from compliance.gate.notes import UNRECORDED
from compliance.gate.types import Actor
from compliance.review.queue import change_review, enter


def settle_recorded(session: Session, client_id: str, actor: Actor, now: datetime) -> bool:
    """Close the review of a note whose every finding is a right that is recorded by now, where nobody has taken it;
    whether it was closed. The debtor is locked by whoever recorded the request."""
    row = session.execute(
        select(Review, Outreach)
        .join(Outreach, Outreach.id == Review.outreach_id)
        .where(Outreach.client_id == client_id, Outreach.channel == "note")
    ).one_or_none()
    if row is None:
        return False
    review, outreach = row
    rules = {one["rule"] for one in outreach.verdict["findings"] if one["decision"] != "allow"}
    recorded = {UNRECORDED + one.type for one in rights.requests(session, outreach.debtor_id) if one.at >= outreach.at}
    if not rules <= recorded or not change_review(
        session, review, Review.state == "waiting", state="noted", decided_at=now, reason="已登记为请求"
    ):
        return False
    enter(session, outreach, "review:settled_by_record", actor, now, {"types": sorted(rules)})
    return True
