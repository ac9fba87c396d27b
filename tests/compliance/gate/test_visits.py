"""The sheet of a visit: needed before an outcome and before the next visit; what is amiss goes to an officer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from compliance.casebook.models import ContactPoint
from compliance.database import Database
from compliance.gate import Recorded, record_outcome, record_visit, redeem
from compliance.gate.models import Review, VisitRecord
from compliance.gate.permits import expire_permits
from compliance.gate.types import Conflict, Submission
from compliance.judge import InvalidInput
from compliance.judge.contact import Policy, load_policy
from compliance.judge.contact.visiting import VisitSheet
from compliance.judge.packs import PACKS
from tests.compliance.gate.world import KEYS, MING, FakeJudge, call, entries, row, send, sms

ADDRESS = "某市某区某路1号"
"""Where the first debtor lives."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(PACKS / "cn")


@pytest.fixture
def home(desk: Database) -> Database:
    """The desk, where the first debtor has an address too."""
    with desk.write() as session:
        session.add(
            ContactPoint(ref="H1", debtor_id=1, kind="address", value=ADDRESS, relation="self", source="contract")
        )
    return desk


def visit(id: str, **fields: Any) -> Submission:
    return sms(id, None, **{"channel": "visit", "contact_point": "H1", "visitors": 2, **fields})


def sheet(now: datetime, **changes: Any) -> VisitSheet:
    told = VisitSheet(
        people=("明", "红"), shown=("identity", "authority", "papers"), arrived_at=now,
        left_at=now + timedelta(minutes=20), outcome="visited", course="已当面告知账单情况，客户表示下月处理。",
        dress_checked=True, recording="REC-1",
    )  # fmt: skip
    return replace(told, **changes)


def record(db: Database, judge: FakeJudge, policy: Policy, told: VisitSheet, now: datetime, id: str = "v") -> Recorded:
    later = now + timedelta(minutes=30)
    return record_visit(db, judge, policy, id, told, MING, later, keys=KEYS)  # type: ignore[arg-type]


def test_a_sheet_settles_the_visit(home: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    send(home, judge, visit("v"), now)
    recorded = record(home, judge, policy, sheet(now), now)
    assert (recorded.state, recorded.outcome, recorded.findings) == ("sent", "visited", ())
    assert row(home, "v").outcome == "visited"
    assert [kind for kind, _ in entries(home)][-2:] == ["visit:recorded", "outreach:outcome"]
    with home.read() as session:
        assert session.scalars(select(Review)).all() == []


def test_the_words_are_a_note_about_the_same_account(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    send(home, judge, visit("v"), now)
    record(home, judge, policy, sheet(now), now)
    with home.read() as session:
        note = session.scalars(select(VisitRecord.note)).one()
    told = row(home, note)
    assert (told.channel, told.account_id, told.state) == ("note", 1, "recorded")


BREACHES = [
    ("one came", {"people": ("明",)}, ["people"]),
    ("the same one twice", {"people": ("明", "明")}, ["people"]),
    ("four came", {"people": ("明", "红", "刚", "强")}, ["people"]),
    ("no authority shown", {"shown": ("identity", "papers")}, ["documents"]),
    ("nobody at home to be shown anything", {"shown": (), "outcome": "no_answer"}, []),
    ("went in, let in by nobody", {"entered": True}, ["entry"]),
    ("went in, let in", {"entered": True, "consent": "客户本人开门请进"}, []),
    ("pictures inside", {"entered": True, "consent": "客户本人", "filmed_inside": True}, ["filming"]),
    ("not recorded", {"recording": None, "no_recording": "设备没电"}, ["recording"]),
    ("dress not looked at", {"dress_checked": False}, ["dress"]),
]


@pytest.mark.parametrize(("changes", "rules"), [one[1:] for one in BREACHES], ids=[one[0] for one in BREACHES])
def test_what_is_amiss_goes_to_an_officer(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime, changes: dict[str, Any], rules: list[str]
) -> None:
    send(home, judge, visit("v"), now)
    recorded = record(home, judge, policy, sheet(now, **changes), now)
    assert [finding.rule for finding in recorded.findings] == [f"cn.visit.{rule}" for rule in rules]
    with home.read() as session:
        waiting = session.scalars(select(Review.outreach_id).where(Review.state == "waiting")).all()
        note = session.scalars(select(VisitRecord.note)).one()
    assert list(waiting) == ([row(home, note).id] if rules else [])
    assert [one["rule"] for one in row(home, note).verdict["findings"]] == [f"cn.visit.{rule}" for rule in rules]


@pytest.mark.parametrize(("minutes", "rules"), [(0, []), (2, []), (3, ["cn.visit.stayed"])])
def test_asked_to_leave(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime, minutes: int, rules: list[str]
) -> None:
    send(home, judge, visit("v"), now)
    told = sheet(now)
    asked = told.left_at - timedelta(minutes=minutes)
    recorded = record(home, judge, policy, replace(told, asked_to_leave_at=asked), now)
    assert [finding.rule for finding in recorded.findings] == rules


def test_the_same_sheet_twice_is_one(home: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    send(home, judge, visit("v"), now)
    told = sheet(now, recording=None, no_recording="设备没电")
    first = record(home, judge, policy, told, now)
    again = record(home, judge, policy, told, now)
    assert (again.outcome, again.findings) == (first.outcome, first.findings)
    kinds = [kind for kind, _ in entries(home)]
    assert (kinds.count("visit:recorded"), kinds.count("note:visit_breach")) == (1, 1)


def test_another_sheet_does_not_replace_the_first(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    send(home, judge, visit("v"), now)
    record(home, judge, policy, sheet(now), now)
    with pytest.raises(Conflict, match="已经登记"):
        record(home, judge, policy, sheet(now, recording="REC-2"), now)


IMPOSSIBLE = [
    ("people", {"people": ()}),
    ("people", {"people": ("",)}),
    ("shown", {"shown": ("passport",)}),
    ("outcome", {"outcome": "connected"}),
    ("course", {"course": " "}),
    ("recording", {"recording": None}),
    ("no_recording", {"recording": None, "no_recording": " "}),
    ("consent", {"consent": "同" * 201}),
]


@pytest.mark.parametrize(("field", "changes"), IMPOSSIBLE)
def test_a_sheet_that_cannot_be(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime, field: str, changes: dict[str, Any]
) -> None:
    send(home, judge, visit("v"), now)
    with pytest.raises(InvalidInput) as refused:
        record(home, judge, policy, sheet(now, **changes), now)
    assert refused.value.field == field
    assert row(home, "v").outcome is None


@pytest.mark.parametrize(
    ("field", "away"), [("left_at", -1), ("left_at", 60), ("asked_to_leave_at", -1), ("asked_to_leave_at", 21)]
)
def test_times_that_cannot_be(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime, field: str, away: int
) -> None:
    send(home, judge, visit("v"), now)
    with pytest.raises(InvalidInput) as refused:
        record(home, judge, policy, sheet(now, **{field: now + timedelta(minutes=away)}), now)
    assert refused.value.field == field


def test_only_a_visit_that_was_permitted_has_a_sheet(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    send(home, judge, call("c"), now)
    judge.bars.add("D1")
    send(home, judge, visit("v"), now)
    for id in ("c", "v"):
        with pytest.raises(Conflict, match="不是获准的外访"):
            record(home, judge, policy, sheet(now), now, id)


def test_no_outcome_of_a_visit_without_a_sheet(home: Database, judge: FakeJudge, now: datetime) -> None:
    send(home, judge, visit("v"), now)
    with pytest.raises(Conflict) as refused:
        record_outcome(home, "v", "visited", now, MING, now)
    assert refused.value.code == "sheet_missing"


def test_nobody_went(home: Database, judge: FakeJudge, now: datetime) -> None:
    send(home, judge, visit("v"), now)
    assert record_outcome(home, "v", "not_made", None, MING, now).state == "expired"


def test_who_used_the_permit_went(home: Database, judge: FakeJudge, now: datetime) -> None:
    token = send(home, judge, visit("v"), now).permit or ""
    assert redeem(home, judge, token, ADDRESS, None, now, KEYS).status == 200  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="已经核销"):
        record_outcome(home, "v", "not_made", None, MING, now)


def test_a_call_is_made_or_has_another_outcome(home: Database, judge: FakeJudge, now: datetime) -> None:
    send(home, judge, call("c"), now)
    with pytest.raises(InvalidInput, match="只适用于外访"):
        record_outcome(home, "c", "not_made", None, MING, now)


def untold(judge: FakeJudge) -> list[tuple[str, str | None]]:
    """The visits that the policy was shown last."""
    facts = judge.facts[-1]
    assert facts is not None
    return [(one.state, one.outcome) for one in facts.attempts if one.channel == "visit"]


@pytest.mark.parametrize("swept", [True, False])
def test_leave_that_ran_out_is_shown_to_the_policy_until_somebody_tells(
    home: Database, judge: FakeJudge, now: datetime, swept: bool
) -> None:
    send(home, judge, visit("v"), now)
    later = now + timedelta(minutes=11)
    if swept:
        expire_permits(home, later)
    send(home, judge, call("c"), later)
    assert untold(judge) == [("expired", None)]
    record_outcome(home, "v", "not_made", None, MING, later)
    send(home, judge, call("d"), later)
    assert untold(judge) == []


def test_a_sheet_filled_in_after_the_permit_ran_out_takes_the_slot(
    home: Database, judge: FakeJudge, policy: Policy, now: datetime
) -> None:
    send(home, judge, visit("v"), now)
    expire_permits(home, now + timedelta(minutes=11))
    record(home, judge, policy, sheet(now), now)
    send(home, judge, call("c"), now + timedelta(minutes=31))
    assert untold(judge) == [("sent", "visited")]


def test_words_of_the_sheet_are_sealed(home: Database, judge: FakeJudge, policy: Policy, now: datetime) -> None:
    send(home, judge, visit("v"), now)
    record(home, judge, policy, sheet(now, entered=True, consent="客户母亲王芳"), now)
    with home.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT consent FROM visit_records").scalar_one()
    assert "王芳" not in stored
    with home.read() as session:
        assert session.scalars(select(VisitRecord.consent)).one() == "客户母亲王芳"
