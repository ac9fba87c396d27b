"""Disk full, database gone, clock set back: refused with a reason, and nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from compliance import ledger
from compliance.database import Database
from compliance.gate import contactability, dispatch_once, redeem
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.types import Unavailable
from compliance.judge.facts import ContactFacts
from compliance.judge.types import Message, Verdict
from tests.compliance.gate.fake_channel import FakeChannel
from tests.compliance.gate.world import KEYS, MOBILE, FakeJudge, entries, row, send, sms

DISK_FULL = (
    "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$",
    "CREATE TRIGGER disk_full BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION disk_full()",
)


@contextmanager
def full_disk(db: Database) -> Iterator[None]:
    """SQLite is given one page more and no other; PostgreSQL says so at the last statement of a submission."""
    if not db.is_sqlite:
        with db.engine.begin() as connection:
            for statement in DISK_FULL:
                connection.execute(text(statement))
        yield
        with db.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION disk_full CASCADE"))
        return
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 1

    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(db.engine, "connect", limit)
    db.engine.dispose()
    yield
    event.remove(db.engine, "connect", limit)
    db.engine.dispose()


def counts(db: Database) -> list[int]:
    """Rows, texts and decisions in the ledger: always the same number."""
    with db.read() as session:
        tables = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Outreach, OutreachText)]
    return [*tables, sum(kind == "outreach:decided" for kind, _ in entries(db))]


def submit_until_it_fails(db: Database, judge: FakeJudge, now: datetime) -> int:
    """How many got through."""
    judge.limit = 10_000
    for number in range(200):
        try:
            send(db, judge, sms(f"{number}"), now)
        except OperationalError as error:
            assert "full" in str(error.orig) or "no space" in str(error.orig)
            return number
    raise AssertionError("the disk never filled")


def test_on_a_full_disk_a_submission_is_kept_whole_or_not_at_all(
    desk: Database, judge: FakeJudge, now: datetime
) -> None:
    with full_disk(desk):
        through = submit_until_it_fails(desk, judge, now)
    assert counts(desk) == [through] * 3
    assert send(desk, judge, sms("after"), now).state == "permitted"
    with desk.read() as session:
        assert ledger.verify(session).ok


def test_on_a_full_disk_nothing_is_delivered(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("before", "a" * 9_000), now)
    channel = FakeChannel()
    with full_disk(desk):
        if desk.is_sqlite:
            submit_until_it_fails(desk, judge, now)
        with pytest.raises(OperationalError):
            for _ in range(100):
                dispatch_once(desk, judge, {"sms": channel}, "w", now, KEYS)  # type: ignore[arg-type]
    sent = [subject for kind, subject in entries(desk) if kind == "outreach:sending"]
    assert len(channel.arrived) <= len(sent)


class Cutting(FakeJudge):
    """A judge during whose work the database goes away."""

    cut: Callable[[], None] | None = None

    def screen(self, message: Message, contact: ContactFacts | None = None, now: datetime | None = None) -> Verdict:
        if self.cut is not None:
            self.cut()
        return super().screen(message, contact, now)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_meanwhile_keeps_nothing(desk: Database, now: datetime) -> None:
    """SQLite is a file; a folder that is gone is tried below."""
    killer, judge = Database(desk.url), Cutting()

    def cut() -> None:
        with killer.engine.begin() as connection:
            connection.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
            ))  # fmt: skip

    judge.cut = cut
    with pytest.raises(OperationalError):
        send(desk, judge, sms("1"), now)
    judge.cut = None
    assert counts(desk) == [0, 0, 0]
    assert send(desk, judge, sms("1"), now).state == "permitted"
    killer.dispose()


def test_a_database_that_is_not_there_is_an_error_at_once(judge: FakeJudge, now: datetime, tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'gone' / 'x.db'}", "postgresql://nobody@127.0.0.1:9/x"):
        gone = Database(url)
        assert not gone.ping()
        with pytest.raises(OperationalError):
            send(gone, judge, sms("1"), now)
        gone.dispose()


# The clock


def test_a_clock_that_was_set_back_gives_no_new_counters(desk: Database, judge: FakeJudge, now: datetime) -> None:
    for number in range(judge.limit):
        send(desk, judge, sms(f"{number}"), now)
    before = counts(desk)
    with pytest.raises(Unavailable, match="时钟"):
        send(desk, judge, sms("more"), now - timedelta(days=1))
    assert counts(desk) == before


def test_clocks_may_lie_a_little_apart(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    assert send(desk, judge, sms("2"), now - timedelta(minutes=4)).state == "permitted"


def test_what_is_planned_for_later_is_no_sign_of_a_wrong_clock(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1", send_at=now + timedelta(days=2)), now)
    assert send(desk, judge, sms("2"), now).state == "permitted"


def test_by_a_clock_that_was_set_back_nothing_is_delivered(desk: Database, judge: FakeJudge, now: datetime) -> None:
    first = send(desk, judge, sms("1"), now)
    send(desk, judge, sms("2"), now + timedelta(hours=2))
    channel = FakeChannel()
    with pytest.raises(Unavailable):
        dispatch_once(desk, judge, {"sms": channel}, "w", now, KEYS)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        redeem(desk, judge, first.permit or "", MOBILE, sms("1").text, now, KEYS)  # type: ignore[arg-type]
    assert (channel.arrived, row(desk, "1").state) == ([], "permitted")


def test_whoever_asks_is_told_the_same(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    with pytest.raises(Unavailable), desk.read() as session:
        contactability(session, judge, "D1", "M1", "sms", now - timedelta(days=1))  # type: ignore[arg-type]
