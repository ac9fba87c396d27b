"""What an officer decides: a word on each finding, then the item as a whole.

Releasing locks the debtor and screens again with the present clock. A ``block`` cannot be released by anybody;
an objection that has come up since is added to the item, and the officer is asked about it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook import mask_text
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate import permits
from compliance.gate.checking import check_reason
from compliance.gate.models import Outreach
from compliance.gate.record import append_findings
from compliance.gate.rows import change, lock_outreach, recipient_of, text_of
from compliance.gate.screening import judge_again, local_day
from compliance.gate.tokens import PermitKeys, digest_text
from compliance.gate.types import DEFAULTS, Actor, Conflict, Forbidden, GateSettings, Recorded
from compliance.judge import Judge
from compliance.judge.types import Decision, Finding, InvalidInput
from compliance.review.models import FindingDecision, Review
from compliance.review.queue import change_review, enter, held_by, require_officer, unknown_review

FINDING_DECISIONS = ("violation", "compliant", "false_alarm")
"""违规 合规 误报."""


@dataclass(frozen=True, slots=True)
class Release:
    """What releasing came to. ``released`` is false where the present minute objects, for the ``findings``."""

    id: str
    released: bool
    state: str
    permit: str | None = None
    findings: tuple[Finding, ...] = ()
    next_allowed_at: datetime | None = None


def decide_finding(
    db: Database, review_id: int, finding: int, decision: str, reason: str, officer: Actor, now: datetime
) -> None:
    """The officer's word on the finding of this index, which replaces an earlier word until the item is decided.

    Raises:
        InvalidInput: unknown item, finding or decision, or no reason.
        Forbidden: not an officer, or the officer's own submission.
        Conflict: this officer does not hold the item.
    """
    if decision not in FINDING_DECISIONS:
        raise InvalidInput(f"未知结论：{decision[:20]!r}。", code="unknown_decision", field="decision")
    plain = check_reason(reason)
    db.run(lambda session: _decide_finding(session, review_id, finding, decision, plain, officer, now))


def release(
    db: Database,
    judge: Judge,
    review_id: int,
    officer: Actor,
    reason: str,
    now: datetime,
    *,
    keys: PermitKeys,
    settings: GateSettings = DEFAULTS,
) -> Release:
    """Let a held outreach go: a permit is issued, and words join the outbox.

    Raises:
        InvalidInput: unknown item or no reason.
        Forbidden: not an officer, or the officer's own submission.
        Conflict: this officer does not hold it, it is a note, a finding is undecided or was found a violation.
    """
    plain = check_reason(reason)
    return db.run(lambda session: _release(session, judge, review_id, officer, plain, now, keys, settings))


def return_for_rewording(db: Database, review_id: int, officer: Actor, reason: str, now: datetime) -> Recorded:
    """Send a held outreach back to its author to be reworded; its slot is free again. Raises as ``release``."""
    return _close(db, review_id, officer, reason, now, "returned")


def refuse(db: Database, review_id: int, officer: Actor, reason: str, now: datetime) -> Recorded:
    """Refuse a held outreach; its slot is free again. Raises as ``release``."""
    return _close(db, review_id, officer, reason, now, "refused")


def note_decided(db: Database, review_id: int, officer: Actor, reason: str, now: datetime) -> Recorded:
    """Close a flagged note once each of its findings is decided. Raises as ``release``; ``Conflict`` if no note."""
    plain = check_reason(reason)
    return db.run(lambda session: _note_decided(session, review_id, officer, plain, now))


def _decide_finding(
    session: Session, review_id: int, finding: int, decision: str, reason: str, officer: Actor, now: datetime
) -> None:
    _, outreach, _ = _hold(session, review_id, officer)
    findings = outreach.verdict["findings"]
    if not 0 <= finding < len(findings):
        raise InvalidInput("没有这条命中。", code="unknown_finding", field="finding")
    rule = findings[finding]["rule"]
    row = session.scalar(
        select(FindingDecision).where(FindingDecision.review_id == review_id, FindingDecision.finding == finding)
    )
    if row is None:
        row = FindingDecision(review_id=review_id, finding=finding, rule=rule)
        session.add(row)
    row.decision, row.reason = decision, reason
    body: dict[str, object] = {"finding": finding, "rule": rule, "decision": decision, "reason": mask_text(reason)}
    enter(session, outreach, "review:finding_decided", officer, now, body)


def _release(
    session: Session,
    judge: Judge,
    review_id: int,
    officer: Actor,
    reason: str,
    now: datetime,
    keys: PermitKeys,
    settings: GateSettings,
) -> Release:
    review, outreach, debtor = _hold(session, review_id, officer)
    _require_held(outreach)
    _require_decided(session, review, outreach, releasable=True)
    at = max(outreach.at, now)
    again = judge_again(session, judge, debtor, outreach, now, at=at, decided=True)
    words = text_of(session, outreach)
    recipient = recipient_of(session, outreach)
    if recipient is None or digest_text(words.text if words else None) != (outreach.text_digest or digest_text(None)):
        raise Conflict("内容或收件人已被改动或删除，不能放行。", code="changed")
    if again.decision is not Decision.ALLOW:
        if again.fresh:
            append_findings(outreach, words, again.fresh)
        blocking = tuple(f for f in again.verdict.findings if f.decision is Decision.BLOCK)
        findings = (*blocking, *again.fresh)
        rules: list[object] = [finding.rule for finding in findings]
        enter(session, outreach, "review:release_refused", officer, now, {"findings": rules})
        return Release(outreach.client_id, False, outreach.state, None, findings, again.verdict.next_allowed_at)
    _finish(session, review, officer, "released", reason, now)
    change(session, outreach, "held", state="permitted", at=at, local_day=local_day(debtor, at), next_try_at=None)
    permit = permits.issue(outreach, recipient, keys, at, settings)
    body: dict[str, object] = {"reason": mask_text(reason), "permit": outreach.permit_nonce}
    enter(session, outreach, "review:released", officer, now, body)
    return Release(outreach.client_id, True, outreach.state, permit)


def _close(db: Database, review_id: int, officer: Actor, reason: str, now: datetime, state: str) -> Recorded:
    plain = check_reason(reason)

    def work(session: Session) -> Recorded:
        review, outreach, _ = _hold(session, review_id, officer)
        _require_held(outreach)
        _finish(session, review, officer, state, plain, now)
        change(session, outreach, "held", state=state)
        seq = enter(session, outreach, f"review:{state}", officer, now, {"reason": mask_text(plain)})
        return Recorded(outreach.client_id, outreach.state, seq)

    return db.run(work)


def _note_decided(session: Session, review_id: int, officer: Actor, reason: str, now: datetime) -> Recorded:
    review, outreach, _ = _hold(session, review_id, officer)
    if outreach.channel != "note":
        raise Conflict("这不是备注。", code="not_a_note")
    _require_decided(session, review, outreach, releasable=False)
    _finish(session, review, officer, "noted", reason, now)
    seq = enter(session, outreach, "review:noted", officer, now, {"reason": mask_text(reason)})
    return Recorded(outreach.client_id, outreach.state, seq)


def _hold(session: Session, review_id: int, officer: Actor) -> tuple[Review, Outreach, Debtor]:
    """The item, with the debtor locked, if this officer may decide it and holds it."""
    require_officer(officer)
    outreach_id = session.scalar(select(Review.outreach_id).where(Review.id == review_id))
    if outreach_id is None:
        raise unknown_review()
    debtor, outreach = lock_outreach(session, outreach_id)
    review = session.get_one(Review, review_id, populate_existing=True, with_for_update=True)
    if outreach.collector == officer.name:
        raise Forbidden("不能复核自己提交的内容。", code="own_submission")
    if review.state != "taken" or review.officer != officer.name:
        raise Conflict("请先领取这条复核。", code="not_yours")
    return review, outreach, debtor


def _require_held(outreach: Outreach) -> None:
    if outreach.state != "held":
        raise Conflict("这条内容不在待复核状态。", code="not_held")


def _require_decided(session: Session, review: Review, outreach: Outreach, *, releasable: bool) -> None:
    """Each finding that asked for an officer has an answer; for a release none of the answers is a violation."""
    rows = session.scalars(select(FindingDecision).where(FindingDecision.review_id == review.id)).all()
    decided = {row.finding: row.decision for row in rows}
    asked = [i for i, finding in enumerate(outreach.verdict["findings"]) if finding["decision"] != "allow"]
    if not set(asked) <= set(decided):
        raise Conflict("请先对每条命中给出结论。", code="undecided_findings")
    if releasable and "violation" in decided.values():
        raise Conflict("有命中被认定为违规，不能放行；请退回或拒绝。", code="violation_found")


def _finish(session: Session, review: Review, officer: Actor, state: str, reason: str, now: datetime) -> None:
    if not change_review(session, review, held_by(officer), state=state, decided_at=now, reason=reason, seen_at=None):
        raise Conflict("请先领取这条复核。", code="not_yours")
