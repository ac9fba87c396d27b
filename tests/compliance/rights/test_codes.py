"""Codes of the debtor's page: good once their outreach is permitted, and identifying has few tries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from compliance import ledger, rights
from compliance.database import Database
from compliance.rights.codes import ALPHABET, GOOD_FOR, LENGTH, PAUSE, TRIES
from compliance.rights.models import DebtorCode
from tests.compliance.gate.world import FakeJudge, call, send, sms

SECRET = "a secret of the installation, long enough"


def offer(db: Database, outreach: str, now: datetime) -> str:
    with db.write() as session:
        return rights.offer_code(session, SECRET, outreach, now)


def opened(db: Database, code: str, now: datetime) -> rights.Opened | None:
    with db.read() as session:
        return rights.open_code(session, code, now)


def identify(db: Database, code: str, name: str, last_four: str, now: datetime) -> rights.Identified:
    with db.write() as session:
        found = rights.open_code(session, code, now)
        assert found is not None
        return rights.identify(session, found, name, last_four, now)


def kinds(db: Database) -> list[str]:
    with db.read() as session:
        return [entry.kind for entry in ledger.entries(session, limit=1000)]


def test_a_code_opens_once_its_outreach_is_permitted(desk: Database, judge: FakeJudge, now: datetime) -> None:
    code = offer(desk, "o1", now)
    assert opened(desk, code, now) is None
    send(desk, judge, sms("o1", f"请核实 https://x.example/d/{code}"), now)
    found = opened(desk, code, now)
    assert found is not None
    assert (found.outreach, found.debtor.ref, found.collector, found.third_party) == ("o1", "D1", "ming", False)


def test_the_code_of_a_blocked_message_opens_nothing(desk: Database, judge: FakeJudge, now: datetime) -> None:
    code = offer(desk, "o1", now)
    assert send(desk, judge, sms("o1", "你要坐牢"), now).state == "blocked"
    assert opened(desk, code, now) is None


def test_a_code_is_the_same_again_and_kept_as_a_digest(desk: Database, now: datetime) -> None:
    code = offer(desk, "o1", now)
    assert offer(desk, "o1", now + timedelta(days=1)) == code
    with desk.read() as session:
        (row,) = session.scalars(select(DebtorCode))
    assert code not in (row.digest, row.outreach)


def test_codes_are_of_sixty_bits_and_differ() -> None:
    codes = {rights.make_code(SECRET, str(number)) for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert rights.make_code(SECRET, "1") != rights.make_code(SECRET[::-1], "1")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7kq2-m8xw-tr4n", "7KQ2M8XWTR4N"), ("７KQ2 M8XW TR4N", "7KQ2M8XWTR4N"), ("IL0O00000000", "110000000000"),
        ("7KQ2M8XWTR4", None), ("7KQ2M8XWTR4U", None), ("", None), ("../../etc/pw", None),
    ],
)  # fmt: skip
def test_a_code_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert rights.read_code(typed) == read


def test_a_code_runs_out(desk: Database, judge: FakeJudge, now: datetime) -> None:
    code = offer(desk, "o1", now)
    send(desk, judge, sms("o1"), now)
    assert opened(desk, code, now + GOOD_FOR) is not None
    assert opened(desk, code, now + GOOD_FOR + timedelta(seconds=1)) is None


@pytest.fixture
def code(desk: Database, judge: FakeJudge, now: datetime) -> str:
    """The code of a text that went to the first debtor's own mobile."""
    made = offer(desk, "o1", now)
    send(desk, judge, sms("o1"), now)
    return made


@pytest.mark.parametrize("name", ["张三", " 张 三 "])
def test_the_debtor_is_identified_by_name_and_last_four(desk: Database, code: str, now: datetime, name: str) -> None:
    assert identify(desk, code, name, "8000", now).ok
    assert kinds(desk)[-1] == "debtor_page:identified"


@pytest.mark.parametrize(
    ("name", "last_four"), [("张三", "8001"), ("李四", "8000"), ("张三", ""), ("张三", "9000"), ("", "8000")]
)
def test_nobody_else_is(desk: Database, code: str, now: datetime, name: str, last_four: str) -> None:
    """9000 are the last four of a colleague's number."""
    assert not identify(desk, code, name, last_four, now).ok
    assert kinds(desk)[-1] == "debtor_page:not_identified"


def test_after_five_failures_there_is_a_pause_even_for_the_right_answer(
    desk: Database, judge: FakeJudge, code: str, now: datetime
) -> None:
    second = offer(desk, "o2", now)
    send(desk, judge, sms("o2"), now)
    left = [identify(desk, (code, second)[turn % 2], "张三", "0000", now).left for turn in range(TRIES)]
    assert left == [4, 3, 2, 1, 0]
    assert identify(desk, code, "张三", "8000", now).barred_until == now + PAUSE
    assert identify(desk, second, "张三", "8000", now).barred_until == now + PAUSE
    assert identify(desk, code, "张三", "8000", now + PAUSE).ok


def test_a_success_gives_all_tries_back(desk: Database, code: str, now: datetime) -> None:
    identify(desk, code, "张三", "0000", now)
    identify(desk, code, "张三", "8000", now)
    assert identify(desk, code, "张三", "0000", now).left == TRIES - 1


def test_a_third_party_is_never_the_debtor(desk: Database, judge: FakeJudge, now: datetime) -> None:
    made = offer(desk, "o1", now)
    assert send(desk, judge, call("o1", contact_point="C1"), now).state == "permitted"
    found = opened(desk, made, now)
    assert found is not None
    assert found.third_party
    assert not identify(desk, made, "张三", "8000", now).ok


def test_opening_is_entered_once(desk: Database, code: str, now: datetime) -> None:
    for _ in range(2):
        with desk.write() as session:
            found = rights.open_code(session, code, now)
            assert found is not None
            rights.note_opened(session, found, now)
    assert kinds(desk).count("debtor_page:opened") == 1
