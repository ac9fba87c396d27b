"""Changing the key that personal data is sealed with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, select

from compliance.casebook import is_personal
from compliance.casebook.models import ContactPoint, Debtor
from compliance.casebook.rotating import rotate
from compliance.database import Base, Database
from compliance.gate.inputs import unpack_inputs
from compliance.gate.models import OutreachText
from compliance.sealing import DataKeys, SealingError, is_sealed_with, keys_in_use, sealed_columns, use_keys
from tests.compliance.gate.world import EMAIL, MOBILE, FakeJudge, entries, populate, send, sms

OLD, NEW = "k1=" + "11" * 32, "k2=" + "22" * 32
VALUES = 14
"""Eight contact points, an identity number, two names; of the message text, inputs and permit."""
BOTH = DataKeys.parse(f"{NEW},{OLD}")


@pytest.fixture(autouse=True)
def _keys_as_before() -> Iterator[None]:
    before = keys_in_use()
    yield
    use_keys(before)


@pytest.fixture
def sealed(db: Database, now: datetime) -> Database:
    """The small casebook and a message, sealed with the old key."""
    use_keys(DataKeys.parse(OLD))
    populate(db)
    with db.write() as session:
        session.get_one(Debtor, 1).id_number = "11010119900307123X"
    send(db, FakeJudge(), sms("1", "张三您好，请还款。"), now)
    return db


def of_key(db: Database, key: str) -> int:
    """How many values are sealed with the key, in all tables, asked of what is stored."""
    with db.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(column.table).where(is_sealed_with(column, key)))
            for column in sealed_columns(Base.metadata)
        ]
    return sum(count or 0 for count in counts)


def test_everything_is_sealed_again_and_the_old_key_can_go(sealed: Database, now: datetime) -> None:
    use_keys(BOTH)
    assert rotate(sealed, BOTH, now, "admin") == VALUES
    use_keys(DataKeys.parse(NEW))
    with sealed.read() as session:
        values = set(session.scalars(select(ContactPoint.value).where(ContactPoint.debtor_id == 1)))
        words = session.scalars(select(OutreachText)).one()
        name = session.scalar(select(Debtor.name).where(Debtor.id == 1))
    assert (of_key(sealed, "k1"), of_key(sealed, "k2")) == (0, VALUES)
    assert {MOBILE, EMAIL} < values
    assert (name, words.text, words.instead) == ("张三", "张三您好，请还款。", [])
    assert words.inputs is not None and unpack_inputs(words.inputs).message.channel == "sms"


def test_people_are_found_before_between_and_after(sealed: Database, now: datetime) -> None:
    found = []
    for keys in (OLD, f"{NEW},{OLD}", None, NEW):
        if keys is None:
            rotate(sealed, BOTH, now, "admin")
            continue
        use_keys(DataKeys.parse(keys))
        with sealed.read() as session:
            found.append(session.scalars(select(Debtor.ref).where(is_personal("11010119900307123X"))).all())
    assert found == [["D1"]] * 3


def test_more_rows_than_one_transaction_takes(sealed: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.casebook.rotating.AT_ONCE", 3)
    use_keys(BOTH)
    assert rotate(sealed, BOTH, now, "admin") == VALUES


def test_once_is_enough_and_has_one_entry(sealed: Database, now: datetime) -> None:
    use_keys(BOTH)
    assert [rotate(sealed, BOTH, now, "admin") for _ in range(2)] == [VALUES, 0]
    assert [kind for kind, _ in entries(sealed)] == ["outreach:decided", "keys:rotated"]


def test_a_key_that_is_gone_stops_it_before_anything_is_lost(sealed: Database, now: datetime) -> None:
    alone = DataKeys.parse(NEW)
    use_keys(alone)
    with pytest.raises(SealingError):
        rotate(sealed, alone, now, "admin")
    assert of_key(sealed, "k1") == VALUES
