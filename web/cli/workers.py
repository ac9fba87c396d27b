"""Pieces of work handed out to processes, whose answers come back in the order of the pieces.

Each process has a pipe of its own, and one piece at a time. So whoever is lost, even halfway through an answer, is seen
to be lost. A pipe that all of them share stays open as long as one of them lives: there the rest of an answer is waited
for without end, as in the standard library's pool.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, ForkProcess, SpawnContext, SpawnProcess

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
AHEAD = 4
"""Pieces for each worker that are handed out before the first of them is answered."""


class LostWorker(RuntimeError):
    """A process that should have answered is gone."""


@contextmanager
def hand_out(work: Callable[[Piece], Answer], workers: int) -> Iterator[Callable[[Iterable[Piece]], Iterator[Answer]]]:
    """What answers pieces by ``work`` in so many processes, reading no more pieces than keep them busy.

    It raises ``LostWorker`` where one of them ends before its answer. None outlives this process.
    """
    context = _how_workers_come()
    lines: list[Connection] = []
    processes: list[ForkProcess | SpawnProcess] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            lines.append(ours)
            process = context.Process(target=_answer, args=(work, theirs, lines), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
        yield partial(_in_turn, lines)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        for line in lines:
            line.close()


def _in_turn(lines: Sequence[Connection], pieces: Iterable[Piece]) -> Iterator[Answer]:
    from multiprocessing.connection import wait

    numbered = enumerate(pieces)
    busy: dict[Any, int] = {}
    answered: dict[int, Answer] = {}
    turn = 0
    while True:
        for line in lines:
            if line not in busy and len(busy) + len(answered) < AHEAD * len(lines) and (piece := next(numbered, None)):
                busy[line], work = piece
                _or_lost(line.send, work)
        if turn in answered:
            yield answered.pop(turn)
            turn += 1
            continue  # there is room for a piece more
        if not busy:
            return
        ready: list[Any] = wait(list(busy))
        for line in ready:
            answered[busy.pop(line)] = _or_lost(line.recv)


def _or_lost(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except (EOFError, OSError) as error:
        raise LostWorker from error


def _answer(work: Callable[[Piece], Answer], line: Connection, others: Sequence[Connection]) -> None:
    """In the worker: until nobody asks any more. An interruption from the keyboard is for the first process to heed.

    Each end of a line is held by one process alone, so that it is closed when that one ends, however it does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    while True:
        try:
            piece = line.recv()
        except (EOFError, ConnectionError):
            return
        answer = work(piece)
        try:
            line.send(answer)
        except ConnectionError:
            return


def _how_workers_come() -> ForkContext | SpawnContext:
    """Forked with all that is loaded already, where that is safe; elsewhere every worker loads its own."""
    import multiprocessing
    import threading

    is_safe = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork") if is_safe else multiprocessing.get_context("spawn")
