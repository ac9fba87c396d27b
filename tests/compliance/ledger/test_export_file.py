from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from compliance import ledger
from compliance.database import Database


def exported(db: Database, now: datetime, tmp_path: Path) -> list[dict[str, object]]:
    with db.write() as session:
        for note in ("张*", "李*", "王*"):
            ledger.append(session, at=now, actor="alice", kind="note:made", subject="debtor:1", body={"note": note})
    path = tmp_path / "ledger.jsonl"
    with db.read() as session:
        ledger.export(session, path, batch=2)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_line_gives_its_hash(db: Database, now: datetime, tmp_path: Path) -> None:
    lines = exported(db, now, tmp_path)
    for line in lines[:-1]:
        rest = {name: value for name, value in line.items() if name != "hash"}
        plain = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(plain.encode()).hexdigest() == line["hash"]


def test_the_head_ends_the_file(db: Database, now: datetime, tmp_path: Path) -> None:
    lines = exported(db, now, tmp_path)
    assert lines[3:] == [{"head": {"seq": 3, "hash": lines[2]["hash"]}}]


def test_a_file_that_cannot_be_written_is_not_begun(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with db.read() as session, pytest.raises(OSError, match="folder"):
        ledger.export(session, path)
    assert list(tmp_path.glob("*.part")) == []
