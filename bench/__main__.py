"""``python -m bench [PART] [--quick]``: prints figures as ratios within one run, and whether each target is met."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench import judging

PARTS = ("judge", "faults", "gate", "calls")


def main(argv: list[str] | None = None) -> None:
    """Runs the part asked for; the judge where none is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, default="judge", help="what to measure (judge)")
    parser.add_argument("--quick", action="store_true", help="few messages: does it run, not how fast")
    parser.add_argument(
        "--rounds", type=int, help="judge: rounds of each comparison (5); gate: rounds of each race (50)"
    )
    parser.add_argument("--kills", type=int, default=200, help="faults: how often a process is killed (200)")
    parser.add_argument("--seed", type=int, default=1, help="faults: what chance begins with (1)")
    parser.add_argument("--database", help="faults: URL of an empty database (SQLite)")
    parser.add_argument("--sizes", help="gate: recorded attempts, for instance 100000,10000000 (100000,1000000)")
    parser.add_argument("--sqlite", action="store_true", help="gate: SQLite alone")
    parser.add_argument("--browser", action="store_true", help="calls: until a page in Chromium shows them")
    parser.add_argument("--film", type=Path, help="calls: one call at the speed of speech, filmed into this folder")
    asked = parser.parse_args(argv)
    for line in _lines(asked):
        print(line, flush=True)


def _lines(asked: argparse.Namespace) -> Iterable[str]:
    if asked.part == "faults":
        from bench import faults

        return faults.run(asked.kills, seed=asked.seed, url=asked.database)
    if asked.part == "gate":
        return _gate(asked)
    if asked.part == "calls":
        return _calls(asked)
    effort = judging.QUICK if asked.quick else judging.FULL
    if asked.rounds:
        effort = replace(effort, rounds=asked.rounds)
    return judging.run(effort)


def _calls(asked: argparse.Namespace) -> Iterable[str]:
    from bench import call_pages, calls, film

    if asked.film is not None:
        return film.run(asked.film, film.HURRY if asked.quick else 1.0)
    effort = calls.QUICK if asked.quick else calls.Effort()
    return call_pages.run(effort) if asked.browser else calls.run(effort)


def _gate(asked: argparse.Namespace) -> Iterator[str]:
    from bench import gate
    from bench.postgresql import own_server

    effort = gate.QUICK if asked.quick else gate.Effort()
    if asked.rounds is not None:
        effort = replace(effort, races=asked.rounds)
    if asked.sizes:
        effort = replace(effort, sizes=tuple(int(size) for size in asked.sizes.split(",")))
    if asked.sqlite:
        yield from gate.run(effort, None)
        return
    with own_server() as server:
        yield from gate.run(effort, server)


if __name__ == "__main__":
    main()
