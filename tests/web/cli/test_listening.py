"""``intents`` and ``evaluate`` on utterances: what they print and with which status they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli import judging
from web.cli.listening import intents

ROWS = """{"id": "a", "text": "我要投诉你们", "intents": ["complain"]}
{"id": "b", "text": "你打错了", "intents": ["wrong_number"]}
"""


def test_each_row_is_answered_in_order(tmp_path: Path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text(ROWS, encoding="utf-8")
    done = CliRunner().invoke(intents, [str(file), "-o", str(out)])
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert done.exit_code == 0
    assert [(answer["id"], answer["intents"]) for answer in answers] == [("a", ["complain"]), ("b", ["wrong_number"])]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_csv_is_read(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id,text\n7,你打错了\n", encoding=encoding)
    done = CliRunner().invoke(intents, [str(file)])
    assert json.loads(done.stdout)["intents"] == ["wrong_number"]


def test_a_bad_row_changes_the_exit_status(tmp_path: Path) -> None:
    done = CliRunner().invoke(intents, ["-"], input="not json\n" + ROWS)
    assert done.exit_code == judging.BAD_ROWS
    assert len(done.stdout.splitlines()) == 3
    assert "rows that could not be used: 1" in done.stderr


def test_evaluate_tells_utterances_by_their_intents(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(ROWS, encoding="utf-8")
    figures = json.loads(CliRunner().invoke(judging.evaluate, [str(file), "--json"]).output)
    assert (figures["utterances"], figures["first"]) == (2, 1)
    assert CliRunner().invoke(judging.evaluate, [str(file)]).output.startswith("2 utterances: first intent 1.000")
