"""Asking for a review of an answer (CN-CMPL-02): until when, of which answer, once, and never by who gave it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import Debtor
from compliance.judge.contact import Policy
from compliance.judge.types import InvalidInput
from compliance.rights.clocks import find_review_end
from compliance.rights.models import RightsRequest


def review_until(policy: Policy, request: RightsRequest, timezone: str | None) -> datetime | None:
    """Until when the answer to ``request`` may be asked to be reviewed, in UTC.

    ``None`` where there is nothing to review: it is open, was withdrawn, is a review itself, or is of a type that the
    pack knows no review of. The days count from the answer, since when it reached the debtor is not known.
    """
    if request.closed_at is None or request.outcome == "withdrawn" or request.review_of is not None:
        return None
    return find_review_end(policy, request.type, request.closed_at, timezone)


def review_asked(session: Session, request: RightsRequest) -> RightsRequest | None:
    """The request that asks for a review of this one's answer."""
    return session.scalar(select(RightsRequest).where(RightsRequest.review_of == request.ref))


def find_reviewed(
    session: Session, policy: Policy, debtor: Debtor, ref: str | None, type: str, at: datetime
) -> RightsRequest | None:
    """The answered request ``ref`` of which a review was asked for at ``at``; ``None`` where none is named.

    The caller holds the debtor's row.

    Raises:
        InvalidInput: no such request of this debtor and type, nothing to review, too late, or it was asked already.
    """
    if ref is None:
        return None
    query = select(RightsRequest).where(RightsRequest.ref == ref, RightsRequest.debtor_id == debtor.id)
    request = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if request is None or request.type != type:
        raise InvalidInput("这位债务人没有这项可核查的请求。", code="unknown_request", field="review_of")
    until = review_until(policy, request, debtor.timezone)
    if until is None or request.closed_at is None or at < request.closed_at:
        raise InvalidInput("这项请求没有可以核查的处理结果。", code="nothing_to_review", field="review_of")
    if at > until:
        raise InvalidInput("申请核查的期限已过，可另行登记投诉。", code="too_late", field="review_of")
    if review_asked(session, request) is not None:
        raise InvalidInput("这项处理结果已经申请过核查。", code="already_asked", field="review_of")
    return request
