"""``python -m bench [PART] [--quick]``: prints figures as ratios within one run, and whether each target is met."""

from __future__ import annotations

import argparse
from dataclasses import replace

from bench import judging


def main(argv: list[str] | None = None) -> None:
    """Runs the parts asked for; all of them where none is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["judge"], help="what to measure; everything where absent")
    parser.add_argument("--quick", action="store_true", help="few messages: does it run, not how fast")
    parser.add_argument("--rounds", type=int, help="rounds of each comparison (5)")
    asked = parser.parse_args(argv)
    effort = judging.QUICK if asked.quick else judging.FULL
    if asked.rounds:
        effort = replace(effort, rounds=asked.rounds)
    for line in judging.run(effort):
        print(line, flush=True)


if __name__ == "__main__":
    main()
