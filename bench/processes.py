"""What whole processes cost: two workers against one, and one message against an interpreter that does nothing."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE = '{"text": "您好，您的账单已出，请按时还款。"}\n'


def seconds(command: Sequence[str], given: str = "") -> float:
    """Wall clock of a command from the project's folder. Raises ``CalledProcessError`` where it fails."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, input=given.encode(), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def start_up(rounds: int) -> float:
    """One message through ``screen`` as a multiple of ``python -c pass``: the median over the rounds."""
    screen = [sys.executable, "run.py", "screen", "-"]
    seconds(screen, ONE)  # the cache of compiled tables is filled as after any first start
    nothing = [sys.executable, "-c", "pass"]
    return statistics.median(seconds(screen, ONE) / seconds(nothing) for _ in range(rounds))


def two_workers(texts: Sequence[str], rounds: int) -> float:
    """How many times faster ``--workers 2`` is than one, whole command: the median over the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "messages.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        command = [sys.executable, "run.py", "screen", str(source), "-o", str(Path(folder) / "out.jsonl"), "--workers"]
        return statistics.median(seconds([*command, "1"]) / seconds([*command, "2"]) for _ in range(rounds))
