"""What became of a promise, by how the next call ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from assistant.calls.closing import Closing, close_call
from assistant.calls.desk import Desk, build_desk
from assistant.calls.models import Promise
from assistant.calls.opening import Introduction, Opening, open_call
from assistant.calls.promising import Promised
from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import Actor
from compliance.judge import Judge, load_judge

KEYS = PermitKeys.from_secret("k" * 40)
WANG = Actor("wang", "collector")


@pytest.fixture(scope="session")
def real_judge() -> Judge:
    return load_judge("cn")


@pytest.fixture
def calls(desk: Database, real_judge: Judge) -> Desk:
    return build_desk(desk, real_judge, KEYS)


def end(calls: Desk, at: datetime, outcome: str, promised: date | None = None) -> None:
    """A call that came in at ``at`` and ended so."""
    with calls.db.read() as session:
        query = (
            select(Debtor.ref, ContactPoint.ref)
            .join(ContactPoint, ContactPoint.debtor_id == Debtor.id)
            .where(ContactPoint.kind == "mobile", ContactPoint.relation == "self")
            .order_by(ContactPoint.id)
        )
        debtor, point = session.execute(query).first() or ("", "")
    ref = open_call(calls, Opening(debtor, point, direction="in"), WANG, Introduction, at).ref
    close_call(calls, ref, Closing(outcome, promise=Promised(promised, None) if promised else None), WANG, at)


def kept(calls: Desk) -> list[bool | None]:
    with calls.db.read() as session:
        return list(session.scalars(select(Promise.kept).order_by(Promise.id)))


@pytest.mark.parametrize(
    ("days", "outcome", "expected"),
    [(1, "paid", True), (9, "paid", True), (9, "promise", False), (1, "promise", None), (9, "hardship", None)],
)
def test_the_next_call_tells(calls: Desk, now: datetime, days: int, outcome: str, expected: bool | None) -> None:
    """A promise for the fifth day; the next call after so many days."""
    end(calls, now, "promise", (now + timedelta(days=5)).date())
    later = now + timedelta(days=days)
    end(calls, later, outcome, (later + timedelta(days=5)).date() if outcome == "promise" else None)
    assert kept(calls)[0] is expected
