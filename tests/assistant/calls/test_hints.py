"""How much a collector sees follows their record, unless they have chosen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.hints import CALLS, choose_level, chosen_level, hint_level
from assistant.calls.models import Call
from compliance.casebook.models import ContactPoint
from compliance.database import Database
from compliance.judge.types import InvalidInput


def work(session: Session, now: datetime, *, calls: int = CALLS, blocks: int = 0, missing: int = 0) -> None:
    """Calls that were closed, one a day; the latest with what is given."""
    point = session.scalars(select(ContactPoint).order_by(ContactPoint.id)).first()
    assert point is not None
    for number in range(calls):
        at = now - timedelta(days=1 + number)
        latest = number == 0
        session.add(
            Call(
                ref=f"call_{number}", debtor_id=point.debtor_id, contact_point_id=point.id, collector="wang",
                caller="Wang", direction="in", started_at=at, opened_at=at, closed_at=at,
                blocks=blocks if latest else 0, missing=missing if latest else 0,
            )
        )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ({"calls": 0}, "all"),
        ({"calls": CALLS - 1}, "all"),
        ({}, "red"),
        ({"blocks": 1}, "all"),
        ({"missing": CALLS // 2}, "red"),
        ({"missing": CALLS}, "all"),
    ],
)
def test_the_level_follows_the_record(desk: Database, now: datetime, record: dict[str, int], level: str) -> None:
    with desk.write() as session:
        work(session, now, **record)
        assert hint_level(session, "wang", now) == level


def test_an_old_record_counts_no_more(desk: Database, now: datetime) -> None:
    with desk.write() as session:
        work(session, now)
        assert hint_level(session, "wang", now + timedelta(days=60)) == "all"


def test_what_was_chosen_counts_more_than_the_record(desk: Database, now: datetime) -> None:
    with desk.write() as session:
        choose_level(session, "wang", "red")
        choose_level(session, "wang", "red")
        assert hint_level(session, "wang", now) == "red"
        choose_level(session, "wang", "auto")
        assert (chosen_level(session, "wang"), hint_level(session, "wang", now)) == ("auto", "all")


def test_an_unknown_level_is_refused(desk: Database) -> None:
    with desk.write() as session, pytest.raises(InvalidInput):
        choose_level(session, "wang", "loud")
