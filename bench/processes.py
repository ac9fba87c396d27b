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


def seconds(command: Sequence[str], given: str = "", env: Mapping[str, str] | None = None) -> float:
    """Wall clock of a command from the project's folder. Raises ``CalledProcessError`` where it fails."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, input=given.encode(), check=True, stdout=subprocess.DEVNULL, env=env)
    return time.perf_counter() - begun


def start_up(rounds: int) -> float:
    """One message through ``screen`` as a multiple of ``python -c pass``: the median over the rounds."""
    screen, nothing = [sys.executable, "run.py", "screen", "-"], [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env = {**kept, "PYTHONPYCACHEPREFIX": folder}
        seconds(screen, ONE, env)  # compiled modules and tables are kept from here on, as after any first start
        return statistics.median(seconds(screen, ONE, env) / seconds(nothing, env=env) for _ in range(rounds))


def two_workers(texts: Sequence[str], rounds: int) -> float:
    """How many times faster ``--workers 2`` is than one, whole command: the median over the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "messages.jsonl"
        source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        command = [sys.executable, "run.py", "screen", str(source), "-o", str(Path(folder) / "out.jsonl"), "--workers"]
        return statistics.median(seconds([*command, "1"]) / seconds([*command, "2"]) for _ in range(rounds))
