"""When outside agencies were last evaluated by the creditor that they work for (CN-AGENCY-02)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.casebook.models import Creditor
from compliance.casebook.stages import load_stages
from compliance.judge.types import InvalidInput

LONGEST = {"agency": 200, "evidence": 300}
"""Characters."""


def read_evaluations(kept: str) -> dict[str, date]:
    """The last day of each agency, from ``Creditor.agencies_evaluated``."""
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
    name, shown = agency.strip(), evidence.strip()
    for field, value in (("agency", name), ("evidence", shown)):
        if not value or len(value) > LONGEST[field] or not value.isprintable():
            raise InvalidInput(f"须填写，不超过 {LONGEST[field]} 个字符，不换行。", code="bad_text", field=field)
    if day > load_stages().local_day(now):
        raise InvalidInput("评价日期不能晚于今天。", code="future_time", field="day")
    found = session.scalar(
        select(Creditor).where(Creditor.name == creditor).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise InvalidInput("没有这个委托方。", code="unknown_creditor", field="creditor")
    days = read_evaluations(found.agencies_evaluated)
    days[name] = max(day, days.get(name, day))
    found.agencies_evaluated = "\n".join(f"{last.isoformat()} {one}" for one, last in sorted(days.items()))
    body = {"creditor": creditor, "agency": name, "day": day.isoformat(), "evidence": shown}
    ledger.append(session, at=now, actor=actor, kind="agency:evaluated", subject=f"creditor:{found.id}", body=body)
    return found
