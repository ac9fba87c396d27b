"""Pieces that come while others are worked on are done in one go; nobody suffers for another's piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from time import monotonic, sleep

import pytest

from compliance.together import ALONE, MOST, Alone, Together

PATIENCE_S = 30


@dataclass
class Bench:
    """Doubles numbers, remembers who was done with whom, and lets the first group in only when told."""

    groups: list[list[int]] = field(default_factory=list)
    begun: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    answer: Callable[[int], int | Exception | Alone] = lambda number: 2 * number
    fails: bool = False

    def work(self, items: Sequence[int], alone: bool) -> Sequence[int | Exception | Alone]:
        self.groups.append(list(items))
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        if self.fails and len(items) > 1:
            raise RuntimeError("the whole group")
        return [2 * items[0]] if alone else [self.answer(item) for item in items]


def meet(bench: Bench, *items: int, key: Callable[[int], int] = lambda item: item) -> list[Future[int]]:
    """0 comes first; ``items`` come, in their order, while it is worked on."""
    together: Together[int, int] = Together(bench.work)
    with ThreadPoolExecutor(len(items) + 1) as pool:
        futures = [pool.submit(together.do, 0, key(0))]
        assert bench.begun.wait(PATIENCE_S)
        for count, item in enumerate(items, 1):
            futures.append(pool.submit(together.do, item, key(item)))
            while len(together._waiting) < count:  # it has come
                pass
        bench.go.set()
    return futures


def test_whoever_comes_alone_works_at_once() -> None:
    bench = Bench()
    bench.go.set()
    together: Together[int, int] = Together(bench.work)
    assert (together.do(1, 1), together.do(2, 2)) == (2, 4)
    assert bench.groups == [[1], [2]]


def test_whoever_comes_meanwhile_is_done_in_one_go() -> None:
    bench = Bench()
    assert [future.result() for future in meet(bench, 1, 2, 3)] == [0, 2, 4, 6]
    assert bench.groups == [[0], [1, 2, 3]]


def test_two_of_one_key_are_never_done_in_one_go() -> None:
    bench = Bench()
    futures = meet(bench, 1, 2, 3, 4, key=lambda item: item % 2)
    assert [future.result() for future in futures] == [0, 2, 4, 6, 8]
    assert bench.groups == [[0], [1, 2], [3, 4]]


def test_a_group_has_a_limit() -> None:
    bench = Bench()
    meet(bench, *range(1, MOST + 3))
    assert [len(group) for group in bench.groups] == [1, MOST, 2]


def test_what_is_wrong_with_one_is_raised_for_that_one() -> None:
    bench = Bench(answer=lambda number: ValueError("two") if number == 2 else number)
    _, one, two = meet(bench, 1, 2)
    assert one.result() == 1
    with pytest.raises(ValueError, match="two"):
        two.result()


def test_who_could_not_be_done_with_the_others_is_done_alone() -> None:
    bench = Bench(answer=lambda number: ALONE if number == 2 else number)
    assert [future.result() for future in meet(bench, 1, 2)] == [0, 1, 4]
    assert bench.groups == [[0], [1, 2], [2]]


def test_a_group_that_fails_is_tried_one_by_one() -> None:
    bench = Bench(fails=True)
    assert [future.result() for future in meet(bench, 1, 2)] == [0, 2, 4]
    assert sorted(bench.groups[2:]) == [[1], [2]]


def test_what_fails_alone_is_raised_and_holds_up_nobody() -> None:
    def work(items: Sequence[int], alone: bool) -> Sequence[int | Exception | Alone]:
        return [1 // item for item in items]

    together: Together[int, int] = Together(work)
    with pytest.raises(ZeroDivisionError):
        together.do(0, 0)
    assert together.do(1, 1) == 1


class Slow:
    """Takes a while for everything, so that there is something to wait half of."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.groups = seconds, list[int]()

    def work(self, items: Sequence[int], alone: bool) -> Sequence[int | Exception | Alone]:
        self.groups.append(len(items))
        sleep(self.seconds)
        return items


def test_those_who_come_again_after_a_group_are_done_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting for each other they would be one and all others in turn, for ever."""
    monkeypatch.setattr("compliance.together.PATIENCE_S", PATIENCE_S)
    slow = Slow(0.2)
    together: Together[int, int] = Together(slow.work)
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(lambda item=item: [together.do(item, item) for _ in range(5)]) for item in range(4)]
        assert [one.result() for one in done] == [[item] * 5 for item in range(4)]
    assert slow.groups.count(4) >= 3


def test_nobody_is_waited_for_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.together.PATIENCE_S", PATIENCE_S)
    bench = Bench()
    together: Together[int, int] = Together(bench.work)
    together._last, together._took = 5, 0.1
    bench.go.set()
    begun = monotonic()
    assert together.do(1, 1) == 2
    assert 0.05 <= monotonic() - begun < PATIENCE_S
    together._took = PATIENCE_S  # who comes alone after somebody who was alone does not wait
    assert together.do(2, 2) == 4
    assert monotonic() - begun < PATIENCE_S / 2


def test_what_took_long_is_not_waited_for_as_long() -> None:
    bench = Bench()
    bench.go.set()
    together: Together[int, int] = Together(bench.work)
    together._last, together._took = 5, 1000.0
    assert together.do(1, 1) == 2
