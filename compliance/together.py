"""What threads of one process want at the same time, done by one of them in one go: one transaction, one wait for the
disk.

1. Whoever finds nobody at work takes what waits, at most one piece for each key, and works on all of it.
2. Whoever finds somebody at work waits until its piece is done, or until it is its turn to work.
3. The answers are given out when all is done; then it is the turn of the first of those who came meanwhile.

Nobody waits for company: who comes alone works alone, at once. Where a group fails, each of it tries by itself, so
that nobody suffers for another's piece.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MOST = 16
"""Pieces that are done in one go: the first of them waits for the last."""


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
        with self._guard:
            group = self._gather(first)
        answers: Sequence[Answer | Exception | Alone] = [ALONE] * len(group)
        try:
            answers = self._work([piece.item for piece in group], False)
        except Exception:
            if len(group) == 1:
                raise
        finally:
            for piece, answer in zip(group, answers, strict=True):
                piece.answer = answer
            with self._guard:
                following = self._waiting.popleft() if self._waiting else None
                self._at_work = following is not None
            for piece in group[1:]:
                piece.asleep.release()
            if following is not None:
                following.asleep.release()

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
