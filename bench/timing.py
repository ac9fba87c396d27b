"""Engines take turns, round by round, on the same messages: what one round of noise does to one it does to all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Call = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Figures:
    """Microseconds a message."""

    p50: float
    mean: float
    p99: float

    def over(self, floor: Figures) -> Figures:
        """Each figure as a multiple of the same figure of ``floor``."""
        return Figures(self.p50 / floor.p50, self.mean / floor.mean, self.p99 / floor.p99)


@dataclass(frozen=True, slots=True)
class Engine:
    """``prepare`` turns a text into what ``call`` takes, outside the clock. ``most`` bounds the messages of a round."""

    name: str
    call: Call
    prepare: Callable[[str], Any] = str
    most: int | None = None


def time_each(call: Call, items: Sequence[Any]) -> Figures:
    """One pass over ``items``, each call on its own clock.

    The clock is the thread's processor time: a wall clock's p99 tells on a shared machine when others had their turn.
    """
    clock = time.thread_time_ns
    took = []
    for item in items:
        begun = clock()
        call(item)
        took.append(clock() - begun)
    took.sort()
    return Figures(took[len(took) // 2] / 1e3, sum(took) / len(took) / 1e3, took[len(took) * 99 // 100] / 1e3)


def take_turns(engines: Sequence[Engine], texts: Sequence[str], rounds: int) -> Mapping[str, list[Figures]]:
    """Figures of every round. Each round takes its own share of ``texts``, the same for all engines."""
    share = max(len(texts) // rounds, 1)
    found: dict[str, list[Figures]] = {engine.name: [] for engine in engines}
    for engine in engines:
        time_each(engine.call, [engine.prepare(text) for text in texts[:20]])  # caches filled, outside the figures
    for number in range(rounds):
        part = texts[number * share : (number + 1) * share]
        for engine in engines:
            items = [engine.prepare(text) for text in part[: engine.most]]
            gc.collect()
            found[engine.name].append(time_each(engine.call, items))
    return found


def median(figures: Sequence[Figures]) -> Figures:
    """The median of each figure by itself."""
    return Figures(
        statistics.median(one.p50 for one in figures),
        statistics.median(one.mean for one in figures),
        statistics.median(one.p99 for one in figures),
    )


def median_ratio(ours: Sequence[Figures], floor: Sequence[Figures]) -> Figures:
    """The median over the rounds of the ratio within a round."""
    return median([one.over(other) for one, other in zip(ours, floor, strict=True)])
