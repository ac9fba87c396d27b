"""The application on the server that ``serve`` runs, for tests that need a real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from web.cli.serve import server_of

PATIENCE_S = 30


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Its address, without a slash at the end. A stream that is still open does not hold the end of the tests."""
    server = server_of(app, "127.0.0.1", 0, int(app.config["MAX_CONTENT_LENGTH"]))
    listening = threading.Event()

    def run() -> None:
        server.prepare()
        listening.set()
        server.serve()

    threading.Thread(target=run, name="serving", daemon=True).start()
    assert listening.wait(PATIENCE_S)
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        stopping = threading.Thread(target=server.stop, name="stopping", daemon=True)
        stopping.start()
        stopping.join(server.shutdown_timeout + 1)
