"""What threads of one process want at the same time, done by one of them in one go: one transaction, one wait for the
disk.

1. Whoever finds nobody at work takes what waits, at most one piece for each key, and works on all of it.
2. Whoever finds somebody at work waits until its piece is done, or until it is its turn to work.
3. The answers are given out when all is done; then it is the turn of the first of those who came meanwhile.

Who comes alone, after somebody who was alone, works at once. After a group the next waits until as many have come, but
no longer than half of what the group took and ``PATIENCE_S``: they have their answers, and whoever asks again does so
now. Without that, groups were of one and of all others in turn, and a group costs much beside its pieces.

Where a group fails, each of it tries by itself, so that nobody suffers for another's piece.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MOST = 16
"""Pieces that are done in one go: the first of them waits for the last."""

PATIENCE_S = 0.02
"""The longest wait for company."""


class Alone:
    """The answer for a piece that could not be done with the others, and is to be tried by itself."""


ALONE = Alone()
Work = Callable[[Sequence[Item], bool], "Sequence[Answer | Exception | Alone]"]
"""Does all pieces: for each its answer, what is to be raised for it, or ``ALONE``. Where it raises, nothing is done.

With ``True`` the one piece is by itself: it has to be answered, and may wait for what it needs. With ``False`` others
wait for their turn, whether there are several pieces or one.
"""


@dataclass(eq=False)
class _Piece(Generic[Item, Answer]):
    item: Item
    key: Hashable
    answer: Answer | Exception | Alone | None = None
    """``None`` until it is done."""
    asleep: threading.Lock = field(default_factory=threading.Lock)
    """Held while whoever brought it is to sleep: it takes less than an event."""


class Together(Generic[Item, Answer]):
    """Where pieces of one kind of work meet. One group is worked on at a time: with two, each had half as many pieces,
    and both took longer to hand each other the interpreter than the database took to answer."""

    def __init__(self, work: Work[Item, Answer]) -> None:
        self._work = work
        self._guard = threading.Lock()
        self._at_work = False
        self._waiting: deque[_Piece[Item, Answer]] = deque()
        self._last, self._took = 1, 0.0
        """Pieces of the last group, and the seconds that it took."""
        self._company: threading.Lock | None = None
        """Held while whoever leads waits for company."""

    def do(self, item: Item, key: Hashable) -> Answer:
        """The answer for ``item``. Two of the same ``key`` are never done in one go.

        Raises: what the work says or raises for this item.
        """
        piece: _Piece[Item, Answer] = _Piece(item, key)
        with self._guard:
            waits = self._at_work
            if waits:
                piece.asleep.acquire()
                self._waiting.append(piece)
                if self._company is not None and self._is_company():
                    self._company.release()
                    self._company = None
            self._at_work = True
        if waits:
            piece.asleep.acquire()
        if piece.answer is None:
            self._lead(piece)
        if piece.answer is ALONE:
            (piece.answer,) = self._work([item], True)
        if isinstance(piece.answer, Exception):
            raise piece.answer
        assert piece.answer is not None  # noqa: S101 - whoever leads answers for all
        assert not isinstance(piece.answer, Alone)  # noqa: S101 - whoever is alone is not sent away
        return piece.answer

    def _lead(self, first: _Piece[Item, Answer]) -> None:
        self._await_company()
        with self._guard:
            group = self._gather(first)
        begun = time.monotonic()
        answers: Sequence[Answer | Exception | Alone] = [ALONE] * len(group)
        try:
            answers = self._work([piece.item for piece in group], False)
        except Exception:
            if len(group) == 1:
                raise
        finally:
            self._last, self._took = len(group), time.monotonic() - begun
            for piece, answer in zip(group, answers, strict=True):
                piece.answer = answer
            with self._guard:
                following = self._waiting.popleft() if self._waiting else None
                self._at_work = following is not None
            for piece in group[1:]:
                piece.asleep.release()
            if following is not None:
                following.asleep.release()

    def _await_company(self) -> None:
        with self._guard:
            if self._is_company():
                return
            company = self._company = threading.Lock()
            company.acquire()
        company.acquire(timeout=min(self._took / 2, PATIENCE_S))
        with self._guard:
            self._company = None

    def _is_company(self) -> bool:
        """Whether as many are here as were done last."""
        return 1 + len(self._waiting) >= self._last

    def _gather(self, first: _Piece[Item, Answer]) -> list[_Piece[Item, Answer]]:
        """What waits, the oldest first and no key twice; the rest goes on waiting."""
        keys, group, rest = {first.key}, [first], deque[_Piece[Item, Answer]]()
        for piece in self._waiting:
            if len(group) < MOST and piece.key not in keys:
                keys.add(piece.key)
                group.append(piece)
            else:
                rest.append(piece)
        self._waiting = rest
        return group
