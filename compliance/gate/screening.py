"""From rows to the judge and back: what a message is, what is known about its debtor, and judging it safely."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from compliance.casebook import AccountRow, DebtorRow, PointRow, get_account, load_facts, stage_of
from compliance.casebook.models import Account, ContactPoint, Debtor
from compliance.database import table_of
from compliance.gate.checking import check_clock
from compliance.gate.models import COUNTED, Outreach, OutreachText, Review
from compliance.gate.paying import ask_pays
from compliance.gate.types import DEFAULTS, GateSettings
from compliance.judge import Judge
from compliance.judge.facts import RELATIONS, AttemptFacts, ContactFacts
from compliance.judge.types import Decision, Finding, Message, Verdict, strictest
from compliance.prepared import Answer, Asked, Query, Round

log = logging.getLogger(__name__)

AUDIENCE_OF = {"self": "debtor", "liable_third_party": "liable_third_party", "other_third_party": "other_third_party"}
NOT_REACHED = ("no_answer", "busy", "invalid_number", "powered_off", "undelivered", "wrong_number")
"""Outcomes after which the person has still not been contacted."""
JUDGE_FAILED = Finding(
    rule="gate.judge_failed",
    category="permit",
    decision=Decision.BLOCK,
    why="审核程序出错，未能作出判断，本次内容不予发出；请联系合规人员。",
    source="contact",
)
RELATION_UNKNOWN = Finding(
    rule="gate.relation_unknown",
    category="third_party",
    decision=Decision.REVIEW,
    why="联系人与债务人的关系未登记，按第三人处理，须经合规复核。",
    source="contact",
)


@dataclass(frozen=True, slots=True)
class Case:
    """The rows that one outreach is about. ``contact_point`` is ``None`` for a note."""

    debtor: Debtor | DebtorRow
    account: Account | AccountRow | None
    contact_point: ContactPoint | PointRow | None

    @property
    def audience(self) -> str:
        """Who hears it; a relation that is not known counts as a third party."""
        if self.contact_point is None:
            return "internal"
        return AUDIENCE_OF.get(self.contact_point.relation or "", "other_third_party")


def judge_safely(judge: Judge, message: Message, facts: ContactFacts | None, at: datetime) -> Verdict:
    """The judge's verdict; whatever it raises becomes a ``block`` that says so, and never a pass."""
    try:
        verdict = judge.screen(message, facts, at)
    except Exception as error:  # noqa: BLE001 - a judge that fails must refuse, however it fails
        # The error's own words may quote the message: only its kind and place are logged.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        log.error("judge failed: %s at %s:%s", type(error).__name__, frame.filename, frame.lineno)
        return Verdict(Decision.BLOCK, (JUDGE_FAILED,), None, pack="", version="", digest="")
    return verdict if message.text else _contact_only(verdict)


def _contact_only(verdict: Verdict) -> Verdict:
    """The verdict on a contact without words: there is nothing to read, and so nothing to object to in it."""
    findings = tuple(finding for finding in verdict.findings if finding.source == "contact")
    decision = strictest([finding.decision for finding in findings])
    return replace(verdict, decision=decision, findings=findings, suggestion=None)


def judge_failed(verdict: Verdict) -> bool:
    """Whether the verdict stands for a failure of the judge."""
    return any(finding.rule == JUDGE_FAILED.rule for finding in verdict.findings)


def hold_unknown_relation(case: Case, verdict: Verdict) -> Verdict:
    """The verdict, held at least where it is not known who the contact point belongs to."""
    unknown = case.contact_point is not None and case.contact_point.relation not in RELATIONS
    if not unknown or verdict.decision is not Decision.ALLOW:
        return verdict
    return replace(verdict, decision=Decision.REVIEW, findings=(*verdict.findings, RELATION_UNKNOWN))


def load_contact(
    session: Session,
    case: Case,
    at: datetime,
    now: datetime,
    *,
    trained_until: date | None = None,
    visitors: int | None = None,
    line: str | None = None,
    own: Outreach | None = None,
) -> ContactFacts | None:
    """What the contact policy decides on for contact at ``at``; ``None`` for a note, which goes nowhere.

    Neither ``own``, the row that is judged again, nor a permit that ran out unused before ``now`` holds a slot. On the
    day of its own slot neither does what was decided after ``own``: it was decided with that slot counted.

    Raises:
        Unavailable: the clock has been set back.
    """
    if case.contact_point is None:
        return None
    account_id = case.account.id if case.account else None
    facts = load_facts(session, case.debtor.id, case.contact_point.id, account_id, at, now=now)
    check_clock(facts, now)
    attempts = facts.attempts if own is None else tuple(_without(own, case.debtor, at, facts.attempts))
    return replace(facts, attempts=attempts, collector_trained_until=trained_until, visitors=visitors, line=line)


def build_message(
    on: Asked,
    case: Case,
    *,
    channel: str,
    text: str | None,
    lang: str | None,
    at: datetime,
    own: int | None = None,
    settings: GateSettings = DEFAULTS,
) -> Message:
    """The message with all that is known about it. ``own`` is the row being judged again, which does not count."""
    questions = Round()
    message = ask_message(
        questions, case, channel=channel, text=text, lang=lang, at=at, own=own, settings=settings,
    )  # fmt: skip
    questions.ask(on)
    return message()


def ask_message(
    questions: Round,
    case: Case,
    *,
    channel: str,
    text: str | None,
    lang: str | None,
    at: datetime,
    own: int | None = None,
    settings: GateSettings = DEFAULTS,
) -> Callable[[], Message]:
    """As ``build_message``, in a round with other questions: what tells the message once the round has been asked."""
    account = case.account
    message = Message(
        text=text or "",
        channel=channel,
        audience=case.audience,
        lang=lang,
        stage=stage_of(account, at) if account else None,
        amounts=(account.total, account.principal, account.interest, account.fees) if account else None,
        case_no=account.case_no if account else None,
        agency=account.agency if account else None,
        owed=(account.principal, account.interest, account.fees) if account else None,
    )
    if not case.contact_point or not text:
        return lambda: message
    reached = _ask_reached(questions, case, own)
    since = {"debtor": case.debtor.id, "since": at - settings.split_window, "at": at, "own": own or 0}
    recent = questions.add(_RECENT_TEXTS, since)
    pays = ask_pays(questions, case.debtor, account, case.audience, case.contact_point.id, channel, text, at)
    return lambda: replace(
        message,
        first_contact=not reached.rows[0],
        previous=_in_order(recent.rows),
        pays=pays is not None and bool(pays.rows),
    )


def local_day(debtor: Debtor | DebtorRow, at: datetime) -> date:
    """The debtor's calendar day. A time zone that does not exist is the judge's to object to, not a reason to fail."""
    try:
        zone: ZoneInfo | timezone = ZoneInfo(debtor.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = timezone(timedelta(hours=8))
    return at.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Again:
    """A second look at something already decided. ``fresh`` are the objections that nobody has released."""

    verdict: Verdict
    fresh: tuple[Finding, ...]

    @property
    def decision(self) -> Decision:
        """``block`` stays; ``review`` counts only where an officer has not released those very rules."""
        if self.verdict.decision is Decision.BLOCK:
            return Decision.BLOCK
        return Decision.REVIEW if self.fresh else Decision.ALLOW


def judge_again(
    session: Session,
    judge: Judge,
    debtor: Debtor,
    outreach: Outreach,
    now: datetime,
    *,
    at: datetime | None = None,
    decided: bool = False,
) -> Again:
    """Judge a stored outreach again, for ``now`` or a later ``at``, its own slot not counted against it.

    The caller holds the debtor's lock. ``decided``: an officer is releasing what the stored findings say.
    """
    at = at or now
    case = load_case(session, debtor, outreach)
    words = session.get(OutreachText, outreach.id)
    message = build_message(
        session, case, channel=outreach.channel, text=words.text if words else None, lang=outreach.lang, at=at,
        own=outreach.id,
    )  # fmt: skip
    facts = load_contact(
        session, case, at, now,
        trained_until=outreach.trained_until, visitors=outreach.visitors, line=outreach.line, own=outreach,
    )  # fmt: skip
    verdict = hold_unknown_relation(case, judge_safely(judge, message, facts, at))
    released = _stored_rules(outreach) if decided or _is_released(session, outreach) else frozenset()
    fresh = tuple(f for f in verdict.findings if f.decision is Decision.REVIEW and f.rule not in released)
    return Again(verdict, fresh)


def load_case(session: Session, debtor: Debtor, outreach: Outreach) -> Case:
    """The rows that a stored outreach is about."""
    account = get_account(session, outreach.account_id) if outreach.account_id else None
    point = session.get(ContactPoint, outreach.contact_point_id) if outreach.contact_point_id else None
    return Case(debtor, account, point)


def _without(
    own: Outreach, debtor: Debtor | DebtorRow, at: datetime, attempts: tuple[AttemptFacts, ...]
) -> list[AttemptFacts]:
    """The attempts that count against ``own`` when it is judged again for ``at``."""
    same_day = local_day(debtor, at) == own.local_day
    return [one for one in attempts if one.id != own.id and not (same_day and _is_later(one, own, debtor))]


def _is_later(attempt: AttemptFacts, own: Outreach, debtor: Debtor | DebtorRow) -> bool:
    """Whether its slot was given on the day of ``own``, after ``own`` had its slot and while its permit was good."""
    if attempt.id is None or attempt.id < own.id or local_day(debtor, attempt.at) != own.local_day:
        return False
    ends = own.permit_expires_at
    return ends is None or attempt.recorded_at is None or attempt.recorded_at < ends


def _is_released(session: Session, outreach: Outreach) -> bool:
    query = select(exists().where(Review.outreach_id == outreach.id, Review.state == "released"))
    return bool(session.scalar(query))


def _stored_rules(outreach: Outreach) -> frozenset[str]:
    return frozenset(finding["rule"] for finding in outreach.verdict["findings"])


_ROWS, _TEXTS = table_of(Outreach).c, table_of(OutreachText).c


def _reached(audience_alone: bool, creditor_known: bool) -> Query[bool]:
    """Whether something has reached a person; for a debtor at any contact point, for others at this one."""
    who = _ROWS.audience == bindparam("audience")
    if not audience_alone:
        who = _ROWS.contact_point_id == bindparam("point")
    creditor = _ROWS.creditor_id == bindparam("creditor") if creditor_known else _ROWS.creditor_id.is_(None)
    found = exists().where(
        _ROWS.debtor_id == bindparam("debtor"),
        creditor,
        who,
        _ROWS.state.in_(("sending", "sent")),
        or_(_ROWS.outcome.is_(None), _ROWS.outcome.not_in(NOT_REACHED)),
        _ROWS.id != bindparam("own"),
    )
    return Query(select(found), bool)


class _Sent(NamedTuple):
    at: datetime
    id: int
    text: str | None


def _in_order(sent: Sequence[_Sent]) -> tuple[str, ...]:
    """The texts that are still there, the oldest first."""
    return tuple(one.text for one in sorted(sent, key=itemgetter(0, 1)) if one.text)


_REACHED = {(alone, known): _reached(alone, known) for alone in (True, False) for known in (True, False)}
_RECENT_TEXTS = Query(
    select(_ROWS.at, _ROWS.id, _TEXTS.text)
    .join(_ROWS.id.table, _ROWS.id == _TEXTS.outreach_id)
    .where(
        _ROWS.debtor_id == bindparam("debtor"),
        _ROWS.at >= bindparam("since"),
        _ROWS.at <= bindparam("at"),
        _ROWS.channel != "note",
        _ROWS.state.in_(COUNTED),
        _ROWS.id != bindparam("own"),
    ),
    _Sent,
)


def _ask_reached(questions: Round, case: Case, own: int | None) -> Answer[bool]:
    """Whether something has reached this person already; what is only permitted has not."""
    account, point = case.account, case.contact_point
    values = {
        "debtor": case.debtor.id, "own": own or 0, "audience": case.audience, "point": point.id if point else None,
        "creditor": account.creditor_id if account else None,
    }  # fmt: skip
    return questions.add(_REACHED[case.audience == "debtor" or point is None, account is not None], values)
