"""What the debtor's page shows and takes: nothing of the debt before somebody has proved to be the debtor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import rights
from compliance.casebook import mask_account_no, mask_contact
from compliance.casebook.models import Account
from compliance.gate.types import Conflict
from compliance.judge.contact import Policy
from compliance.rights.codes import count_sent_in
from compliance.rights.models import DEBTOR, Notice, PlanAgreement, RightsRequest
from web.debtor.forms import AskForm, HoursForm, NumberForm
from web.scripts import product_name

PER_DAY = 10
"""Requests that may come in for one debtor in a day by this page; more come by telephone."""
SAME = timedelta(minutes=10)
"""The same words within this time are a second click."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be asked for: the type of request, its words, its form."""

    type: str
    title: LazyString
    hint: LazyString
    icon: str
    form: Callable[..., AskForm | HoursForm] = AskForm


_ACTS = (
    Act("dispute", _l("对欠款有异议"), _l("金额、利息、费用不对，或不是本人所借。"), "scale"),
    Act("complaint", _l("投诉催收行为"), _l("由与此事无利害关系的人处理，不会因此增加联系。"), "alert-triangle"),
    Act("contact_preference", _l("约定联系时间和方式"), _l("何时、用什么方式、每天最多几次。"), "clock", HoursForm),
    Act("stop_contact", _l("不要再这样联系我"), _l("例如这是单位电话，或我不是当事人。"), "ban", NumberForm),
    Act("plan", _l("申请分期或协商"), _l("说明收入、困难和可承受的每月金额。"), "list"),
    Act("explanation", _l("要求说明"), _l("谁在联系、受谁委托、哪一笔、怎么算的。"), "search"),
    Act("consent_withdrawn", _l("撤回同意"), _l("撤回以前同意的联系方式或时间。"), "arrow-back-up", NumberForm),
    Act("pi_copy", _l("查阅、复制个人信息"), _l("想知道保存了哪些关于我的信息。"), "eye"),
    Act("pi_correction", _l("更正个人信息"), _l("哪一项不对，应当是什么。"), "wand", NumberForm),
    Act("pi_deletion", _l("删除个人信息"), _l("哪一项应当删除，为什么。"), "x", NumberForm),
    Act("credit_dispute", _l("征信异议"), _l("征信记录有误或遗漏。"), "history"),
    Act("representation", _l("已委托律师或代理人"), _l("代理人的姓名和联系方式。"), "users"),
)
ACTS = {act.type: act for act in _ACTS}
FIRST = ("dispute", "complaint", "contact_preference", "plan", "stop_contact")
"""What most people come for; the others are under "more"."""
THIRD_PARTY = ("stop_contact", "complaint")
"""What somebody may ask for who is not the debtor and must not learn of the debt."""


@dataclass(frozen=True, slots=True)
class Debt:
    """The account, for the debtor alone."""

    account: Account
    account_no: str
    product: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows."""

    opened: rights.Opened
    identified: bool
    reached_by: str | None
    """The contact point that was used, masked."""
    agency: str | None
    listed: bool | None
    """Whether the agency is on the creditor's public list; ``None`` where the creditor itself makes contact."""
    acts: list[Act]
    more: list[Act]
    debt: Debt | None
    requests: list[RightsRequest]
    reviews: dict[str, datetime]
    """Reference of an answered request → until when its review may be asked for; those of which it may be now."""
    notices: list[Notice]
    plans: list[PlanAgreement]
    """Plans of the account that were agreed, the latest first."""


def show(session: Session, opened: rights.Opened, identified: bool, policy: Policy, now: datetime) -> Page:
    """The page of a code; the debt, requests and notices once ``identified``."""
    account, creditor, point = opened.account, opened.creditor, opened.contact_point
    agency = account.agency if account else None
    offered = [ACTS[name] for name in (THIRD_PARTY if opened.third_party else ACTS)]
    known = identified and not opened.third_party
    asked = rights.requests(session, opened.debtor.id)[::-1] if known else []
    return Page(
        opened=opened,
        identified=known,
        reached_by=mask_contact(point.kind, point.value) if point else None,
        agency=agency,
        listed=agency in creditor.agencies_public.splitlines() if agency and creditor else None,
        acts=[act for act in offered if act.type in FIRST],
        more=[act for act in offered if act.type not in FIRST],
        debt=Debt(account, mask_account_no(account.account_no), product_name(account.product))
        if account and known
        else None,
        requests=asked,
        reviews=_reviews(asked, opened.debtor.timezone, policy, now),
        notices=rights.notices(session, opened.debtor.id) if known else [],
        plans=[one for one in rights.plans(session, opened.debtor.id) if _is_theirs(one, account)] if known else [],
    )


def _is_theirs(plan: PlanAgreement, account: Account | None) -> bool:
    """A plan of the account that this contact is about, once it was agreed."""
    return account is not None and plan.account_id == account.id and plan.agreed_at is not None


def send_in(
    session: Session, opened: rights.Opened, act: Act, form: AskForm | HoursForm, identified: bool, policy: Policy,
    now: datetime, review_of: str | None = None,
) -> RightsRequest:  # fmt: skip
    """Record what somebody asks for, or that the answer ``review_of`` be reviewed. The same words again within
    ``SAME`` are the same request.

    Raises:
        Conflict: more than ``PER_DAY`` came in for this debtor.
        InvalidInput: as ``rights.receive_request``.
    """
    point = opened.contact_point if isinstance(form, NumberForm) and form.which.data == "this" else None
    if opened.third_party:
        point = opened.contact_point
    words = (form.words.data or "").strip() or "联系偏好：见所选项目"
    told: Mapping[str, Any] = {
        "type": act.type, "source": f"outreach:{opened.outreach}", "evidence": words, "wish": form.wish,
        "contact_point_id": point.id if point else None, "review_of": review_of,
    }  # fmt: skip
    earlier = _earlier(session, opened, told, now)
    if earlier is not None:
        return earlier
    if count_sent_in(session, opened.debtor.id, now - timedelta(days=1)) >= PER_DAY:
        raise Conflict("今天收到的请求已经很多，请改拨客服电话。", code="too_many")
    return rights.receive_request(
        session, debtor_id=opened.debtor.id, account_id=opened.account.id if opened.account else None, channel="web",
        at=now, actor=DEBTOR, now=now, identified=identified, policy=policy, **told,
    )  # fmt: skip


def find_receipt(session: Session, opened: rights.Opened, ref: str) -> RightsRequest | None:
    """A request that was sent in from this very code."""
    query = select(RightsRequest).where(
        RightsRequest.ref == ref,
        RightsRequest.debtor_id == opened.debtor.id,
        RightsRequest.recorded_by == DEBTOR,
        RightsRequest.source == f"outreach:{opened.outreach}",
    )
    return session.scalar(query)


def reviewable_until(
    session: Session, answered: RightsRequest, timezone: str | None, policy: Policy, now: datetime
) -> datetime | None:
    """Until when a review of this answer may be asked for; ``None`` where none may be, or was asked for already."""
    until = rights.review_until(policy, answered, timezone)
    return until if until is not None and now <= until and rights.review_asked(session, answered) is None else None


def _reviews(asked: list[RightsRequest], timezone: str | None, policy: Policy, now: datetime) -> dict[str, datetime]:
    already = {one.review_of for one in asked}
    ends = {one.ref: rights.review_until(policy, one, timezone) for one in asked if one.ref not in already}
    return {ref: end for ref, end in ends.items() if end is not None and now <= end}


def _earlier(session: Session, opened: rights.Opened, told: Mapping[str, Any], now: datetime) -> RightsRequest | None:
    query = select(RightsRequest).where(
        RightsRequest.debtor_id == opened.debtor.id,
        RightsRequest.recorded_by == DEBTOR,
        RightsRequest.recorded_at > now - SAME,
        RightsRequest.closed_at.is_(None),
    )
    for request in session.scalars(query):
        if all(getattr(request, name) == value for name, value in told.items()):
            return request
    return None
