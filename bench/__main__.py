"""``python -m bench [PART] [--quick]``: prints figures as ratios within one run, and whether each target is met."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace

from bench import judging

PARTS = ("judge", "faults")


def main(argv: list[str] | None = None) -> None:
    """Runs the part asked for; the judge where none is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, default="judge", help="what to measure (judge)")
    parser.add_argument("--quick", action="store_true", help="few messages: does it run, not how fast")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison (5)")
    parser.add_argument("--kills", type=int, default=200, help="faults: how often a process is killed (200)")
    parser.add_argument("--seed", type=int, default=1, help="faults: what chance begins with (1)")
    parser.add_argument("--database", help="faults, gate: URL of an empty PostgreSQL database (SQLite)")
    asked = parser.parse_args(argv)
    for line in _lines(asked):
        print(line, flush=True)


def _lines(asked: argparse.Namespace) -> Iterable[str]:
    if asked.part == "faults":
        from bench import faults

        return faults.run(asked.kills, seed=asked.seed, url=asked.database)
    effort = judging.QUICK if asked.quick else judging.FULL
    if asked.rounds:
        effort = replace(effort, rounds=asked.rounds)
    return judging.run(effort)


if __name__ == "__main__":
    main()
