"""Who asks too often is counted in the database: by all processes together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from compliance.database import Database
from tests.conftest import PageClient
from web import create_app
from web.accounts import RateCounter
from web.config import Config
from web.throttle import DatabaseCounters


@pytest.fixture
def store(db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The application's database and a clock that a test sets."""
    edge = SimpleNamespace(db=db, now=now)
    edge.clock = lambda: edge.now
    monkeypatch.setattr("web.throttle.state", lambda: edge)
    return edge


def test_it_counts_up_within_the_window_and_begins_anew_after_it(store: SimpleNamespace, now: datetime) -> None:
    counters = DatabaseCounters()
    first = [counters.incr("a", 60) for _ in range(3)]
    store.now = now + timedelta(seconds=59)
    within = counters.incr("a", 60)
    store.now = now + timedelta(seconds=60)
    assert (first, within, counters.get("a"), counters.incr("a", 60)) == ([1, 2, 3], 4, 0, 1)
    assert counters.get_expiry("a") == (now + timedelta(seconds=120)).timestamp()


def test_one_key_does_not_count_for_another(store: SimpleNamespace) -> None:
    counters = DatabaseCounters()
    assert [counters.incr(key, 60) for key in ("a", "b", "a")] == [1, 1, 2]


def test_nothing_is_lost_when_many_count_at_once(store: SimpleNamespace) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = sorted(pool.map(lambda _: DatabaseCounters().incr("a", 60), range(40)))
    assert seen == list(range(1, 41))


def test_no_address_is_kept_and_old_counters_go(store: SimpleNamespace, db: Database, now: datetime) -> None:
    counters = DatabaseCounters()
    counters.incr("LIMITER/203.0.113.7/debtor", 60)
    with db.read() as session:
        assert "203.0.113.7" not in str(session.execute(text("SELECT * FROM rate_counters")).all())
    store.now = now + timedelta(minutes=2)
    counters.incr("b", 60)
    with db.read() as session:
        assert len(session.scalars(select(RateCounter)).all()) == 1


def test_two_processes_count_in_one_place(staff_template: Path, tmp_path: Path, now: datetime) -> None:
    url = f"sqlite:///{tmp_path / 'two.db'}"
    (tmp_path / "two.db").write_bytes(staff_template.read_bytes())
    config = Config(database_url=url, secret_key="k" * 40, instance=tmp_path, page_limit="3 per minute")
    answers = []
    for _ in range(2):
        app = create_app(config, clock=lambda: now)
        app.test_client_class = PageClient
        answers += [app.test_client().get("/d").status_code for _ in range(2)]
        app.extensions["zhengyan"].db.dispose()
    assert answers == [200, 200, 200, 429]
