"""A note that tells of a right the debtor invoked, while no such request is recorded, is itself flagged; so is the note
of a call that was made without a permit, and that of a visit which did not go as it must."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger, rights
from compliance.gate.models import Outreach, OutreachText, Review
from compliance.gate.record import append_findings
from compliance.gate.rows import find_outreach, lock_outreach
from compliance.judge.types import Decision, Finding

UNRECORDED = "gate.right_unrecorded."
"""Before the type of request, the rule of such a finding."""

UNPERMITTED = "gate.call_unpermitted"


def flag_unrecorded(session: Session, outreach: Outreach, now: datetime) -> None:
    """Add a finding for each right that a stored note mentions and that is not open as a request; the note then waits
    for an officer. The debtor is locked. What the judge decided about the note stays as it is."""
    words = session.get_one(OutreachText, outreach.id)
    recorded = {request.type for request in rights.open_requests(session, outreach.debtor_id)}
    heard = [one for one in rights.propose(words.text or "") if one.type not in recorded]
    if not heard:
        return
    names = rights.clocks_of().requests
    append_findings(outreach, words, tuple(_finding(one, names[one.type].label) for one in heard))
    if session.scalar(select(Review.id).where(Review.outreach_id == outreach.id)) is None:
        session.add(Review(outreach_id=outreach.id, created_at=now, state="waiting"))
    types: list[object] = [one.type for one in heard]
    subject, body = f"outreach:{outreach.client_id}", {"types": types}
    ledger.append(session, at=now, actor=outreach.collector, kind="note:right_unrecorded", subject=subject, body=body)


def flag_unpermitted(session: Session, client_id: str, now: datetime) -> None:
    """Put a stored note of a call that was made without a permit before the officers, once."""
    why = "外呼未获许可，但线路已经接通，须由合规专员核查。"
    finding = Finding(rule=UNPERMITTED, category="permit", decision=Decision.REVIEW, why=why)
    flag(session, client_id, (finding,), "note:unpermitted_call", now)


def flag(session: Session, client_id: str, findings: tuple[Finding, ...], kind: str, now: datetime) -> None:
    """Put a stored note before the officers for what it tells of, each finding once. ``kind`` is that of the entry."""
    _, outreach = lock_outreach(session, find_outreach(session, client_id))
    known = {one["rule"] for one in outreach.verdict["findings"]}
    fresh = tuple(finding for finding in findings if finding.rule not in known)
    if not fresh:
        return
    append_findings(outreach, session.get_one(OutreachText, outreach.id), fresh)
    if session.scalar(select(Review.id).where(Review.outreach_id == outreach.id)) is None:
        session.add(Review(outreach_id=outreach.id, created_at=now, state="waiting"))
    subject = f"outreach:{client_id}"
    body: dict[str, object] = {"findings": [finding.rule for finding in fresh]}
    ledger.append(session, at=now, actor=outreach.collector, kind=kind, subject=subject, body=body)


def _finding(heard: rights.ProposedRequest, name: str) -> Finding:
    return Finding(
        rule=UNRECORDED + heard.type,
        category="rights",
        decision=Decision.REVIEW,
        why=f"备注提到债务人的主张（{name}），但没有登记为请求。",
        span=heard.span,
    )
