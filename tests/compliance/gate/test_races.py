"""With N left and 64 submitting at once, exactly N are permitted: in threads, and in processes, on both databases.

A few rounds here; ``python -m bench gate --rounds 50`` runs fifty of each.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from bench.races import LIMIT, process_racers, run_round, thread_racers
from compliance import ledger
from compliance.database import Database
from compliance.judge import load_judge

Racers = Callable[[str], AbstractContextManager[Callable[[str], list[str]]]]
RACERS: dict[str, Racers] = {
    "64 threads": lambda url: thread_racers(url, 64),
    "8 processes of 8 threads": lambda url: process_racers(url, 8, 8),
}


@pytest.mark.parametrize("racers", RACERS.values(), ids=RACERS)
def test_in_every_round_exactly_as_many_as_are_left_are_permitted(db: Database, racers: Racers) -> None:
    judge = load_judge("cn", reader=False)
    with racers(db.url) as race:
        rounds = [run_round(db, judge, number, race) for number in range(LIMIT)]
    assert [(r.left, r.permitted, r.blocked, r.recorded) for r in rounds] == [
        (1, 1, 63, 3), (2, 2, 62, 3), (3, 3, 61, 3)
    ]  # fmt: skip
    with db.read() as session:
        assert ledger.verify(session).ok
