"""Doing once, before anybody waits for it, what the first calls of a process would pay for.

Patterns are compiled and readers are read when they are first needed: a command that judges one message needs few of
them. A server needs them all, and each would hold up a call that is going on.
"""

from __future__ import annotations

from datetime import datetime

from assistant.calls.desk import Desk
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, fold
from assistant.intents import hear
from compliance import rights
from compliance.judge.words import cut

_ANSWER = "我是，上个月失业了，下周三先还五百块。"


def warm(desk: Desk, now: datetime) -> None:
    """Judge one example of every rule, hear an answer, and fold a call of two turns.

    What is judged so is not remembered: an example is nothing that anybody says.
    """
    for rule in desk.judge.pack.rules:
        for case in [case for case in rule.cases if case.hit][:1]:
            desk.judge.screen(case.message)
    cut(_ANSWER)
    rights.propose(_ANSWER)
    asked = Spoken(1, 1, "collector", "您好，请问是您本人吗？这通电话会录音。", now)
    answered = Spoken(2, 2, "debtor", _ANSWER, now, heard=hear(_ANSWER, "debtor"))
    fold([asked, answered], CallFacts(None), {}, desk.talk)
