"""When agencies were last evaluated, and since when they have worked: what counts, and that the ledger has it all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance import ledger
from compliance.casebook.agencies import note_agency, read_days, record_engagement, record_evaluation
from compliance.casebook.models import Creditor
from compliance.database import Database
from compliance.judge.types import InvalidInput


def creditor(desk: Database) -> Creditor:
    with desk.read() as session:
        return session.scalars(select(Creditor).order_by(Creditor.id)).first()  # type: ignore[return-value]


def record(desk: Database, now: datetime, **fields: Any) -> None:
    told: dict[str, Any] = {"agency": "诚信公司", "day": date(2026, 3, 1), "evidence": "评价报告 2026-1"} | fields
    with desk.write() as session:
        record_evaluation(session, creditor=creditor(desk).name, actor="cli:root", now=now, **told)


def kept(desk: Database) -> dict[str, date]:
    return read_days(creditor(desk).agencies_evaluated)


def test_the_latest_day_of_each_agency_counts(desk: Database, now: datetime) -> None:
    record(desk, now)
    record(desk, now, day=date(2025, 3, 1))
    record(desk, now, agency="有 空格的公司", day=date(2026, 5, 2))
    assert kept(desk) == {"诚信公司": date(2026, 3, 1), "有 空格的公司": date(2026, 5, 2)}
    record(desk, now, day=date(2026, 4, 1))
    assert kept(desk)["诚信公司"] == date(2026, 4, 1)


def test_every_evaluation_is_in_the_ledger_with_what_shows_it(desk: Database, now: datetime) -> None:
    record(desk, now)
    with desk.read() as session:
        entry = ledger.entries(session, limit=100)[-1]
    assert entry.kind == "agency:evaluated"
    assert "评价报告 2026-1" in entry.body


@pytest.mark.parametrize("fields", [{"evidence": " "}, {"agency": ""}, {"agency": "甲\n2026-01-01 乙"}])
def test_it_names_the_agency_and_what_shows_it(desk: Database, now: datetime, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as fault:
        record(desk, now, **fields)
    assert fault.value.code == "bad_text"
    assert kept(desk) == {}


def test_a_day_to_come_is_refused(desk: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="晚于今天"):
        record(desk, now, day=now.date() + timedelta(days=1))


def test_an_unknown_creditor_is_refused(desk: Database, now: datetime) -> None:
    with desk.write() as session, pytest.raises(InvalidInput, match="没有这个委托方"):
        record_evaluation(session, creditor="无", agency="甲", day=now.date(), evidence="一", actor="cli:root", now=now)


def engage(desk: Database, now: datetime, day: date, evidence: str = "委托合同 2025-7") -> None:
    told: dict[str, Any] = {"creditor": creditor(desk).name, "agency": "诚信公司", "day": day, "evidence": evidence}
    with desk.write() as session:
        record_engagement(session, **told, actor="cli:root", now=now)


def test_since_when_an_agency_has_worked_can_be_corrected(desk: Database, now: datetime) -> None:
    engage(desk, now, date(2025, 7, 1))
    engage(desk, now, date(2026, 7, 1), "委托合同 2026-3")
    assert read_days(creditor(desk).agencies_engaged) == {"诚信公司": date(2026, 7, 1)}
    with desk.read() as session:
        entry = ledger.entries(session, limit=100)[-1]
    assert entry.kind == "agency:engaged"
    assert "2025-07-01" in entry.body and "委托合同 2026-3" in entry.body


@pytest.mark.parametrize("away", [timedelta(days=1), timedelta(days=400)])
def test_nobody_has_worked_since_a_day_to_come(desk: Database, now: datetime, away: timedelta) -> None:
    with pytest.raises(InvalidInput, match="晚于今天"):
        engage(desk, now, (now + away).date())


def test_an_agency_that_comes_with_an_account_works_from_that_day_unless_more_is_known(
    desk: Database, now: datetime
) -> None:
    engage(desk, now, date(2025, 7, 1))
    with desk.write() as session:
        owner = session.scalars(select(Creditor).order_by(Creditor.id)).first()
        assert owner is not None
        for agency in ("诚信公司", "新 公司", "新 公司"):
            note_agency(session, owner, agency, now)
    assert read_days(creditor(desk).agencies_engaged) == {"诚信公司": date(2025, 7, 1), "新 公司": date(2026, 11, 18)}
