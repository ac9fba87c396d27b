"""``python -m bench gate``: what a decision of the gate costs as the history grows, with one writer and with many, and
whether a limit is ever exceeded. Databases of different sizes take turns, round by round, in one run.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import local
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from bench import serving
from bench.filling import fill
from bench.judging import Target
from bench.races import KEYS, LIMIT, NOW, PATIENCE_S, process_racers, run_round, thread_racers
from compliance import gate
from compliance.database import Database
from compliance.gate.models import COUNTED, Outreach
from compliance.judge import Judge, load_judge
from compliance.judge.facts import ContactFacts
from compliance.judge.types import Message, Verdict
from compliance.migrations import upgrade

HOT = 50
"""Debtors who get a fifth of the traffic."""
WRITERS = (1, 32)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured. ``decisions`` a round and size; the race has ``races`` rounds of each kind."""

    sizes: tuple[int, ...] = (100_000, 1_000_000)
    rounds: int = 5
    decisions: int = 300
    races: int = 50
    serving: float = 3.0
    """Seconds of each round over HTTP."""


QUICK = Effort(sizes=(400, 800), rounds=1, decisions=20, races=0, serving=0.3)


@dataclass
class Timed:
    """The judge with a clock on it: how much of a thread's processor time it takes."""

    judge: Judge
    clock: local = field(default_factory=local)

    def screen(self, message: Message, contact: ContactFacts | None = None, now: datetime | None = None) -> Verdict:
        begun = time.thread_time()
        verdict = self.judge.screen(message, contact, now)
        self.clock.took = getattr(self.clock, "took", 0.0) + time.thread_time() - begun
        return verdict

    def take(self) -> float:
        took = getattr(self.clock, "took", 0.0)
        self.clock.took = 0.0
        return float(took)


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of wall clock, decisions a second, the judge's share of processor time."""

    p50: float
    p99: float
    rate: float
    judge: float


@dataclass(frozen=True, slots=True)
class Site:
    """One filled database."""

    size: int
    db: Database
    debtors: int


def run(effort: Effort, server: str | None) -> Iterator[str]:
    """Lines to print. ``server``: URL of a PostgreSQL server with ``{name}`` for the database; SQLite alone without."""
    judge = load_judge("cn", reader=False)
    for kind in ("sqlite", "postgresql") if server else ("sqlite",):
        with ExitStack() as stack:
            urls = [stack.enter_context(empty(kind, server)) for _ in (*effort.sizes, "serving", "races")]
            races = urls.pop()
            if effort.races:
                yield from _races(races, judge, effort.races, kind)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield from serving.run(urls.pop(), folder, kind, rounds=effort.rounds, seconds=effort.serving)
            sites = []
            for size, url in zip(effort.sizes, urls, strict=True):
                begun = time.monotonic()
                db = stack.enter_context(_opened(url))
                sites.append(Site(size, db, fill(db, size, NOW)))
                yield f"{kind}: {size:,} attempts recorded in {time.monotonic() - begun:.0f} s"
            yield from _measure(sites, Timed(judge), effort, kind)


def _races(url: str, judge: Judge, rounds: int, kind: str) -> Iterator[str]:
    racers = {"64 threads": thread_racers(url, 64), "8 processes of 8 threads": process_racers(url, 8, 8)}
    with _opened(url) as db:
        for number, (name, ready) in enumerate(racers.items()):
            with ready as race:
                found = [run_round(db, judge, number * rounds + one, race) for one in range(rounds)]
            exact = sum(one.exact for one in found)
            yield f"{kind}: {name} against 1 to {LIMIT} left: exactly as many permitted in {exact} of {rounds} rounds"


def _measure(sites: Sequence[Site], judge: Timed, effort: Effort, kind: str) -> Iterator[str]:
    found: dict[tuple[int, int], list[Round]] = {}
    for _ in range(effort.rounds):
        for writers in WRITERS:
            for site in sites:
                found.setdefault((writers, site.size), []).append(_round(site, judge, writers, effort.decisions))
    for (writers, size), rounds in found.items():
        one = _median(rounds)
        yield (
            f"{kind} {size:>10,} attempts, {writers:2} writers: {one.rate:6.0f} decisions/s, p50 {one.p50:6.1f} ms, "
            f"p99 {one.p99:6.1f} ms, judge {one.judge:.0%} of processor time"
        )
    hot = _median([_round(sites[-1], judge, WRITERS[-1], effort.decisions, hot=0.8) for _ in range(effort.rounds)])
    yield f"{kind}: 80 % on one debtor, {WRITERS[-1]} writers: {hot.rate:.0f} decisions/s, p99 {hot.p99:.0f} ms"
    yield from _targets(found, sites, kind)


def _targets(found: dict[tuple[int, int], list[Round]], sites: Sequence[Site], kind: str) -> Iterator[str]:
    least, most = sites[0].size, sites[-1].size
    pairs = list(zip(found[1, most], found[1, least], strict=True))
    name = f"{kind}: {most:,} against {least:,} attempts"
    yield str(Target(f"{name}, p50", statistics.median(one.p50 / other.p50 for one, other in pairs), 1.2))
    yield str(Target(f"{name}, p99", statistics.median(one.p99 / other.p99 for one, other in pairs), 1.5))
    if kind == "postgresql":
        faster = statistics.median(m.rate / o.rate for m, o in zip(found[32, most], found[1, most], strict=True))
        yield str(Target(f"{kind}: 32 writers against one", faster, 1.5, at_least=True))
    yield str(Target(f"{kind}: limits exceeded", sum(exceeded(site.db) for site in sites), 0, " times"))


def _round(site: Site, judge: Timed, writers: int, decisions: int, hot: float = 0.0) -> Round:
    """So many decisions on calls. ``hot``: this share of them on one debtor."""
    chance = random.Random(decisions)
    name = uuid4().hex
    debtors = [1 if chance.random() < hot else _debtor(chance, site.debtors) for _ in range(decisions)]

    def decide(number: int) -> tuple[float, float, float]:
        cpu, begun = time.thread_time(), time.perf_counter()
        _submit(site.db, judge, debtors[number], f"{name}-{number}")
        return time.perf_counter() - begun, judge.take(), time.thread_time() - cpu

    for number in range(3):
        _submit(site.db, judge, debtors[number], f"{name}-warm-{number}")
    judge.take()
    begun = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        took = list(pool.map(decide, range(decisions)))
    whole = time.perf_counter() - begun
    walls = sorted(wall * 1_000 for wall, _, _ in took)
    share = sum(judged for _, judged, _ in took) / sum(cpu for _, _, cpu in took)
    return Round(walls[len(walls) // 2], walls[len(walls) * 99 // 100], decisions / whole, share)


def _debtor(chance: random.Random, debtors: int) -> int:
    return chance.randint(1, min(HOT, debtors)) if chance.random() < 0.2 else chance.randint(1, debtors)


def _submit(db: Database, judge: Any, debtor: int, id: str) -> None:
    ref = f"B{debtor}"
    submission = gate.Submission(id=id, debtor=ref, channel="call", contact_point=ref, account=ref)
    gate.submit(db, judge, submission, gate.Actor("bench", trained_until=date(2027, 1, 1)), NOW, keys=KEYS)


def exceeded(db: Database) -> int:
    """Debtors who hold more slots for calls of today than the limit."""
    with db.read() as session:
        found = session.scalars(
            select(Outreach.debtor_id)
            .where(Outreach.local_day == NOW.date(), Outreach.channel == "call", Outreach.state.in_(COUNTED))
            .group_by(Outreach.debtor_id)
            .having(func.count() > LIMIT)
        )
        return len(found.all())


def _median(rounds: Sequence[Round]) -> Round:
    return Round(*(statistics.median(getattr(one, name) for one in rounds) for name in ("p50", "p99", "rate", "judge")))


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    db = Database(url, pool_size=32, timeout_s=PATIENCE_S)
    try:
        yield db
    finally:
        db.dispose()


@contextmanager
def empty(kind: str, server: str | None) -> Iterator[str]:
    """The URL of a migrated, empty database that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite" or server is None:
            url = f"sqlite:///{Path(folder) / 'gate.db'}"
            upgrade(url)
            yield url
            return
        name = f"bench_{uuid4().hex}"
        _administer(server, f"CREATE DATABASE {name}")
        try:
            upgrade(server.format(name=name))
            yield server.format(name=name)
        finally:
            _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    admin = Database(server.format(name="postgres"))
    with admin.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)
    admin.dispose()
