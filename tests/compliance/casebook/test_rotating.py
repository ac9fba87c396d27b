"""Changing the key that personal data is sealed with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select, text

from compliance.casebook import is_personal
from compliance.casebook.models import ContactPoint, Debtor
from compliance.casebook.rotating import rotate
from compliance.database import Database
from compliance.sealing import DataKeys, SealingError, keys_in_use, use_keys
from tests.compliance.gate.world import EMAIL, MOBILE, entries, populate

OLD, NEW = "k1=" + "11" * 32, "k2=" + "22" * 32
BOTH = DataKeys.parse(f"{NEW},{OLD}")


@pytest.fixture(autouse=True)
def _keys_as_before() -> Iterator[None]:
    before = keys_in_use()
    yield
    use_keys(before)


@pytest.fixture
def sealed(db: Database) -> Database:
    """The small casebook, sealed with the old key."""
    use_keys(DataKeys.parse(OLD))
    populate(db)
    with db.write() as session:
        session.get_one(Debtor, 1).id_number = "11010119900307123X"
    return db


def of_key(db: Database, key: str) -> int:
    with db.read() as session:
        counts = [
            session.scalar(text(f"SELECT count(*) FROM {table} WHERE {column} LIKE 'v1.{key}.%'"))  # noqa: S608
            for table, column in (("debtors", "id_number_sealed"), ("contact_points", "sealed"))
        ]
    return sum(count or 0 for count in counts)


def test_everything_is_sealed_again_and_the_old_key_can_go(sealed: Database, now: datetime) -> None:
    use_keys(BOTH)
    assert rotate(sealed, BOTH, now, "admin") == 9
    use_keys(DataKeys.parse(NEW))
    with sealed.read() as session:
        values = set(session.scalars(select(ContactPoint.value).where(ContactPoint.debtor_id == 1)))
    assert (of_key(sealed, "k1"), of_key(sealed, "k2")) == (0, 9)
    assert {MOBILE, EMAIL} < values


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
    assert rotate(sealed, BOTH, now, "admin") == 9


def test_once_is_enough_and_has_one_entry(sealed: Database, now: datetime) -> None:
    use_keys(BOTH)
    assert [rotate(sealed, BOTH, now, "admin") for _ in range(2)] == [9, 0]
    assert [kind for kind, _ in entries(sealed)] == ["keys:rotated"]


def test_a_key_that_is_gone_stops_it_before_anything_is_lost(sealed: Database, now: datetime) -> None:
    alone = DataKeys.parse(NEW)
    use_keys(alone)
    with pytest.raises(SealingError):
        rotate(sealed, alone, now, "admin")
    assert of_key(sealed, "k1") == 9
