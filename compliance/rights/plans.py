"""Agreements on paying by instalments: proposed with all they must say, agreed by somebody else, then kept or not.

The account's ``plan_in_force`` and ``plan_breached``, which the gate reads, follow the state: both are written here, in
one transaction under the debtor's lock, and nowhere else. While a plan is kept the gate contacts nobody (CN-PLAN-03);
so who proposed a plan neither agrees to it nor says that it was broken.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import Account, Debtor
from compliance.judge.contact import Policy
from compliance.judge.contact.days import find_zone
from compliance.judge.contact.planning import KINDS, NAMES, PlanTerms, judge_plan
from compliance.judge.types import InvalidInput
from compliance.rights.clocks import clocks_of
from compliance.rights.evidence import Evidence, check_evidence, check_text, digest
from compliance.rights.handling import close_request
from compliance.rights.models import PlanAgreement, RightsRequest
from compliance.rights.record import enter, lock_debtor_row

MOVES: Mapping[str, tuple[str, ...]] = {
    "proposed": ("agreed", "ended"),
    "agreed": ("kept", "broken", "settled", "ended"),
    "kept": ("kept", "broken", "settled", "ended"),
    "broken": ("kept", "settled", "ended"),
    "settled": (),
    "ended": (),
}
"""The states of a plan, and those that may follow. ``kept``: instalments are paid; ``ended``: not taken up, or given up
by both; ``settled``: everything is paid."""
_ENTRIES = {
    "agreed": "plan:agreed", "kept": "plan:kept", "broken": "plan:broken", "settled": "plan:settled",
    "ended": "plan:ended",
}  # fmt: skip
IN_FORCE = ("agreed", "kept", "broken")
CURRENCY = "CNY"
"""Accounts are kept in yuan."""
CARDS = ("credit_card", "信用卡")
"""The product whose plans the law speaks of, as files name it."""
_CENT = Decimal("0.01")
_MOST = Decimal(10) ** 12
_NUMBERS = ("principal", "interest", "fees", "currency", "instalments", "cycle_months", "first_due", "amount")
"""Without these there is nothing to pay, whatever a pack asks for."""
_WORDS = ("method", "charges", "duties", "other")


def plan_faults(
    account: Account, timezone: str | None, terms: PlanTerms, policy: Policy, now: datetime
) -> list[tuple[str, str]]:
    """Everything that keeps ``terms`` from being a plan for the account: the field, and a sentence."""
    day = _day(timezone, policy, now)
    judged = judge_plan(terms, day, policy) if terms.kind in KINDS else ()
    faults = _impossible(terms, day) or _unlike(terms, account)
    named = {fault.field for fault in judged}
    return [*((fault.field, fault.why) for fault in judged), *(one for one in faults if one[0] not in named)]


def propose_plan(
    session: Session,
    *,
    account_id: int,
    terms: PlanTerms,
    actor: str,
    now: datetime,
    request_ref: str | None = None,
    policy: Policy | None = None,
) -> PlanAgreement:
    """Write down a plan that is offered to the debtor; it changes nothing for the gate until it is agreed.

    Raises:
        InvalidInput: no such account, or it is settled; terms that are missing, impossible, too long or not those of
            the account (the first of ``plan_faults``); a request that is not open, of another type, debtor or account.
    """
    rules = policy or clocks_of()
    debtor, account = _lock_account(session, account_id)
    if account.settled_at is not None:
        raise InvalidInput("账户已结清，不需要分期。", code="settled", field="account")
    faults = plan_faults(account, debtor.timezone, terms, rules, now)
    if faults:
        raise InvalidInput(faults[0][1], code="bad_plan", field=faults[0][0])
    request = _open_request(session, account, request_ref)
    plan = _row(terms)
    plan.ref, plan.debtor_id, plan.account_id = f"pl_{secrets.token_hex(8)}", debtor.id, account.id
    plan.request_id = request.id if request else None
    plan.as_of = _day(debtor.timezone, rules, now)
    plan.state, plan.proposed_by, plan.proposed_at = "proposed", actor, now
    session.add(plan)
    session.flush()
    enter(session, "plan:proposed", f"plan:{plan.ref}", actor, now, {
        "debtor": debtor.ref, "account_id": account.id, "request": request_ref, **_entered(terms),
    })  # fmt: skip
    return plan


def agree_plan(
    session: Session,
    *,
    ref: str,
    evidence: str,
    actor: str,
    now: datetime,
    recording: str | None = None,
    policy: Policy | None = None,
) -> PlanAgreement:
    """Both sides agreed: from now on the plan is in force, and the request that it answers is granted.

    Raises:
        InvalidInput: no such proposal, no evidence, ``actor`` proposed it or may not answer the request, another plan
            of the account is in force, its first day is over, or the account no longer stands as the plan says.
    """
    rules = policy or clocks_of()
    debtor, account, plan = _lock_plan(session, ref)
    _check_move(plan, "agreed", actor)
    shown = check_evidence(session, debtor, Evidence(evidence, recording=recording))
    _check_still_possible(session, debtor, account, plan, rules, now)
    plan.agreed_by, plan.agreed_at = actor, now
    plan.evidence, plan.recording = shown.words, shown.recording
    _enter_state(session, plan, account, "agreed", actor, now, {
        "evidence_digest": shown.digest, "recording": shown.recording,
    })  # fmt: skip
    request = session.get(RightsRequest, plan.request_id) if plan.request_id else None
    if request is not None and request.closed_at is None:
        answer = f"双方已达成分期还款协议（编号 {plan.ref}）。"
        close_request(session, ref=request.ref, answer=answer, actor=actor, now=now, outcome="granted")
    return plan


def move_plan(
    session: Session, *, ref: str, to: str, reason: str, actor: str, now: datetime, policy: Policy | None = None
) -> PlanAgreement:
    """What became of a plan after its agreement (or of a proposal that nobody took up: ``ended``). ``reason`` says what
    shows it. A plan that is ``settled`` settles the account.

    Raises:
        InvalidInput: no such plan, a state that cannot follow, no reason, ``actor`` proposed it, or ``broken`` before
            any instalment can have been missed.
    """
    rules = policy or clocks_of()
    if to == "agreed":
        raise InvalidInput("达成协议须另附凭据登记。", code="bad_state", field="state")
    check_text(reason, "reason", "请写明依据：哪一期、哪份记录或哪次通话。")
    debtor, account, plan = _lock_plan(session, ref)
    _check_move(plan, to, actor)
    if to == "broken" and _day(debtor.timezone, rules, now) <= plan.first_due:
        raise InvalidInput("首期还款日还没有过，不能登记为违约。", code="not_due", field="state")
    plan.moved_by, plan.moved_at, plan.reason = actor, now, reason.strip()
    if to == "settled" and account.settled_at is None:
        account.settled_at = now
    _enter_state(session, plan, account, to, actor, now, {"reason_digest": digest(reason.strip())})
    return plan


def plans(session: Session, debtor_id: int) -> list[PlanAgreement]:
    """All plans of the debtor, the latest first."""
    query = select(PlanAgreement).where(PlanAgreement.debtor_id == debtor_id)
    return list(session.scalars(query.order_by(PlanAgreement.proposed_at.desc(), PlanAgreement.id.desc())))


def terms_of(plan: PlanAgreement) -> PlanTerms:
    """What a plan says."""
    return PlanTerms(**{name: getattr(plan, name) for name in PlanTerms.__dataclass_fields__})


def _impossible(terms: PlanTerms, day: date) -> list[tuple[str, str]]:
    """What could not be stored, or is no sum, number or day of a plan."""
    faults = [] if terms.kind in KINDS else [("kind", "未知的分期种类。")]
    faults += [(name, f"请填写{NAMES[name]}。") for name in _NUMBERS if getattr(terms, name) is None]
    for name in ("principal", "interest", "fees"):
        faults += _bad_sum(name, getattr(terms, name), least=Decimal(0))
    for name in ("amount", "last_amount"):
        faults += _bad_sum(name, getattr(terms, name), least=_CENT)
    for name in ("instalments", "cycle_months"):
        number = getattr(terms, name)
        if number is not None and not 1 <= number <= 600:
            faults.append((name, f"{NAMES[name]}应是 1 至 600 之间的整数。"))
    if terms.first_due is not None and (terms.first_due < day or terms.first_due.year > 9000):
        faults.append(("first_due", "首期还款日不能早于今天，也不能太远。"))
    for name in _WORDS:
        words = getattr(terms, name)
        if words:
            faults += _bad_words(name, words)
    return faults


def _bad_sum(name: str, sum_: Decimal | None, *, least: Decimal) -> list[tuple[str, str]]:
    if sum_ is None:
        return []
    fits = sum_.is_finite() and least <= sum_ < _MOST and sum_ == sum_.quantize(_CENT)
    return [] if fits else [(name, f"{NAMES.get(name, '末期金额')}应是金额，最多两位小数。")]


def _bad_words(name: str, words: str) -> list[tuple[str, str]]:
    try:
        check_text(words, name, "")
    except InvalidInput as error:
        return [(name, error.message)]
    return []


def _unlike(terms: PlanTerms, account: Account) -> list[tuple[str, str]]:
    """What is not as the account says (CN-LTR-09), and instalments that take more than is owed where nothing runs."""
    faults = [
        (name, f"{NAMES[name]}与账户登记的不一致（账户为 {getattr(account, name):,.2f}）。")
        for name in ("principal", "interest", "fees")
        if getattr(terms, name) is not None and getattr(terms, name) != getattr(account, name)
    ]
    if (terms.kind == "other") is (account.product in CARDS):
        faults.append(("kind", "个性化分期和信用卡分期只用于信用卡，信用卡账户也只用这两种。"))
    if terms.currency and terms.currency != CURRENCY:
        faults.append(("currency", "账户以人民币（CNY）记账。"))
    if terms.charged is False and terms.total is not None and terms.total > account.total:
        why = f"还款期间不计收费用，各期合计 {terms.total:,.2f} 不应超过欠款 {account.total:,.2f}。"
        faults.append(("amount", why))
    return faults


def _row(terms: PlanTerms) -> PlanAgreement:
    said = {name: word.strip() if isinstance(word, str) else word for name, word in asdict(terms).items()}
    # A pack may ask for less than all six contents; what is not said then is not promised.
    unsaid = {"method": said["method"] or "", "duties": said["duties"] or "", "other": said["other"] or ""}
    promised = {"charged": bool(said["charged"]), "no_new_card": bool(said["no_new_card"])}
    return PlanAgreement(**said | unsaid | promised | {"charges": said["charges"] or None})


def _entered(terms: PlanTerms) -> dict[str, object]:
    """The numbers; of the words their digest, for they may speak of the debtor."""
    told = json.loads(json.dumps(asdict(terms), default=str, ensure_ascii=False))
    words = {name: told.pop(name) for name in _WORDS}
    body = json.dumps(words, ensure_ascii=False, sort_keys=True)
    return {**told, "words_digest": hashlib.sha256(body.encode()).hexdigest()}


def _lock_account(session: Session, account_id: int) -> tuple[Debtor, Account]:
    debtor_id = session.scalar(select(Account.debtor_id).where(Account.id == account_id))
    if debtor_id is None:
        raise InvalidInput("没有这个账户。", code="unknown_account", field="account")
    debtor = lock_debtor_row(session, debtor_id)
    return debtor, session.get_one(Account, account_id, populate_existing=True)


def _lock_plan(session: Session, ref: str) -> tuple[Debtor, Account, PlanAgreement]:
    account_id = session.scalar(select(PlanAgreement.account_id).where(PlanAgreement.ref == ref))
    if account_id is None:
        raise InvalidInput("没有这份分期协议。", code="unknown_plan", field="ref")
    debtor, account = _lock_account(session, account_id)
    query = select(PlanAgreement).where(PlanAgreement.ref == ref).execution_options(populate_existing=True)
    return debtor, account, session.scalars(query).one()


def _open_request(session: Session, account: Account, ref: str | None) -> RightsRequest | None:
    if ref is None:
        return None
    request = session.scalar(select(RightsRequest).where(RightsRequest.ref == ref))
    fits = request is not None and request.type == "plan" and request.debtor_id == account.debtor_id
    if request is None or not fits or request.account_id not in (None, account.id):
        raise InvalidInput("没有这项分期申请，或不属于这个账户。", code="not_found", field="request")
    if request.closed_at is not None:
        raise InvalidInput("这项请求已经关闭。", code="already_closed", field="request")
    return request


def _check_move(plan: PlanAgreement, to: str, actor: str) -> None:
    if to not in MOVES:
        raise InvalidInput("未知的协议状态。", code="bad_state", field="state")
    if to not in MOVES[plan.state]:
        raise InvalidInput("协议现在的状态不能这样登记。", code="conflict", field="state")
    if actor == plan.proposed_by and not (plan.state == "proposed" and to == "ended"):
        raise InvalidInput("自己拟定的分期协议由他人登记。", code="forbidden", field="ref")


def _check_still_possible(
    session: Session, debtor: Debtor, account: Account, plan: PlanAgreement, policy: Policy, now: datetime
) -> None:
    """What may have changed since it was proposed."""
    others = select(PlanAgreement.id).where(
        PlanAgreement.account_id == account.id, PlanAgreement.id != plan.id, PlanAgreement.state.in_(IN_FORCE)
    )
    if session.scalar(others.limit(1)) is not None:
        raise InvalidInput("这个账户已有一份生效的分期协议，须先结束它。", code="conflict", field="ref")
    if account.settled_at is not None:
        raise InvalidInput("账户已结清，不需要分期。", code="settled", field="ref")
    faults = plan_faults(account, debtor.timezone, terms_of(plan), policy, now)
    if faults:
        raise InvalidInput(f"须重新拟定：{faults[0][1]}", code="bad_plan", field=faults[0][0])


def _enter_state(
    session: Session, plan: PlanAgreement, account: Account, to: str, actor: str, now: datetime,
    body: Mapping[str, object],
) -> None:  # fmt: skip
    """The state, what the gate reads of it, and the entry of both. A proposal that is not taken up changes nothing."""
    if plan.state != "proposed" or to in IN_FORCE:
        account.plan_in_force, account.plan_breached = to in IN_FORCE, to == "broken"
    plan.state = to
    told = {"account_id": account.id, "in_force": account.plan_in_force, "breached": account.plan_breached}
    enter(session, _ENTRIES[to], f"plan:{plan.ref}", actor, now, {**told, **body})


def _day(timezone: str | None, policy: Policy, now: datetime) -> date:
    return now.astimezone(find_zone(timezone) or ZoneInfo(policy.default_zone)).date()
