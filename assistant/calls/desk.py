"""What every call of one process is worked with."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from assistant.calls.bell import Bell
from compliance.database import Database
from compliance.gate.screening import judge_safely
from compliance.gate.tokens import PermitKeys
from compliance.judge import Judge
from compliance.judge.talk import Talk, load_talk
from compliance.judge.types import Message, Verdict

_MOST = 4096
"""Verdicts that are remembered: a few hundred scripts, each filled for the calls that are open."""


class Remembering:
    """A judge of words that remembers its last answers: the same scripts are filled alike turn after turn."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._lock = Lock()
        self._known: OrderedDict[Message, Verdict] = OrderedDict()

    def screen(self, message: Message, at: datetime) -> Verdict:
        """The verdict on words alone; a judge that fails blocks."""
        with self._lock:
            if message in self._known:
                self._known.move_to_end(message)
                return self._known[message]
        verdict = judge_safely(self._judge, message, None, at)
        with self._lock:
            self._known[message] = verdict
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return verdict


@dataclass(frozen=True)
class Desk:
    """Database, judge, permit keys and bell of one process."""

    db: Database
    judge: Judge
    keys: PermitKeys
    bell: Bell
    words: Remembering = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", Remembering(self.judge))

    @property
    def talk(self) -> Talk:
        """What the pack says about conversations. Raises ``InvalidInput`` where it says nothing."""
        return load_talk(self.judge.pack)


def build_desk(db: Database, judge: Judge, keys: PermitKeys) -> Desk:
    """The desk of this process."""
    return Desk(db, judge, keys, Bell(db))
