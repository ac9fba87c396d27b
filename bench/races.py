"""Many submit at once against a limit with a few left: in every round exactly so many may be permitted.

The real judge and the real pack decide; the debtor of a round has two accounts and two telephone numbers, and every
submitter is another collector, so that nothing but the person's own counter can hold them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as ProcessBarrier
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import gate
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.gate.models import COUNTED, Outreach
from compliance.judge import Judge, load_judge

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
KEYS = gate.PermitKeys.from_secret("the bench signs with a secret of its own")
LIMIT = 3
"""Calls a day that may be connected, as the pack has it; ``test_races`` holds the two together."""
PATIENCE_S = 120.0
"""Seconds that a submitter waits for a connection or a lock before it gives up: nobody may fail for haste."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    left: int
    permitted: int
    blocked: int
    recorded: int
    """Rows that hold a slot afterwards, those from before the race included."""

    @property
    def exact(self) -> bool:
        return self.permitted == self.left and self.recorded == LIMIT


@contextmanager
def thread_racers(url: str, threads: int) -> Iterator[Callable[[str], list[str]]]:
    """A function that lets ``threads`` submitters of this process go at one debtor at once: their states."""
    judge, db = load_judge("cn", reader=False), Database(url, timeout_s=PATIENCE_S)
    try:
        yield lambda debtor: _race(db, judge, debtor, "t", threads)
    finally:
        db.dispose()


@contextmanager
def process_racers(url: str, processes: int, threads: int) -> Iterator[Callable[[str], list[str]]]:
    """As ``thread_racers``, with ``processes`` processes of ``threads`` threads each."""
    context = get_context("spawn")
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, context, _start_racer, (url, barrier)) as pool:

        def race(debtor: str) -> list[str]:
            work = [pool.submit(_race_here, debtor, f"p{number}", threads) for number in range(processes)]
            return [state for piece in work for state in piece.result(timeout=10 * PATIENCE_S)]

        yield race


def run_round(db: Database, judge: Judge, number: int, race: Callable[[str], list[str]]) -> Round:
    """A fresh debtor with 1, 2 or 3 calls left, and everybody at once."""
    left = number % LIMIT + 1
    debtor = f"R{number}"
    db.run(lambda session: add_debtor(session, debtor))
    for used in range(LIMIT - left):
        receipt = _submit(db, judge, debtor, f"{debtor}-before-{used}", used)
        if receipt != "permitted":
            raise AssertionError(f"{debtor}: {receipt} before the race")
    states = race(debtor)
    return Round(left, states.count("permitted"), states.count("blocked"), _slots(db, debtor))


def add_debtor(session: Session, ref: str) -> None:
    """A debtor with two accounts of one creditor, two mobiles of their own and every fact known."""
    creditor = session.scalar(select(Creditor).where(Creditor.name == "示例银行"))
    if creditor is None:
        creditor = Creditor(name="示例银行", kind="bank")
        session.add(creditor)
    debtor = Debtor(ref=ref, name="张三")
    session.add(debtor)
    session.flush()
    own = {"debtor_id": debtor.id, "kind": "mobile", "relation": "self", "source": "contract", "valid": True}
    for index in range(2):
        session.add(ContactPoint(ref=f"{ref}-{index}", value=f"1380013800{index}", reserved=True, **own))
        session.add(
            Account(
                creditor_id=creditor.id, debtor_id=debtor.id, product="credit_card", account_no=f"{ref}-{index}",
                principal=Decimal("1000.00"), due_date=date(2026, 10, 1),
            )
        )  # fmt: skip


_racer: dict[str, Any] = {}
"""What a racing process keeps from one round to the next."""


def _start_racer(url: str, barrier: ProcessBarrier) -> None:
    # The engine is made here, after the process has begun: connections are not shared over a fork.
    _racer.update(db=Database(url, timeout_s=PATIENCE_S), judge=load_judge("cn", reader=False), barrier=barrier)


def _race_here(debtor: str, name: str, threads: int) -> list[str]:
    _racer["barrier"].wait(timeout=PATIENCE_S)
    return _race(_racer["db"], _racer["judge"], debtor, name, threads)


def _race(db: Database, judge: Judge, debtor: str, name: str, threads: int) -> list[str]:
    barrier = Barrier(threads)

    def go(index: int) -> str:
        barrier.wait()
        return _submit(db, judge, debtor, f"{debtor}-{name}-{index}", index)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(go, range(threads)))


def _submit(db: Database, judge: Judge, debtor: str, id: str, index: int) -> str:
    submission = gate.Submission(
        id=id,
        debtor=debtor,
        channel="call",
        contact_point=f"{debtor}-{index % 2}",
        account=f"{debtor}-{index // 2 % 2}",
    )
    actor = gate.Actor(f"collector-{id}"[:64], trained_until=date(2027, 1, 1))
    return gate.submit(db, judge, submission, actor, NOW, keys=KEYS).state


def _slots(db: Database, debtor: str) -> int:
    with db.read() as session:
        ids = session.scalars(
            select(Outreach.id).join(Debtor, Debtor.id == Outreach.debtor_id)
            .where(Debtor.ref == debtor, Outreach.state.in_(COUNTED))
        )  # fmt: skip
        return len(ids.all())
