"""Warming a process up leaves nothing behind."""

from __future__ import annotations

from datetime import datetime

from assistant.calls.desk import Desk
from assistant.calls.warming import warm
from compliance.judge.types import Message


def test_every_rule_is_asked_once_and_nothing_is_remembered(now: datetime) -> None:
    asked = []

    class Counting:
        def __init__(self, judge: object) -> None:
            self.pack = judge.pack  # type: ignore[attr-defined]

        def screen(self, message: Message) -> None:
            asked.append(message)

    desk = _desk(Counting)
    warm(desk, now)
    assert len(asked) == len([rule for rule in desk.judge.pack.rules if any(case.hit for case in rule.cases)])
    assert desk.words.recall("anything", lambda: "nothing was known") == "nothing was known"


def _desk(wrap: type) -> Desk:
    from compliance.judge import load_judge

    return Desk(None, wrap(load_judge("cn")), None, None)  # type: ignore[arg-type]
