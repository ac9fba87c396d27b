"""What whole processes cost: two workers against one, and one message against an interpreter that does nothing."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE = '{"text": "您好，您的账单已出，请按时还款。"}\n'
SCREEN = (sys.executable, "run.py", "screen", "-")


def seconds(command: Sequence[str], given: str = "", env: Mapping[str, str] | None = None) -> float:
    """Wall clock of a command from the project's folder. Raises ``CalledProcessError`` where it fails."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, input=given.encode(), check=True, stdout=subprocess.DEVNULL, env=env)
    return time.perf_counter() - begun


def _after_a_first_start(folder: str) -> dict[str, str]:
    """The environment in which what any first start compiles is kept in ``folder``, after one run of ``screen``."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPYCACHEPREFIX": folder}
    seconds(SCREEN, ONE, env)
    return env


def start_up(rounds: int) -> float:
    """One message through ``screen`` as a multiple of ``python -c pass``: the median over the rounds."""
    nothing = [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as folder:
        env = _after_a_first_start(folder)
        return statistics.median(seconds(SCREEN, ONE, env) / seconds(nothing, env=env) for _ in range(rounds))


def two_workers(texts: Sequence[str], rounds: int) -> float:
    """How many times faster ``--workers 2`` is than one, whole command: the median over the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "messages.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        command = [sys.executable, "run.py", "screen", str(source), "-o", str(Path(folder) / "out.jsonl"), "--workers"]
        env = _after_a_first_start(folder)
        return statistics.median(
            seconds([*command, "1"], env=env) / seconds([*command, "2"], env=env) for _ in range(rounds)
        )
