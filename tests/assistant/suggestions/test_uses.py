from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assistant.calls.models import Call, CallRight, SuggestionUse
from assistant.suggestions.uses import FEWEST, Share, count_uses, uses_of, wilson
from compliance.casebook.models import ContactPoint
from compliance.database import Database
from scripts_library import ScriptHead, SeedScript, Wording, new_version, plant

PLAN = SeedScript(ScriptHead("middle.plan.a", "middle", "协商分期", "一"), Wording("您可以申请分期。"), ())
OTHER = SeedScript(ScriptHead("middle.care.a", "middle", "困难了解", "二"), Wording("先照顾好家里。"), ())
Take = Callable[..., None]


@pytest.fixture
def library(desk: Database, word_judge: Any, now: datetime) -> Database:
    """Two approved scripts (versions 1 and 2), and a second wording (3) of the first."""
    desk.run(lambda session: plant(session, word_judge, [PLAN, OTHER], author="lin", approver="wu", now=now))
    desk.run(lambda session: new_version(session, word_judge, 1, Wording("您可以申请最多六十期。"), "lin", now))
    return desk


@pytest.fixture
def take(library: Database, now: datetime) -> Take:
    """A call in which versions were taken: ``take([1], outcome="promise")``; without an outcome it is open."""

    def call(versions: list[int], outcome: str | None = None, by: str = "wang", complains: bool = False) -> None:
        with library.write() as session:
            point = session.scalars(select(ContactPoint).order_by(ContactPoint.id)).first()
            assert point is not None
            count = len(session.scalars(select(Call.id)).all())
            row = Call(
                ref=f"call-{count}", debtor_id=point.debtor_id, contact_point_id=point.id, collector=by, caller="王",
                direction="in", started_at=now, opened_at=now, outcome=outcome, closed_at=now if outcome else None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            at = now + timedelta(minutes=count)
            session.add_all(
                SuggestionUse(call_id=row.id, script_version_id=one, revision=1, by=by, at=at) for one in versions
            )
            if complains:
                session.add(CallRight(call_id=row.id, type="complaint", heard_at=at, revision=1))

    return call


def ends(library: Database, script_id: int = 1) -> dict[str, tuple[int, int]]:
    with library.read() as session:
        return {end: (share.count, share.of) for end, share in uses_of(session, script_id)[0].ends}


def test_a_script_that_nobody_took(library: Database) -> None:
    with library.read() as session:
        total, by_version = uses_of(session, 1)
    assert (total.taken, total.last_at, total.by, by_version) == (0, None, (), {})


def test_who_took_it_and_how_often(library: Database, take: Take, now: datetime) -> None:
    take([1])
    take([1, 3], by="li")
    take([1], by="li")
    with library.read() as session:
        total, by_version = uses_of(session, 1)
    assert (total.taken, total.calls, total.by) == (4, 3, (("li", 3), ("wang", 1)))
    assert total.last_at == now + timedelta(minutes=2)
    assert {number: one.taken for number, one in by_version.items()} == {1: 3, 2: 1}


def test_only_closed_calls_tell_how_they_ended(library: Database, take: Take) -> None:
    take([1], outcome="promise")
    take([1], outcome="hung_up")
    take([1])
    take([2], outcome="promise")
    assert ends(library) == {"promise": (1, 2), "complaint": (0, 2), "hang_up": (1, 2)}


def test_a_call_counts_once_however_often_it_was_taken(library: Database, take: Take) -> None:
    take([1, 1, 3], outcome="paid")
    assert ends(library)["promise"] == (1, 1)


def test_a_complaint_heard_in_the_call_counts_whatever_it_was_filed_under(library: Database, take: Take) -> None:
    take([1], outcome="promise", complains=True)
    take([1], outcome="complaint", complains=True)
    assert ends(library) == {"promise": (1, 2), "complaint": (2, 2), "hang_up": (0, 2)}


def test_uses_are_counted_for_a_list(library: Database, take: Take) -> None:
    take([1, 3])
    with library.read() as session:
        assert count_uses(session, [1, 2]) == {1: 2}


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 0, 0, 1), (0, 20, 0, 0.1611), (20, 20, 0.8389, 1), (5, 50, 0.0435, 0.2136), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


@pytest.mark.parametrize(("of", "enough"), [(FEWEST - 1, False), (FEWEST, True)])
def test_a_few_calls_are_no_share(of: int, enough: bool) -> None:
    assert Share(3, of).is_enough is enough
