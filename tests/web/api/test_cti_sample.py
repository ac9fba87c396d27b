"""The sample of ``docs/cti.md`` plays a recorded call against a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from assistant.calls.models import Call, CallTurn
from tests.serving import served
from tests.web.api.call_line import Line
from web.state import State

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "docs/play_call.py"
RECORDED = ROOT / "compliance/corpus/conversations-dev-zh.jsonl"


def test_a_recorded_call_is_played_to_its_end(wang: Line, edge: State) -> None:
    with served(wang.app) as base:
        command = [sys.executable, str(SAMPLE), base, wang.token, "D-wang", "M-wang", str(RECORDED), "1", "1000"]
        played = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    with edge.db.read() as session:
        call = session.scalars(select(Call).where(Call.direction == "in")).one()
        turns = session.scalars(select(CallTurn.seq).where(CallTurn.call_id == call.id)).all()
    assert call.closed_at is not None
    assert len(turns) == 17
    assert "event" in played.stdout and "alert block" in played.stdout


def test_the_sample_is_short_and_of_the_standard_library() -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert len(lines) <= 60
    assert imported <= sys.stdlib_module_names
