"""Prepared statements give what SQLAlchemy's own give, on both databases, and fail as they do."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, bindparam, event, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database, RowIds, table_of
from compliance.prepared import Change, Query, Round, one_trip
from compliance.rendered import SIZES


class Found(NamedTuple):
    principal: Decimal
    due_date: date
    settled_at: datetime | None
    assigned: bool
    value: str


ASKED = (
    select(Account.principal, Account.due_date, Account.settled_at, Account.assigned, ContactPoint.value)
    .join(ContactPoint, ContactPoint.debtor_id == Account.debtor_id)
    .where(Account.id == bindparam("id"), ContactPoint.kind.in_(("mobile", "landline")))
)
ADD = Change(insert(table_of(Creditor)))


def creditor(id: int, name: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "kind": "bank",
        "phone": None,
        "agencies_public": "",
        "agencies_evaluated": "",
        "agencies_engaged": "",
        "lines": "",
    }


@pytest.fixture
def filled(db: Database, now: datetime) -> Database:
    with db.write() as session:
        session.add_all([Creditor(id=1, name="银行"), Debtor(id=1, ref="d1", name="张三")])
        session.flush()
        session.add_all(
            [
                Account(
                    id=1, creditor_id=1, debtor_id=1, product="card", account_no="A1", principal=Decimal("8000.10"),
                    due_date=date(2026, 2, 28), settled_at=now, assigned=True,
                ),
                ContactPoint(ref="p1", debtor_id=1, kind="mobile", value="13800138000"),
            ]
        )  # fmt: skip
    return db


def test_rows_have_the_types_of_their_columns(filled: Database) -> None:
    with filled.glance() as connection:
        found = Query(ASKED, Found).all(connection, {"id": 1})
        assert found == [tuple(row) for row in connection.execute(ASKED, {"id": 1})]
    assert found[0].value == "13800138000"
    assert [type(value) for value in found[0]] == [Decimal, date, datetime, bool, str]


def test_without_a_row_there_is_none(filled: Database) -> None:
    with filled.glance() as connection:
        assert Query(ASKED, Found).first(connection, {"id": 2}) is None


def test_what_a_session_has_not_written_yet_is_seen(filled: Database) -> None:
    query = Query(select(Creditor.name).where(Creditor.id == bindparam("id")), str)
    with filled.write() as session:
        session.add(Creditor(id=2, name="信托"))
        assert query.first(session, {"id": 2}) == "信托"


def test_several_rows_are_written_together_and_rolled_back_together(filled: Database) -> None:
    def names() -> list[str]:
        with filled.glance() as connection:
            return Query(select(Creditor.name).order_by(Creditor.id), str).all(connection, {})

    filled.run_rows(lambda connection: ADD.run(connection, creditor(2, "甲"), creditor(3, "乙")))
    assert names() == ["银行", "甲", "乙"]
    with pytest.raises(IntegrityError):
        filled.run_rows(lambda connection: ADD.run(connection, creditor(4, "丙"), creditor(5, "甲")))
    assert names() == ["银行", "甲", "乙"]


def test_a_mistake_is_sqlalchemys_error_and_names_no_value(filled: Database) -> None:
    with filled.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE creditors RENAME COLUMN phone TO telephone")
    with pytest.raises((OperationalError, ProgrammingError)) as error:
        filled.run_rows(lambda connection: ADD.run(connection, creditor(9, "张三的银行")))
    assert "phone" in str(error.value)
    assert "张三" not in str(error.value)


def test_whoever_listens_hears_of_it(filled: Database) -> None:
    heard: list[str] = []
    event.listen(filled.engine, "before_cursor_execute", lambda *call: heard.append(call[2]))
    with filled.glance() as connection:
        assert Query(ASKED, Found).all(connection, {"id": 1})[0].principal == Decimal("8000.10")
    assert sum("accounts" in statement for statement in heard) == 1


@pytest.mark.parametrize("count", [1, 2, 3, SIZES[-1], SIZES[-1] + 1])
def test_several_are_asked_at_once(filled: Database, count: int) -> None:
    filled.run_rows(lambda connection: ADD.run(connection, *(creditor(id, f"银行{id}") for id in range(2, 30))))
    query = Query(
        select(Creditor.id, Creditor.name)
        .where(Creditor.id > bindparam("after"), Creditor.kind == "bank")
        .order_by(Creditor.id)
        .limit(2),
        lambda id, name: (id, name),
    )
    asked = [{"after": 3 * number} for number in range(count)]
    with filled.glance() as connection:
        found = query.each(connection, asked)
        assert [sorted(rows) for rows in found] == [query.all(connection, values) for values in asked]


def test_a_round_gives_each_its_answer(filled: Database) -> None:
    heard: list[str] = []
    names = Query(select(Creditor.name).where(Creditor.id == bindparam("id")), str)
    refs = Query(select(Debtor.ref).where(Debtor.id == bindparam("id")), str)
    questions = Round()
    answers = [questions.add(query, {"id": id}) for query, id in ((names, 1), (refs, 1), (names, 2))]
    event.listen(filled.engine, "before_cursor_execute", lambda *call: heard.append(call[2]))
    with filled.glance() as connection:
        questions.ask(connection)
    assert [answer.rows for answer in answers] == [["银行"], ["d1"], []]
    assert sum(statement.startswith("SELECT") for statement in heard) == 2


def test_a_round_of_several_statements_is_one_trip_whose_answers_are_apart(filled: Database) -> None:
    filled.run_rows(lambda connection: ADD.run(connection, *(creditor(id, f"银行{id}") for id in range(2, 30))))
    names = Query(select(Creditor.id, Creditor.name).where(Creditor.id == bindparam("id")), lambda id, name: (id, name))
    accounts = Query(ASKED, Found)
    questions = Round()
    many = [questions.add(names, {"id": id}) for id in range(2, 3 + SIZES[-1])]
    one = questions.add(accounts, {"id": 1})
    filled.run_rows(questions.ask)
    assert [answer.rows for answer in many] == [[(id, f"银行{id}")] for id in range(2, 3 + SIZES[-1])]
    assert [account.value for account in one.rows] == ["13800138000"]


def test_what_is_written_and_read_in_one_trip_comes_in_order(filled: Database) -> None:
    count = Query(select(func.count()).select_from(table_of(Creditor)), int)

    def work(connection: Connection) -> list[int]:
        with one_trip(connection):
            ADD.run(connection, creditor(2, "甲"))
            before = count.all(connection, {})
            ADD.run(connection, creditor(3, "乙"), creditor(4, "丙"))
        return before + count.all(connection, {})

    assert filled.run_rows(work) == [2, 4]


def test_a_round_within_a_trip_sees_what_was_written_before_it(filled: Database) -> None:
    questions = Round()
    names = questions.add(Query(select(Creditor.name).order_by(Creditor.id), str), {})

    def work(connection: Connection) -> None:
        with one_trip(connection):
            ADD.run(connection, creditor(2, "甲"))
            questions.ask(connection)
            assert names.rows == ["银行", "甲"]
            ADD.run(connection, creditor(3, "乙"))

    filled.run_rows(work)
    with filled.glance() as connection:
        assert Query(select(func.count()).select_from(table_of(Creditor)), int).all(connection, {}) == [3]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 31, 33])
def test_rows_that_are_added_together_are_all_there(filled: Database, count: int) -> None:
    added = [creditor(number, f"100%({number})s") for number in range(2, count + 2)]
    filled.run_rows(lambda connection: ADD.run(connection, *added))
    with filled.glance() as connection:
        names = Query(select(Creditor.id, Creditor.name).order_by(Creditor.id), lambda *row: row).all(connection, {})
    assert names == [(1, "银行"), *((row["id"], row["name"]) for row in added)]


def test_the_last_trip_of_a_transaction_commits_it(filled: Database) -> None:
    count = Query(select(func.count()).select_from(table_of(Creditor)), int)

    def work(connection: Connection) -> None:
        with one_trip(connection, last=True):
            ADD.run(connection, creditor(2, "甲"))
            assert count.all(connection, {}) == [2]
            ADD.run(connection, creditor(3, "乙"))

    filled.run_rows(work)
    with filled.glance() as connection:
        assert count.all(connection, {}) == [3]


def test_a_mistake_on_the_last_trip_undoes_the_transaction(filled: Database) -> None:
    def work(connection: Connection) -> None:
        ADD.run(connection, creditor(2, "甲"))
        with one_trip(connection, last=True):
            ADD.run(connection, creditor(3, "乙"), creditor(4, "甲"))

    with pytest.raises(IntegrityError):
        filled.run_rows(work)
    with filled.glance() as connection:
        assert Query(select(Creditor.name), str).all(connection, {}) == ["银行"]


def test_one_mistake_on_a_trip_undoes_all_of_it_and_is_told(filled: Database) -> None:
    def work(connection: Connection) -> None:
        with one_trip(connection):
            ADD.run(connection, creditor(2, "甲"))
            ADD.run(connection, creditor(3, "甲"))
            ADD.run(connection, creditor(4, "丙"))

    with pytest.raises(IntegrityError):
        filled.run_rows(work)
    with filled.glance() as connection:
        assert Query(select(Creditor.name), str).all(connection, {}) == ["银行"]


def test_who_gives_up_on_a_trip_keeps_nothing(filled: Database) -> None:
    def work(connection: Connection) -> None:
        with one_trip(connection):
            ADD.run(connection, creditor(2, "甲"))
            raise LookupError

    with pytest.raises(LookupError):
        filled.run_rows(work)
    filled.run_rows(lambda connection: ADD.run(connection, creditor(2, "甲")))


def test_what_has_not_been_asked_is_not_taken_for_nothing() -> None:
    answer = Round().add(Query(select(Creditor.name), str), {})
    with pytest.raises(LookupError):
        _ = answer.rows


def test_ids_are_new(filled: Database) -> None:
    ids = RowIds(table_of(ContactPoint))
    with filled.write_rows() as connection:
        taken = ids.take(connection, 3)
    with filled.read() as session:
        assert not set(taken) & set(session.scalars(select(ContactPoint.id)))
    assert len(set(taken)) == 3
