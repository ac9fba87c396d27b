"""Since when outside agencies have worked for a creditor, and when it last evaluated them (CN-AGENCY-02)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Creditor
from compliance.casebook.stages import load_stages
from compliance.judge.types import InvalidInput

LONGEST = {"agency": 200, "evidence": 300}
"""Characters."""


def read_days(kept: str) -> dict[str, date]:
    """The day of each agency, from ``Creditor.agencies_evaluated`` or ``agencies_engaged``."""
    lines = (line.split(" ", 1) for line in kept.splitlines())
    return {name: date.fromisoformat(day) for day, name in lines}


def record_evaluation(
    session: Session, *, creditor: str, agency: str, day: date, evidence: str, actor: str, now: datetime
) -> Creditor:
    """Keep that the creditor of that name evaluated an agency on ``day``, with what shows it. All of them stay in the
    ledger, the latest counts.

    Raises:
        InvalidInput: no such creditor, no agency, no evidence, or a day to come on the creditor's calendar.
    """
    name, shown = _checked(agency, evidence)
    if day > load_stages().local_day(now):
        raise InvalidInput("评价日期不能晚于今天。", code="future_time", field="day")
    found = _lock(session, creditor)
    days = read_days(found.agencies_evaluated)
    days[name] = max(day, days.get(name, day))
    found.agencies_evaluated = _write_days(days)
    body = {"creditor": creditor, "agency": name, "day": day.isoformat(), "evidence": shown}
    ledger.append(session, at=now, actor=actor, kind="agency:evaluated", subject=f"creditor:{found.id}", body=body)
    return found


def record_engagement(
    session: Session, *, creditor: str, agency: str, day: date, evidence: str, actor: str, now: datetime
) -> Creditor:
    """Keep that an agency has worked for the creditor of that name since ``day``, with what shows it, in place of the
    day that was taken before. The ledger has both.

    Raises:
        InvalidInput: as ``record_evaluation``.
    """
    name, shown = _checked(agency, evidence)
    if day > load_stages().local_day(now):
        raise InvalidInput("受托起始日不能晚于今天。", code="future_time", field="day")
    found = _lock(session, creditor)
    days = read_days(found.agencies_engaged)
    before = days.get(name)
    found.agencies_engaged = _write_days(days | {name: day})
    body = {
        "creditor": creditor, "agency": name, "day": day.isoformat(), "evidence": shown,
        "before": before.isoformat() if before else None,
    }  # fmt: skip
    ledger.append(session, at=now, actor=actor, kind="agency:engaged", subject=f"creditor:{found.id}", body=body)
    return found


def note_agency(session: Session, creditor: Creditor, agency: str, now: datetime) -> None:
    """An account came with this agency: where nothing was known of it, it works for the creditor from today."""
    if agency in read_days(creditor.agencies_engaged):
        return
    session.refresh(creditor, with_for_update=True)
    days = read_days(creditor.agencies_engaged)
    creditor.agencies_engaged = _write_days({agency: load_stages().local_day(now)} | days)


def _checked(agency: str, evidence: str) -> tuple[str, str]:
    name, shown = agency.strip(), evidence.strip()
    for field, value in (("agency", name), ("evidence", shown)):
        if not value or len(value) > LONGEST[field] or not value.isprintable():
            raise InvalidInput(f"须填写，不超过 {LONGEST[field]} 个字符，不换行。", code="bad_text", field=field)
    return name, shown


def _lock(session: Session, creditor: str) -> Creditor:
    found = session.scalar(
        select(Creditor).where(Creditor.name == creditor).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise InvalidInput("没有这个委托方。", code="unknown_creditor", field="creditor")
    return found


def _write_days(days: Mapping[str, date]) -> str:
    return "\n".join(f"{day.isoformat()} {name}" for name, day in sorted(days.items()))
