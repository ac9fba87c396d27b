"""Every table is classified, and what is said to go does go, wherever it stood."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import JSON, Table, Text, select, update
from sqlalchemy.orm import Session

from assistant.calls.models import Call, CallTurn
from compliance import ledger, rights
from compliance.casebook.models import Account, ContactAgreement, Debtor
from compliance.database import Base, Database
from compliance.gate.models import Outreach, Review, VisitRecord
from compliance.retention import erase, load_retention
from compliance.retention.tables import GOES, KEPT, MADE, STAYS
from compliance.review.models import Appeal, FindingDecision, Opinion, Sample
from compliance.rights.models import DebtorCode, PaymentOffer, PlanAgreement, RightsRequest
from compliance.sealing import SEALED_TYPES, sealed_columns
from tests.compliance.gate.world import MOBILE, FakeJudge, send, sms

ROOT = Path(__file__).parents[3]
SECRET = "他在人民医院住院"
ID_NUMBER = "11010119900307123X"
ROW_BY_ROW = {"debtors.name_sealed", "debtors.id_number_sealed", "contact_points.sealed", "accounts.account_no"}
"""Columns of a person that are written one by one, since each row is given a value of its own."""


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    for path in (path for room in ("compliance", "scripts_library", "assistant", "web") for path in
                 (ROOT / room).rglob("models.py")):  # fmt: skip
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return dict(Base.metadata.tables)


def test_every_table_is_kept_for_a_reason_or_erased(tables: dict[str, Table]) -> None:
    classified = {goes.table.name for goes in GOES} | set(KEPT)
    assert (set(tables) - classified, classified - set(tables)) == (set(), set())
    assert all(why.strip() for why in (*KEPT.values(), *STAYS.values()))


def test_every_column_of_words_goes_or_stays_for_a_reason(tables: dict[str, Table]) -> None:
    personal = {goes.table.name for goes in GOES}
    words = {
        f"{name}.{column.name}" for name in personal for column in tables[name].c
        if isinstance(column.type, (Text, JSON, *SEALED_TYPES))
    }  # fmt: skip
    gone = {f"{goes.table.name}.{column}" for goes in GOES for column in goes.gone} | ROW_BY_ROW
    assert words - gone - set(STAYS) == set()


def test_every_sealed_column_is_erased_in_the_end() -> None:
    gone = {f"{goes.table.name}.{column}" for goes in GOES for column in goes.gone} | ROW_BY_ROW
    assert {f"{column.table.name}.{column.name}" for column in sealed_columns(Base.metadata)} - gone == set()


def test_what_is_named_exists(tables: dict[str, Table]) -> None:
    named = {(goes.table.name, column) for goes in GOES for column in goes.gone}
    named |= {(child, column) for goes in GOES for child, column in _steps(goes.table.name, goes.way)}
    named |= set(MADE.items()) | {tuple(column.split(".")) for column in STAYS}  # type: ignore[arg-type]
    assert [one for one in named if one[1] not in tables[one[0]].c] == []


def _steps(table: str, way: tuple[tuple[str, object, str], ...]) -> list[tuple[str, str]]:
    steps = []
    for column, parent, key in way:
        steps += [(table, column), (parent.name, key)]  # type: ignore[attr-defined]
        table = parent.name  # type: ignore[attr-defined]
    return steps


@pytest.fixture
def full(desk: Database, now: datetime) -> Database:
    """The first debtor has something secret in every column that is said to go; nothing is open."""
    send(desk, FakeJudge(), sms("1", f"张三您好，{SECRET}的费用已入账，回复 {MOBILE}。"), now)
    with desk.write() as session:
        outreach = session.scalars(select(Outreach)).one()
        outreach.masked = "张*您好"
        outreach.last_error = outreach.recording = SECRET
        _said_of(session, outreach.id, now)
        _said_by(session, now)
        debtor = session.get_one(Debtor, 1)
        debtor.id_number, debtor.vulnerable = ID_NUMBER, "illness"
        settled = {"case_no": f"（2026）{SECRET}", "settled_at": now}
        session.execute(update(Account).where(Account.debtor_id == 1).values(settled))
    return desk


def _said_of(session: Session, outreach: int, now: datetime) -> None:
    """What the staff said of the message."""
    review = Review(outreach_id=outreach, created_at=now, state="refused", reason=SECRET)
    sample = Sample(outreach_id=outreach, day=now.date(), drawn_at=now, wanted=1, given=1)
    session.add_all([review, sample])
    session.flush()
    session.add_all([
        FindingDecision(review_id=review.id, finding=0, rule="r", decision="violation", reason=SECRET),
        Appeal(outreach_id=outreach, against="refused", reason=SECRET, answer=SECRET, created_at=now, decided_at=now),
        Opinion(sample_id=sample.id, officer="chen", taken_at=now, decision="allow", reason=SECRET, given_at=now),
        VisitRecord(outreach_id=outreach, people="明\n红", shown="identity", arrived_at=now, left_at=now, entered=True,
                    consent=SECRET, filmed_inside=False, dress_checked=True, recording=SECRET, no_recording=SECRET,
                    note="n", recorded_by="ming", recorded_at=now),
        DebtorCode(outreach="1", digest=SECRET, made_at=now, failures=0),
    ])  # fmt: skip


def _said_by(session: Session, now: datetime) -> None:
    """What the debtor said, and where it was written down."""
    call = Call(ref="c1", debtor_id=1, contact_point_id=1, collector="ming", caller="明", direction="in",
                started_at=now, opened_at=now, revision=1)  # fmt: skip
    session.add(call)
    session.flush()
    session.add(CallTurn(call_id=call.id, seq=1, revision=1, speaker="debtor", text=SECRET, at=now, final=True,
                         verdict={"suggestion": SECRET}, slots={"reason": SECRET}))  # fmt: skip
    given = {"debtor_id": 1, "channel": "sms", "at": now, "actor": "ming", "now": now}
    rights.receive_inbound(session, ref="in1", text=SECRET, **given)  # type: ignore[arg-type]
    rights.give_notice(session, type="identity", evidence=SECRET, recording=SECRET, **given)  # type: ignore[arg-type]
    request = rights.receive_request(session, type="explanation", evidence=SECRET, recording=SECRET, **given)  # type: ignore[arg-type]
    request.closed_at, request.closed_by, request.answer, request.wish = now, "chen", SECRET, {"channels": [SECRET]}
    session.add(PaymentOffer(ref="po_1", debtor_id=1, account_id=1, contact_point_id=1, words=SECRET, recording=SECRET,
                             at=now, recorded_by="ming", recorded_at=now))  # fmt: skip
    session.add(PlanAgreement(
        ref="pl_1", debtor_id=1, account_id=1, kind="other", principal=1, interest=0, fees=0, currency="CNY",
        as_of=now.date(), instalments=1, cycle_months=1, first_due=now.date(), amount=1, method=SECRET, charged=True,
        charges=SECRET, no_new_card=False, duties=SECRET, other=SECRET, state="settled", proposed_by="ming",
        proposed_at=now, evidence=SECRET, recording=SECRET, reason=SECRET,
    ))  # fmt: skip
    session.add(ContactAgreement(debtor_id=1, since=now, evidence=SECRET, recorded_by="ming"))


def found(db: Database, tables: dict[str, Table], debtor: int = 1) -> set[str]:
    """Where the person, or the secret, can still be read; the second debtor has the same name and number."""
    places = set()
    with db.read() as session:
        for name, table in tables.items():
            mine = [table.c.id == debtor] if name == "debtors" else []
            mine += [table.c.debtor_id == debtor] if "debtor_id" in table.c else []
            for row in session.execute(select(table).where(*mine)).mappings():
                places |= {f"{name}.{column}" for column, value in row.items()
                           if any(word in str(value) for word in (SECRET, "张三", MOBILE, ID_NUMBER))}  # fmt: skip
    return {place for place in places if not place.startswith("ledger_")}


def test_before_it_stands_everywhere(full: Database, tables: dict[str, Table]) -> None:
    said = {f"{goes.table.name}.{column}" for goes in GOES for column, gone in goes.gone.items()} - {
        "outreach_texts.suggestion", "outreach_texts.instead", "outreach_texts.inputs", "outreach_texts.erased_at",
        "debtors.vulnerable", "contact_points.label", "contact_points.liable_evidence", "contact_points.valid",
        "outreach.permit",
    }  # fmt: skip
    assert said - found(full, tables) == set()


def test_words_go_from_every_table_and_the_person_with_the_rest(
    full: Database, tables: dict[str, Table], now: datetime
) -> None:
    policy = load_retention()
    erase(full, policy, now + timedelta(days=735), "chen")
    words = {goes.table.name for goes in GOES if goes.what == "words"}
    assert {place.split(".")[0] for place in found(full, tables)} & words == set()
    erase(full, policy, now + timedelta(days=1_100), "chen")
    assert found(full, tables) == set()
    with full.read() as session:
        assert session.scalar(select(DebtorCode)) is None
        assert session.scalars(select(RightsRequest.outcome)).all() == [None]
        assert ledger.verify(session).ok
