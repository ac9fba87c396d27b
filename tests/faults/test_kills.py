"""Servers and dispatchers are killed while messages run through them; a few kills here, two hundred by
``python -m bench faults --kills 200``.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from bench import aftermath, faults
from bench.aftermath import Record
from bench.receivers import Taken
from compliance.gate.claims import delivery_key


def test_after_a_handful_of_kills_everything_adds_up(database_url: str) -> None:
    """Every delivery has its entry and its permit, nothing is lost, nothing comes twice, the ledger verifies."""
    kills = 6
    lines = faults.run(kills, seed=7, url=database_url)
    assert lines[0].startswith(f"{kills} kills")
    assert lines[-1].startswith("ledger verified")


# The count itself can fail


def outreach(state: str = "sent", channel: str = "sms", last_error: str | None = None) -> Any:
    return SimpleNamespace(state=state, channel=channel, last_error=last_error)


def record(**changes: Any) -> Record:
    kinds = {"1": Counter({"outreach:decided": 1, "outreach:sending": 1})}
    fields: dict[str, Any] = {
        "outreach": {"1": outreach()},
        "texts": 1,
        "kinds": kinds,
        "permits": {"1": "n"},
        "entries": 3,
    }
    return Record(**fields | changes)


def taken(*keys: str) -> Taken:
    return Taken(random.Random(1), arrived=Counter(keys))


def asked(**changes: Any) -> Any:
    return SimpleNamespace(**{"answered": {"1": "permitted"}, "dialled": [], "failures": []} | changes)


def check(one: Record, sms: Taken, mail: Taken, who: Any) -> None:
    aftermath._check_answers(one, who)
    aftermath._check_delivered(one, sms, mail, who)
    aftermath._check_undelivered(one, sms, mail)


ONE = delivery_key("1")
FAULTS: dict[str, tuple[str, Callable[[], tuple[Record, Taken, Taken, Any]]]] = {
    "lost": ("not recorded", lambda: (record(), taken(ONE), taken(), asked(answered={"2": "permitted"}))),
    "torn": ("without its text", lambda: (record(texts=0), taken(ONE), taken(), asked())),
    "no permit": ("without a permit", lambda: (record(permits={"1": None}), taken(ONE), taken(), asked())),
    "no entry": (
        "without an entry",
        lambda: (record(kinds={"1": Counter({"outreach:decided": 1})}), taken(ONE), taken(), asked()),
    ),
    "nobody's": ("nobody submitted", lambda: (record(), taken(ONE, "x"), taken(), asked())),
    "twice": ("twice", lambda: (record(), taken(), taken(f"<{ONE}@x>", f"<{ONE}@x>"), asked())),
    "never arrived": ("never arrived", lambda: (record(), taken(), taken(), asked())),
    "left over": ("is sending", lambda: (record(outreach={"1": outreach("sending")}), taken(), taken(), asked())),
    "no reason": ("without a reason", lambda: (record(outreach={"1": outreach("failed")}), taken(), taken(), asked())),
    "dialled": ("without having redeemed", lambda: (record(), taken(ONE), taken(), asked(dialled=["1"]))),
}


def test_what_is_right_passes() -> None:
    check(record(), taken(ONE), taken(), asked())


@pytest.mark.parametrize(("reason", "world"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_named(reason: str, world: Callable[[], tuple[Record, Taken, Taken, Any]]) -> None:
    with pytest.raises(AssertionError, match=reason):
        check(*world())
