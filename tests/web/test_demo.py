"""The demo through the real path, on SQLite: loaded once, looked at from many sides."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance import ledger, rights
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.casebook.stages import stage_of
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.gate.tokens import PermitKeys
from compliance.judge import load_judge
from compliance.judge.types import CATEGORIES, STAGES
from compliance.review.models import Appeal, Opinion, Review, Sample
from compliance.rights.models import DebtorCode, Inbound, Notice, RightsRequest
from scripts_library.models import PracticeAttempt, PracticeExercise, ScriptVersion
from web.accounts import verify_password
from web.demo import PASSWORD, STAFF, code_of, load_demo
from web.demo.loading import SECRET
from web.demo.people import NAMES, REGION, identity_number, people

KEYS = PermitKeys.from_secret("k" * 40)


@pytest.fixture(scope="module")
def demo(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, now_of_session: datetime
) -> Iterator[Database]:
    """A database with the demo in it."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    assert load_demo(database, load_judge("cn"), now_of_session, keys=KEYS)
    yield database
    database.dispose()


@pytest.fixture
def session(demo: Database) -> Iterator[Session]:
    with demo.read() as session:
        yield session


def count(session: Session, table: type, *where: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def test_three_creditors_and_forty_debtors(session: Session) -> None:
    assert (count(session, Creditor), count(session, Debtor)) == (3, 40)


def test_every_stage_has_several_accounts(session: Session, now: datetime) -> None:
    stages = Counter(stage_of(account, now) for account in session.scalars(select(Account)))
    assert min(stages[stage] for stage in STAGES) >= 5


@pytest.mark.parametrize(("name", "role"), [(name, role) for name, _, role, _ in STAFF])
def test_everybody_can_log_in(session: Session, name: str, role: str) -> None:
    user = verify_password(session, name, PASSWORD)
    assert user is not None
    assert user.role == role


def test_officers_find_every_category_waiting(session: Session) -> None:
    query = select(Outreach.verdict).join(Review, Review.outreach_id == Outreach.id).where(Review.state == "waiting")
    found = {finding["category"] for verdict in session.scalars(query) for finding in verdict["findings"]}
    assert [category for category in CATEGORIES if category not in found] == []


def test_the_queue_is_not_full_of_lawful_notes(session: Session) -> None:
    assert 15 <= count(session, Review, Review.state == "waiting") <= 25


def test_officers_have_decided_some(session: Session) -> None:
    decided = set(session.scalars(select(Review.state)))
    assert decided >= {"waiting", "returned", "refused", "noted"}


@pytest.mark.parametrize("state", ["blocked", "held", "sent", "recorded"])
def test_every_end_of_an_outreach_occurs(session: Session, state: str) -> None:
    assert count(session, Outreach, Outreach.state == state) > 0


def test_calls_have_outcomes(session: Session) -> None:
    outcomes = Counter(session.scalars(select(Outreach.outcome).where(Outreach.channel == "call")))
    assert {"connected", "no_answer", "powered_off"} <= set(outcomes)


@pytest.mark.parametrize("type", ["dispute", "complaint", "plan", "stop_contact"])
def test_requests_are_open(session: Session, type: str) -> None:
    assert count(session, RightsRequest, RightsRequest.type == type, RightsRequest.closed_at.is_(None)) > 0


def test_one_agency_case_has_no_outsourcing_notice(session: Session) -> None:
    told = select(Notice.debtor_id).where(Notice.type == "outsourcing")
    assert count(session, Account, Account.agency.is_not(None), Account.debtor_id.not_in(told)) == 1


def test_every_script_is_approved_by_the_second_trainer(session: Session) -> None:
    rows = session.execute(select(ScriptVersion.state, ScriptVersion.author, ScriptVersion.approver).distinct())
    assert sorted(rows, key=str) == [("approved", "lin", "wu"), ("submitted", "lin", None)]


def test_a_script_waits_for_the_second_trainer_and_a_learner_has_practised(session: Session) -> None:
    assert count(session, ScriptVersion, ScriptVersion.state == "submitted") == 1
    assert session.scalars(select(PracticeAttempt.learner)).all() == ["wang"]
    assert count(session, PracticeExercise) == 2


@pytest.mark.parametrize("table", [Appeal, Sample, Opinion, Inbound, DebtorCode])
def test_no_desk_of_an_officer_is_empty(session: Session, table: type) -> None:
    assert session.scalars(select(table)).first() is not None


def test_what_debtors_sent_is_proposed_as_requests(session: Session) -> None:
    heard = [rights.inbound_of(session, one) for one in session.scalars(select(Inbound.debtor_id))]
    assert all(message.proposed for found in heard for message in found)


def test_the_debtors_page_opens(demo: Database, session: Session, now: datetime) -> None:
    code = code_of(demo, SECRET)
    assert code is not None
    assert rights.open_code(session, code, now) is not None


def test_the_ledger_of_the_fortnight_verifies(session: Session) -> None:
    assert ledger.verify(session).ok


def test_nothing_lies_in_the_future(session: Session, now: datetime) -> None:
    assert count(session, Outreach, Outreach.at > now) == 0


def test_relatives_and_colleagues_have_relation_and_source(session: Session) -> None:
    others = session.scalars(select(ContactPoint).where(ContactPoint.relation == "other_third_party")).all()
    assert len(others) >= 10
    assert all(point.label and point.source for point in others)


def test_a_database_that_is_not_empty_is_left_alone(demo: Database, now: datetime) -> None:
    assert load_demo(demo, load_judge("cn"), now, keys=KEYS) is False


def test_the_same_day_gives_the_same_people() -> None:
    today = date(2026, 11, 22)
    assert people(today, Random(1)) == people(today, Random(1))


def test_names_are_not_repeated() -> None:
    assert len(set(NAMES)) == 40


@pytest.mark.parametrize("person", people(date(2026, 11, 22), Random(1)), ids=lambda person: person.ref)
def test_identity_numbers_are_valid_and_nobodys(person) -> None:  # type: ignore[no-untyped-def]
    digits = [10 if one == "X" else int(one) for one in person.id_number]
    assert sum(digit * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11 == 1
    assert person.id_number.startswith(REGION)


def test_a_check_digit_may_be_ten() -> None:
    assert {identity_number(date(1990, 1, 1), number)[-1] for number in range(200)} == set("0123456789X")
