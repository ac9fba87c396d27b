"""``packs`` and ``evaluate``: what they print and with which status they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from compliance.judge import proof
from compliance.judge.proof import Report
from compliance.judge.rules import Fault
from web.cli import judging

CALLS = judging.CORPUS / "conversations-dev-zh.jsonl"


def test_packs_test_prints_own_cases_and_disguises() -> None:
    done = CliRunner().invoke(judging.packs, ["test", "cn"])
    assert done.exit_code == 0
    assert " 0 fault(s)" in done.output
    assert {"homophones", "split_messages", "all"} <= {line.split()[0] for line in done.output.splitlines() if line}


def test_packs_test_ends_with_status_1_where_a_case_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = Report("cn", 1, 1, 1, (Fault("threat.toml", "cn.threat.x", "hit", "'打断' does not hit"),))
    monkeypatch.setattr(proof, "prove", lambda name: faulty)
    done = CliRunner().invoke(judging.packs, ["test"])
    assert done.exit_code == 1
    assert "threat.toml: cn.threat.x: hit: '打断' does not hit" in done.output


def test_coverage_is_printed_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "DOCS", tmp_path)
    printed = CliRunner().invoke(judging.packs, ["coverage", "cn"]).output
    assert printed.startswith("# 规则覆盖：cn")
    assert CliRunner().invoke(judging.packs, ["coverage", "cn", "--write"]).exit_code == 0
    assert (tmp_path / "rules-cn.md").read_text(encoding="utf-8") == printed


def test_evaluate_tells_whole_calls_by_their_turns(tmp_path: Path) -> None:
    first = CALLS.read_text(encoding="utf-8").splitlines()[0]
    file = tmp_path / "calls.jsonl"
    file.write_text(first + "\n", encoding="utf-8")
    figures = json.loads(CliRunner().invoke(judging.evaluate, [str(file), "--json"]).output)
    assert figures["calls"] == 1
    assert figures["missing_exact"] == 1
    table = CliRunner().invoke(judging.evaluate, [str(file)]).output
    assert table.startswith("calls 1   collector turns right ")
