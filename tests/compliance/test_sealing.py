"""Personal data at rest: sealed, bound to its column, found by its hash."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from compliance import sealing
from compliance.casebook import is_personal
from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.sealing import DataKeys, SealingError, keys_in_use, use_keys

OLD, NEW = "k1=" + "11" * 32, "k2=" + "22" * 32
MOBILE, ID_NUMBER = "13812345678", "11010119900307123X"


@pytest.fixture(autouse=True)
def _keys_as_before() -> Iterator[None]:
    """Whatever a test sets, the next one has the keys of all tests again."""
    before = keys_in_use()
    yield
    use_keys(before)


@pytest.fixture
def person(db: Database) -> Database:
    """One debtor with an identity number and a mobile."""
    with db.write() as session:
        session.add(Debtor(id=1, ref="D1", name="张三", id_number=ID_NUMBER))
        session.flush()
        session.add(ContactPoint(ref="M1", debtor_id=1, kind="mobile", value=MOBILE))
    return db


def stored(db: Database) -> str:
    """Everything that the two tables hold, as it lies there."""
    with db.read() as session:
        rows = [tuple(row) for table in ("debtors", "contact_points") for row in
                session.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608  # fmt: skip
    return str(rows)


def test_what_is_sealed_is_opened_again() -> None:
    keys = DataKeys.parse(OLD)
    assert keys.unseal(keys.seal("北京市海淀区1号", "a.b"), "a.b") == "北京市海淀区1号"


def test_the_same_value_looks_different_each_time() -> None:
    keys = DataKeys.parse(OLD)
    assert keys.seal(MOBILE, "a.b") != keys.seal(MOBILE, "a.b")


def test_an_old_key_opens_and_the_first_seals() -> None:
    both = DataKeys.parse(f"{NEW},{OLD}")
    assert both.unseal(DataKeys.parse(OLD).seal(MOBILE, "a.b"), "a.b") == MOBILE
    assert both.seal(MOBILE, "a.b").startswith("v1.k2.")


@pytest.mark.parametrize("wrong", ["another key", "another column", "changed", "in the clear", "cut"])
def test_what_was_not_sealed_so_is_refused_without_telling_it(wrong: str) -> None:
    keys = DataKeys.parse(OLD)
    sealed = keys.seal(MOBILE, "a.b")
    value = {
        "another key": DataKeys.parse("k1=" + "33" * 32).seal(MOBILE, "a.b"),
        "another column": keys.seal(MOBILE, "c.d"),
        "changed": sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:],
        "in the clear": MOBILE,
        "cut": sealed[:20],
    }[wrong]
    with pytest.raises(SealingError) as refused:
        keys.unseal(value, "a.b")
    assert MOBILE not in str(refused.value)


@pytest.mark.parametrize("raw", ["", "k1", "k1=ab", f"{OLD},{OLD}", "k.1=" + "11" * 32, "=" + "11" * 32, "11" * 32])
def test_keys_that_are_none_are_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        DataKeys.parse(raw)


def test_keys_do_not_show_themselves() -> None:
    assert "1111" not in repr(DataKeys.parse(OLD))


def test_without_a_key_nothing_is_stored_in_the_clear(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_in_use", [])
    monkeypatch.delenv("ZHENGYAN_DATA_KEYS")
    with pytest.raises(SealingError, match="set ZHENGYAN_DATA_KEYS"):
        Debtor(id=1, ref="D1", name="张三", id_number=ID_NUMBER)
    with pytest.raises(StatementError), db.write() as session:
        session.execute(insert(Debtor.__table__).values(ref="D1", name_sealed="张三", id_number_sealed=ID_NUMBER))  # type: ignore[arg-type]


def test_the_tables_hold_no_number(person: Database) -> None:
    assert MOBILE not in stored(person)
    assert ID_NUMBER not in stored(person)


def test_rows_come_back_as_they_were_written(person: Database) -> None:
    with person.read() as session:
        row = session.execute(select(Debtor.id_number, ContactPoint.value).join(Debtor.contact_points)).one()
    assert tuple(row) == (ID_NUMBER, MOBILE)


def test_a_row_that_is_not_made_through_the_class_has_its_hash_too(person: Database) -> None:
    values = [{"ref": f"M{n}", "debtor_id": 1, "kind": "mobile", "value": f"1390000000{n}"} for n in (2, 3)]
    with person.write() as session:
        session.execute(insert(ContactPoint), values)
    with person.read() as session:
        hashes = session.scalars(select(ContactPoint.value_hash).order_by(ContactPoint.id)).all()
    assert hashes == [keys_in_use().hash(value) for value in (MOBILE, "13900000002", "13900000003")]


def test_the_same_number_twice_is_refused_as_before(person: Database) -> None:
    with pytest.raises(IntegrityError), person.write() as session:
        session.add(ContactPoint(ref="M2", debtor_id=1, kind="mobile", value=MOBILE))


@pytest.mark.parametrize("query", [MOBILE, "138 1234 5678", "138-1234-5678", ID_NUMBER, ID_NUMBER.lower()])
def test_a_person_is_found_by_a_number(person: Database, query: str) -> None:
    with person.read() as session:
        assert session.scalars(select(Debtor.ref).where(is_personal(query))).all() == ["D1"]


@pytest.mark.parametrize("query", ["", "1381234567", "张", "%"])
def test_a_person_is_not_found_by_a_part_of_it(person: Database, query: str) -> None:
    with person.read() as session:
        assert session.scalars(select(Debtor.ref).where(is_personal(query))).all() == []


def test_a_sealed_column_is_not_compared(db: Database) -> None:
    with pytest.raises(TypeError, match="look for its hash"):
        select(Debtor).where(Debtor.id_number == ID_NUMBER)


def test_whether_there_is_one_may_be_asked(person: Database) -> None:
    with person.read() as session:
        assert session.scalars(select(Debtor.ref).where(Debtor.id_number.is_not(None))).all() == ["D1"]


def test_what_is_empty_says_nothing_and_is_not_sealed(db: Database) -> None:
    kind = sealing.SealedJson("a.b")
    dialect = db.engine.dialect
    empty: list[object] = [None, [], {}]
    assert [kind.process_bind_param(value, dialect) for value in empty] == empty
    assert [kind.process_result_value(value, dialect) for value in empty] == empty
    assert str(kind.process_bind_param(["李四"], dialect)).startswith("v1.")


@pytest.mark.parametrize("stored_as", ["in the clear", ["李四"], 7])
def test_json_that_is_not_sealed_is_refused(db: Database, stored_as: object) -> None:
    with pytest.raises(SealingError):
        sealing.SealedJson("a.b").process_result_value(stored_as, db.engine.dialect)
