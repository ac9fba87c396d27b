from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.gate.channels import ChannelDown, Delivery
from compliance.gate.channels.file import FileChannel


def letter(key: str) -> Delivery:
    return Delivery(key, "sms", "13800138000", "您好，\n请还款。", datetime(2026, 11, 18, 2, 30, tzinfo=UTC))


def keys(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    FileChannel(path).deliver(letter("k1"))
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "key": "k1", "channel": "sms", "recipient": "13800138000", "text": "您好，\n请还款。",
    }  # fmt: skip


def test_the_same_key_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    references = [FileChannel(path).deliver(letter("k1")) for _ in range(3)]
    assert (keys(path), set(references)) == (["k1"], {"outbox.jsonl:k1"})


def test_many_writers_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: FileChannel(path).deliver(letter(f"k{n % 20}")), range(40)))
    assert sorted(keys(path)) == sorted(f"k{n}" for n in range(20))


def test_a_line_torn_by_a_crash_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    path.write_bytes(b'{"key": "k1", "chan')
    FileChannel(path).deliver(letter("k1"))
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[1])["key"] == "k1"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    FileChannel(path).deliver(letter("k1"))
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_a_channel_that_is_down(tmp_path: Path) -> None:
    with pytest.raises(ChannelDown):
        FileChannel(tmp_path / "none" / "outbox.jsonl").deliver(letter("k1"))
