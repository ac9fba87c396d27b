"""Sampling: random, reproducible, one sample to so many officers as are wanted; figures honest with small numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance import review
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.types import Actor, Conflict, Forbidden
from compliance.judge.types import InvalidInput
from compliance.review.agreement import FEW, Share, find_kappa
from compliance.review.models import Sample
from compliance.review.queue import LEASE
from compliance.review.sampling import SECOND
from tests.compliance.gate.world import LI, WANG, FakeJudge, at_once, email, send

SECRET = "a secret of the house that nobody who sends knows"
SUN = Actor("sun", "officer")


@pytest.fixture
def sent(desk: Database, judge: FakeJudge, now: datetime) -> Database:
    """Twenty allowed e-mails and a blocked one, yesterday."""
    judge.limit = 100
    yesterday = now - timedelta(days=1)
    for number in range(20):
        send(desk, judge, email(f"m{number}"), yesterday)
    send(desk, judge, email("bad", "你要坐牢"), yesterday)
    return desk


def draw(db: Database, now: datetime, share: float = 1.0, secret: str = SECRET) -> review.Drawn:
    day = (now - timedelta(days=1)).date()
    return review.draw(db, secret, day, now.date(), share, LI, now)


def sampled(db: Database) -> set[str]:
    with db.read() as session:
        return set(session.scalars(select(Outreach.client_id).join(Sample, Sample.outreach_id == Outreach.id)))


def opine(db: Database, officer: Actor, now: datetime, decision: str = "allow") -> int | None:
    taken = review.take_sample(db, officer, now)
    if taken is not None:
        review.give_opinion(db, taken, decision, "理由", officer, now)
    return taken


def set_wanted(db: Database, wanted: int) -> None:
    with db.write() as session:
        for sample in session.scalars(select(Sample)):
            sample.wanted = wanted


# Drawing


def test_only_what_was_allowed_is_drawn(sent: Database, now: datetime) -> None:
    assert draw(sent, now) == review.Drawn(20, 20, 20)
    assert "bad" not in sampled(sent)


def test_the_same_day_again_is_the_same_sample(sent: Database, now: datetime) -> None:
    first = draw(sent, now, 0.5)
    before = sampled(sent)
    assert draw(sent, now, 0.5) == review.Drawn(20, first.sampled, 0)
    assert sampled(sent) == before
    assert before == {f"m{n}" for n in range(20) if review.is_drawn(SECRET, f"m{n}", 0.5)}


def test_the_share_is_kept_and_nobody_without_the_secret_can_tell() -> None:
    ids = [f"id-{number}" for number in range(20_000)]
    drawn = {id for id in ids if review.is_drawn(SECRET, id, 0.05)}
    assert 850 < len(drawn) < 1150
    assert drawn != {id for id in ids if review.is_drawn(SECRET[::-1], id, 0.05)}
    twice = sum(review.is_drawn(SECRET, id, SECOND, "second") for id in drawn) / len(drawn)
    assert abs(twice - SECOND) < 0.06


def test_a_larger_share_holds_the_smaller() -> None:
    ids = [f"id-{number}" for number in range(2_000)]
    small, large = ({id for id in ids if review.is_drawn(SECRET, id, share)} for share in (0.02, 0.1))
    assert small < large


def test_a_day_that_is_not_over_is_not_drawn(sent: Database, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        review.draw(sent, SECRET, now.date(), now.date(), 1.0, LI, now)


def test_a_collector_draws_nothing(sent: Database, now: datetime) -> None:
    with pytest.raises(Forbidden):
        review.draw(sent, SECRET, now.date(), now.date(), 1.0, Actor("ming"), now)


# Looking


def test_one_sample_to_one_officer(sent: Database, now: datetime) -> None:
    draw(sent, now)
    set_wanted(sent, 1)
    assert review.take_sample(sent, LI, now) != review.take_sample(sent, WANG, now)


def test_a_sample_comes_back_after_the_lease(sent: Database, now: datetime) -> None:
    draw(sent, now)
    set_wanted(sent, 1)
    first = review.take_sample(sent, LI, now)
    assert review.take_sample(sent, LI, now) == first
    assert review.take_sample(sent, WANG, now + LEASE + timedelta(seconds=1)) == first


def test_two_officers_each_say_their_word_once(sent: Database, now: datetime) -> None:
    draw(sent, now)
    set_wanted(sent, 2)
    first = opine(sent, LI, now)
    assert opine(sent, WANG, now, "block") == first
    assert review.take_sample(sent, SUN, now) != first
    assert first is not None
    with pytest.raises(Conflict):
        review.give_opinion(sent, first, "allow", "", LI, now)


def test_what_is_not_taken_is_not_decided(sent: Database, now: datetime) -> None:
    draw(sent, now)
    with pytest.raises(Conflict):
        review.give_opinion(sent, 1, "allow", "", LI, now)


def test_an_objection_needs_its_reason(sent: Database, now: datetime) -> None:
    draw(sent, now)
    taken = review.take_sample(sent, LI, now)
    assert taken is not None
    with pytest.raises(InvalidInput):
        review.give_opinion(sent, taken, "block", " ", LI, now)


def test_ones_own_outreach_is_for_others(sent: Database, now: datetime) -> None:
    draw(sent, now)
    assert review.take_sample(sent, Actor("ming", "officer"), now) is None


def test_officers_at_once_get_different_samples(sent: Database, now: datetime) -> None:
    draw(sent, now)
    set_wanted(sent, 1)
    officers = [Actor(f"o{number}", "officer") for number in range(6)]
    taken: list[Any] = at_once([lambda officer=officer: review.take_sample(sent, officer, now) for officer in officers])
    assert len(set(taken)) == 6
    assert None not in taken


# Figures


def test_agreement_with_the_judge_and_between_officers(sent: Database, now: datetime) -> None:
    draw(sent, now)
    set_wanted(sent, 2)
    for decision in ("allow", "allow", "block"):
        opine(sent, LI, now, decision)
    for _ in range(3):
        opine(sent, WANG, now)
    with sent.read() as session:
        found = review.measure(session, now.date() - timedelta(days=1), now.date())
    assert (found.with_judge.hits, found.with_judge.of) == (5, 6)
    assert (found.between.hits, found.between.of) == (2, 3)
    assert found.kappa is None
    assert found.with_judge.few


def test_days_outside_are_not_counted(sent: Database, now: datetime) -> None:
    draw(sent, now)
    opine(sent, LI, now)
    with sent.read() as session:
        assert review.measure(session, now.date(), now.date()).with_judge == Share(0, 0)


def test_no_case_is_no_share() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [(Share(10, 10), 0.7225, 1.0), (Share(0, 10), 0.0, 0.2775), (Share(81, 100), 0.722, 0.875)],
)
def test_the_interval_is_wilsons(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=1e-3)


def test_kappa_takes_chance_out() -> None:
    """Cohen's own worked shape: 20, 5, 10, 15 of 50 give 0.4."""
    pairs = [("allow", "allow")] * 20 + [("allow", "block")] * 5 + [("block", "allow")] * 10 + [("block", "block")] * 15
    assert find_kappa(pairs) == pytest.approx(0.4)
    assert find_kappa(pairs[: FEW - 1]) is None
    assert find_kappa([("allow", "allow")] * 50) is None
