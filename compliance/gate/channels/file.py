"""A file of JSON lines in place of a channel, for demonstrations: each line is what would have been delivered."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from compliance.gate.channels.protocol import ChannelDown, Delivery


@dataclass(frozen=True, slots=True)
class FileChannel:
    """Appends to ``path``, readable by its owner only, on the disk when ``deliver`` returns. A key is written once."""

    path: Path
    accepts_keys: bool = field(default=True, init=False)

    def deliver(self, delivery: Delivery) -> str:
        """Write the line unless its key is there already; returns the file's name and the key."""
        try:
            with self._locked() as file:
                if delivery.key not in _keys(file):
                    _append(file, delivery)
        except OSError as error:
            raise ChannelDown(f"文件无法写入（{type(error).__name__}）") from error
        return f"{self.path.name}:{delivery.key}"

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _keys(file: BinaryIO) -> set[str]:
    file.seek(0)
    return {key for line in file if (key := _key_of(line)) is not None}


def _key_of(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["key"])
    except (ValueError, KeyError, TypeError):
        return None  # torn by a crash: it was never reported as delivered


def _append(file: BinaryIO, delivery: Delivery) -> None:
    line = {
        "key": delivery.key, "channel": delivery.channel, "recipient": delivery.recipient, "text": delivery.text,
    }  # fmt: skip
    size = file.seek(0, os.SEEK_END)
    torn = False
    if size:
        file.seek(size - 1)
        torn = file.read(1) != b"\n"
    file.write(b"\n" * torn + json.dumps(line, ensure_ascii=False).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
