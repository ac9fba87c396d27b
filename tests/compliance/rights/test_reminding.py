"""What falls due is called to mind once, to whoever it waits for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from compliance import rights
from compliance.database import Database
from compliance.rights.models import RequestReminder, RightsRequest
from tests.compliance.gate.world import entries

DAY = timedelta(days=1)


@pytest.fixture
def asked(desk: Database, now: datetime) -> Database:
    """A dispute that Ming recorded, due in fifteen days or so."""
    with desk.write() as session:
        rights.receive_request(
            session, debtor_id=1, type="dispute", channel="call", evidence="金额不对", at=now, actor="ming", now=now
        )
    return desk


def due_at(db: Database) -> datetime:
    with db.read() as session:
        due = session.scalar(select(RightsRequest.due_at))
    assert due is not None
    return due


def remind(db: Database, now: datetime) -> list[str]:
    return db.run(lambda session: [one.reminder.urgency for one in rights.remind(session, now, "cron")])


def test_once_when_it_is_soon_and_once_when_it_is_over(asked: Database, now: datetime) -> None:
    due = due_at(asked)
    times = [now, due - 2 * DAY, due - DAY, due + DAY, due + 2 * DAY]
    assert [remind(asked, at) for at in times] == [[], ["soon"], [], ["overdue"], []]


def test_each_has_its_entry(asked: Database) -> None:
    remind(asked, due_at(asked) - DAY)
    remind(asked, due_at(asked) - DAY)
    assert [kind for kind, _ in entries(asked)] == ["request:received", "request:reminded"]


def test_whoever_takes_it_in_hand_is_reminded_too(asked: Database, now: datetime) -> None:
    remind(asked, due_at(asked) - DAY)
    with asked.write() as session:
        ref = session.scalars(select(RightsRequest.ref)).one()
        rights.own_request(session, ref=ref, owner="li", actor="li", now=now)
    assert remind(asked, due_at(asked) - DAY) == ["soon"]
    with asked.read() as session:
        assert session.scalars(select(RequestReminder.owner).order_by(RequestReminder.id)).all() == ["", "li"]


def test_what_is_answered_is_not_called_to_mind(asked: Database, now: datetime) -> None:
    with asked.write() as session:
        request = session.scalars(select(RightsRequest)).one()
        request.closed_at, request.closed_by, request.answer = now, "li", "已更正"
    assert remind(asked, due_at(asked) + DAY) == []


@pytest.mark.parametrize(("who", "count"), [("li", 1), ("ming", 0)])
def test_the_header_counts_what_waits_for_an_officer(asked: Database, who: str, count: int) -> None:
    with asked.read() as session:
        assert rights.count_urgent(session, who, due_at(asked) - 9 * DAY) == 0
        assert rights.count_urgent(session, who, due_at(asked) - DAY) == count


def test_what_was_mailed_is_not_mailed_again(asked: Database) -> None:
    soon = due_at(asked) - DAY
    remind(asked, soon)
    with asked.write() as session:
        waiting = rights.to_mail(session, soon)
        rights.note_mailed(session, [one.reminder.id for one in waiting], soon)
    with asked.read() as session:
        assert (len(waiting), rights.to_mail(session, soon)) == (1, [])
