"""The bench of calls runs against a server of its own and says whether its target is met."""

from __future__ import annotations

import pytest

from bench import __main__ as command


def test_a_quick_run_plays_calls_and_gives_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["calls", "--quick"])
    printed = capsys.readouterr().out
    assert "3 calls open on one process, 12 turns" in printed
    assert ": met)" in printed or ": MISSED)" in printed
