"""What every call of one process is worked with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import TypeVar, cast

from assistant.calls.bell import Bell
from assistant.calls.spoken import Spoken
from assistant.calls.state import listen, turns_of
from compliance.database import Database
from compliance.gate.screening import judge_safely
from compliance.gate.tokens import PermitKeys
from compliance.judge import Judge
from compliance.judge.hearing import Call as HeardCall
from compliance.judge.hearing import KnownAccount
from compliance.judge.talk import Talk, load_talk
from compliance.judge.types import Message, Verdict

T = TypeVar("T")
MOST_VERDICTS = 4096
"""A few hundred scripts, each filled for the calls that are open."""
MOST_STATES = 512
"""Some of the latest revisions of each open call."""


class Memory:
    """The last answers to questions whose answer never changes. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._known: OrderedDict[Hashable, object] = OrderedDict()

    def recall(self, key: Hashable, find: Callable[[], T]) -> T:
        """What is known under ``key``, else what ``find`` gives; ``find`` runs outside the lock."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return cast(T, self._known[key])
        found = find()
        with self._lock:
            self._known[key] = found
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


@dataclass(frozen=True)
class Desk:
    """Database, judge, permit keys and bell of one process, and what it remembers.

    ``states`` holds what was derived from a call, by its reference and revision: the same turns give the same.
    """

    db: Database
    judge: Judge
    keys: PermitKeys
    bell: Bell
    states: Memory = field(default_factory=lambda: Memory(MOST_STATES))
    words: Memory = field(default_factory=lambda: Memory(MOST_VERDICTS))

    @cached_property
    def talk(self) -> Talk:
        """What the pack says about conversations. Raises ``InvalidInput`` where it says nothing."""
        return load_talk(self.judge.pack)

    def listen(self, finals: Sequence[Spoken], account: KnownAccount | None, talk: Talk) -> HeardCall | None:
        """As ``assistant.calls.state.listen``, remembered: a turn is judged and folded after the same hearing."""
        return self.states.recall(("heard", turns_of(finals), account), lambda: listen(finals, account, talk))

    def screen(self, message: Message, at: datetime) -> Verdict:
        """The verdict on words alone, remembered; a judge that fails blocks."""
        return self.words.recall(message, lambda: judge_safely(self.judge, message, None, at))


def build_desk(db: Database, judge: Judge, keys: PermitKeys) -> Desk:
    """The desk of this process."""
    return Desk(db, judge, keys, Bell(db))
