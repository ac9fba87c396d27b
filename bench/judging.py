"""``python -m bench judge``: what a verdict costs, as multiples measured in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench import engines as e
from bench.growth import doubling, half_against_random, hostile, memory_growth
from bench.messages import make_half, make_mixed, make_random, make_sms
from bench.processes import start_up, two_workers
from bench.timing import Engine, Figures, median, median_ratio, take_turns
from compliance.judge.verdict import Judge

Measured = Mapping[str, Mapping[str, Sequence[Figures]]]
"""Set → engine → its figures, a round each."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured. ``processes`` is the number of messages of the comparison of workers, 0 for none."""

    messages: int
    rounds: int
    processes: int
    growth: int
    longest_hostile: int


FULL = Effort(messages=50_000, rounds=5, processes=50_000, growth=100_000, longest_hostile=50_000)
QUICK = Effort(messages=300, rounds=1, processes=0, growth=500, longest_hostile=1_000)


@dataclass(frozen=True, slots=True)
class Target:
    """A promise and what was measured of it."""

    name: str
    measured: float
    bound: float
    unit: str = "×"
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.met else "MISSED"
        return f"{verdict:6}  {self.name}: {self.measured:.1f}{self.unit} ({sign} {self.bound:g}{self.unit})"


def run(effort: Effort) -> Iterator[str]:
    """Lines to print: the figures of each set, what grows, and a verdict on each target."""
    ours, judge = e.our_engines()
    peers, absent = e.peer_engines(judge.pack)
    yield from absent
    sets = {
        "sms": make_sms(effort.messages),
        "mixed": make_mixed(effort.messages),
        "random": make_random(effort.messages // 5),
        "half": make_half(effort.messages // 5, e.beginnings(judge.pack), e.finder(judge)),
    }
    measured: dict[str, Mapping[str, Sequence[Figures]]] = {}
    for name, texts in sets.items():
        measured[name] = take_turns([*ours, *peers], texts, effort.rounds)
        yield from table(name, measured[name], [*ours, *peers])
    targets = [*speed_targets(measured), *growth_targets(judge, sets["mixed"], effort)]
    if effort.processes:
        targets += process_targets(sets["sms"][: effort.processes], effort.rounds)
    yield f"\nTargets (medians of {effort.rounds} rounds)"
    yield from map(str, targets)


def table(name: str, measured: Mapping[str, Sequence[Figures]], engines: Sequence[Engine]) -> Iterator[str]:
    """One line an engine: microseconds on this machine, then each figure as a multiple of the floor's."""
    yield f"\n{name:26} {'p50 µs':>9} {'mean':>9} {'p99':>9}   {'p50 ×':>7} {'mean ×':>7} {'p99 ×':>7}"
    for engine in engines:
        figures = median(measured[engine.name])
        times = median_ratio(measured[engine.name], measured[e.FLOOR])
        yield (
            f"  {engine.name:24} {figures.p50:9.1f} {figures.mean:9.1f} {figures.p99:9.1f}"
            f"   {times.p50:7.1f} {times.mean:7.1f} {times.p99:7.1f}"
        )


def speed_targets(measured: Measured) -> Iterator[Target]:
    sms, mixed = measured["sms"], measured["mixed"]
    times = median_ratio(sms[e.RULES], sms[e.FLOOR])
    yield Target("SMS, rules and context, p50 against the bare scan", times.p50, 6)
    yield Target("SMS, rules and context, mean against the bare scan", times.mean, 12)
    yield Target("SMS, rules and context, p99 against the bare scan", times.p99, 20)
    for name, full, bare in (("a reading", e.FOUND_READER, e.FOUND), ("a whole verdict", e.READER, e.RULES)):
        more = median(sms[full]).mean - median(sms[bare]).mean
        yield Target(f"SMS, what the learned reader adds to {name}", more, 40, " µs")
    for peer, bound in ((e.PRESIDIO, 25), (e.PRESIDIO_SAME, 50)):
        if peer in mixed:
            slower = median_ratio(mixed[peer], mixed[e.FOUND]).mean
            yield Target(f"mixed, {peer} against rules and context", slower, bound, at_least=True)
            whole = median_ratio(mixed[peer], mixed[e.RULES]).mean
            yield Target(f"mixed, {peer} against the same and what to say instead", whole, bound, at_least=True)
    half = [one.mean for one in measured["half"][e.RULES]]
    random = [one.mean for one in measured["random"][e.RULES]]
    yield Target("half-matched against random text, mean", half_against_random(half, random), 3)


def growth_targets(judge: Judge, texts: Sequence[str], effort: Effort) -> Iterator[Target]:
    longer = doubling(judge, texts, effort.rounds)
    worst = max(longer, key=lambda found: found[1])
    yield Target(f"time for 2n characters against n, worst at n = {worst[0]:,}", worst[1], 2.5)
    found = hostile(judge, min(effort.rounds, 3), effort.longest_hostile)
    name = max(found, key=lambda text: found[text])
    yield Target(f"hostile text, 2n against n = {effort.longest_hostile:,}, worst: {name}", found[name], 2.5)
    grown = memory_growth(judge, texts, effort.growth)
    yield Target(f"memory after {effort.growth:,} messages more", grown, 20, " MB")


def process_targets(texts: Sequence[str], rounds: int) -> Iterator[Target]:
    yield Target("screen --workers 2 against one", two_workers(texts, rounds), 1.8, at_least=True)
    yield Target("one message by command against python -c pass", start_up(rounds), 25)
