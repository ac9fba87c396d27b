"""A folder outside the project for what is dear to compute and safe to lose: compiled tables and passed pack checks."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """``ZHENGYAN_CACHE_DIR``, else ``zhengyan`` in the user's cache folder."""
    named = os.environ.get("ZHENGYAN_CACHE_DIR")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zhengyan"


def read_cached(name: str) -> bytes | None:
    """The stored bytes, or ``None`` where there are none or they cannot be read."""
    try:
        return (cache_folder() / name).read_bytes()
    except OSError:
        return None


def write_cached(name: str, content: bytes) -> None:
    """Store for the next start. A folder that cannot be written costs time, not correctness, so it is let pass."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(folder / name)  # atomic: a second process sees the old file or the new one
    except OSError:
        return
