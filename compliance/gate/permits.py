"""Permits on their outreach rows: issued, redeemed once, expired.

Nothing leaves without redeeming one, and redeeming is a compare-and-set on the row under the debtor's lock:

1. read the token: a wrong signature is 403;
2. lock the debtor, read the row;
3. another text, recipient or channel is 403; used is 409; expired is 410;
4. judge again at this minute, the permit's own slot not counted; an objection is 423 and the permit stays;
5. ``permitted`` becomes ``sending`` (a call) or ``sent`` (words handed to somebody else's gateway), the slot
   moves to the day on which it is used, the ledger entry is written, and all of it is committed at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.rows import change, lock_outreach
from compliance.gate.screening import Again, judge_again, local_day
from compliance.gate.tokens import (
    BadPermit,
    Permit,
    PermitKeys,
    RetiredKey,
    digest_recipient,
    digest_text,
    read,
    sign,
)
from compliance.gate.types import DEFAULTS, TEXT_CHANNELS, GateSettings
from compliance.judge import Judge
from compliance.judge.types import Decision, Finding


@dataclass(frozen=True, slots=True)
class Redemption:
    """The answer to a permit: HTTP status, a code and one sentence."""

    status: int
    code: str
    message: str
    outreach: str | None = None
    findings: tuple[Finding, ...] = ()
    next_allowed_at: datetime | None = None
    ledger_seq: int | None = None


FORGED = Redemption(403, "bad_permit", "许可无效。")
RETIRED = Redemption(403, "retired_key", "签发该许可的密钥已停用，请重新提交。")
OTHER_CONTENT = Redemption(403, "other_content", "许可不是给这段内容、这个收件人的。")
USED = Redemption(409, "used", "许可已经使用过。")
EXPIRED = Redemption(410, "expired", "许可已过期。")
NO_LONGER = Redemption(423, "no_longer_allowed", "现在不再允许联系。")
TOO_EARLY = Redemption(423, "too_early", "还没有到许可的时间。")


def make(
    outreach: int,
    channel: str,
    text_digest: str | None,
    recipient: str,
    keys: PermitKeys,
    not_before: datetime,
    settings: GateSettings = DEFAULTS,
) -> dict[str, Any]:
    """Sign a permit: the values of the columns of its outreach. Whole seconds, ``not_before`` rounded down."""
    lasts = settings.text_permit if channel in TEXT_CHANNELS else settings.call_permit
    start = not_before.replace(microsecond=0)
    permit = Permit(
        outreach=outreach,
        text=text_digest or digest_text(None),
        recipient=digest_recipient(recipient, channel),
        channel=channel,
        not_before=start,
        not_after=start + lasts,
        nonce=secrets.token_hex(16),
    )
    return _columns(permit, keys)


def issue(
    outreach: Outreach, recipient: str, keys: PermitKeys, not_before: datetime, settings: GateSettings = DEFAULTS
) -> str:
    """Sign a permit for a permitted outreach and note it on the row."""
    columns = make(outreach.id, outreach.channel, outreach.text_digest, recipient, keys, not_before, settings)
    return _note(outreach, columns)


def renew(outreach: Outreach, permit: Permit, keys: PermitKeys, now: datetime) -> None:
    """A new permit for the same text and recipient as the old one, whose digests are taken from its signature.

    For words that wait on a channel that is down: the wait is not theirs to lose.
    """
    lasts = permit.not_after - permit.not_before
    start = now.replace(microsecond=0)
    fresh = replace(permit, not_before=start, not_after=start + lasts, nonce=secrets.token_hex(16))
    _note(outreach, _columns(fresh, keys))


def redeem(
    db: Database, judge: Judge, token: str, recipient: str, text: str | None, now: datetime, keys: PermitKeys
) -> Redemption:
    """Use a permit: 200 once, else 403, 409, 410 or 423. Every answer to a genuine permit is in the ledger.

    Raises:
        DBAPIError: the database failed; the permit is not used.
    """
    try:
        permit = read(token, keys)
        digests = (digest_text(text), digest_recipient(recipient, permit.channel))
    except RetiredKey:
        return RETIRED
    except (BadPermit, UnicodeEncodeError):
        return FORGED
    return db.run(lambda session: _redeem(session, judge, permit, digests, now))


def refusal(outreach: Outreach, permit: Permit, digests: tuple[str, str], now: datetime) -> Redemption | None:
    """Why a genuine permit cannot be used for these digests of text and recipient now; ``None`` where it can."""
    if (permit.text, permit.recipient) != digests or permit.channel != outreach.channel:
        return OTHER_CONTENT
    if outreach.permit_redeemed_at is not None:
        return USED
    if now > permit.not_after or outreach.state == "expired" or outreach.permit_nonce != permit.nonce:
        return EXPIRED
    if outreach.state != "permitted":
        return NO_LONGER
    return TOO_EARLY if now < permit.not_before else None


def expire_permits(db: Database, now: datetime, *, limit: int = 1_000) -> int:
    """End the permits that ran out unused and give back their slots; how many. One transaction a permit."""
    with db.read() as session:
        ids = session.scalars(
            select(Outreach.id)
            .where(Outreach.state == "permitted", Outreach.permit_expires_at < now)
            .order_by(Outreach.at)
            .limit(limit)
        ).all()
    return sum(db.run(partial(_expire, outreach_id=id_, now=now)) for id_ in ids)


def _columns(permit: Permit, keys: PermitKeys) -> dict[str, Any]:
    return {
        "permit": sign(permit, keys),
        "permit_nonce": permit.nonce,
        "permit_not_before": permit.not_before,
        "permit_expires_at": permit.not_after,
        "permit_redeemed_at": None,
    }


def _note(outreach: Outreach, columns: dict[str, Any]) -> str:
    for name, value in columns.items():
        setattr(outreach, name, value)
    return str(columns["permit"])


def _redeem(session: Session, judge: Judge, permit: Permit, digests: tuple[str, str], now: datetime) -> Redemption:
    debtor, outreach = lock_outreach(session, permit.outreach)
    answer = refusal(outreach, permit, digests, now)
    if answer is None:
        again = judge_again(session, judge, debtor, outreach, now)
        if again.decision is Decision.ALLOW:
            answer = _use(session, debtor, outreach, now)
        else:
            answer = _objection(again)
    return _enter(session, outreach, answer, now)


def _use(session: Session, debtor: Debtor, outreach: Outreach, now: datetime) -> Redemption:
    handed_over = outreach.channel in TEXT_CHANNELS
    used = change(
        session, outreach, "permitted",
        state="sent" if handed_over else "sending",
        permit_redeemed_at=now,
        delivered_at=now if handed_over else None,
        at=now,
        local_day=local_day(debtor, now),
    )  # fmt: skip
    return Redemption(200, "redeemed", "可以联系。") if used else USED


def _objection(again: Again) -> Redemption:
    verdict = again.verdict
    findings = tuple(f for f in verdict.findings if f.decision is Decision.BLOCK) or again.fresh
    return Redemption(
        NO_LONGER.status, NO_LONGER.code, NO_LONGER.message, findings=findings, next_allowed_at=verdict.next_allowed_at
    )


def _enter(session: Session, outreach: Outreach, answer: Redemption, now: datetime) -> Redemption:
    entry = ledger.append(
        session,
        at=now,
        actor="system",
        kind="permit:redeemed" if answer.status == 200 else "permit:refused",
        subject=f"outreach:{outreach.client_id}",
        body={
            "permit": outreach.permit_nonce,
            "status": answer.status,
            "code": answer.code,
            "findings": [finding.rule for finding in answer.findings],
        },
    )
    return Redemption(
        answer.status, answer.code, answer.message, outreach.client_id, answer.findings, answer.next_allowed_at,
        entry.seq,
    )  # fmt: skip


def _expire(session: Session, outreach_id: int, now: datetime) -> bool:
    _, outreach = lock_outreach(session, outreach_id)
    if outreach.permit_expires_at is None or outreach.permit_expires_at >= now:
        return False
    # What a dispatcher has once claimed may have left: its slot stays taken, and an officer sees it.
    state = "failed" if outreach.tries else "expired"
    if not change(session, outreach, "permitted", state=state):
        return False
    body = {"permit": outreach.permit_nonce, "channel": outreach.channel, "state": state}
    subject = f"outreach:{outreach.client_id}"
    ledger.append(session, at=now, actor="system", kind="permit:expired", subject=subject, body=body)
    return True
