"""Waking those who follow a call when it has changed, in this process and in the others, or when a script has.

1. A change commits, then rings here: followers in this process wake at once.
2. One thread of each process learns what the others changed. On PostgreSQL a change sends ``NOTIFY`` in its own
   transaction, and the thread listens; on SQLite it asks the file for its version, which costs microseconds.
3. Where there may be something, the thread looks once for all calls that are followed, and rings those that changed.
   On PostgreSQL it looks every ``LOOK_POSTGRESQL`` seconds in any case, which bounds what a lost connection costs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from assistant.calls.models import Call
from compliance.database import Database
from scripts_library import library_revision

log = logging.getLogger(__name__)
CHANNEL = "zhengyan_calls"
LOOK_SQLITE, LOOK_POSTGRESQL = 0.1, 2.0
"""Seconds between two looks at what other processes changed."""
_AGAIN = 2.0
"""Seconds until a lost watcher connects again."""


class Bell:
    """Follows the calls of one database. Safe to share between threads; its watcher starts with the first follower and
    ends with the last."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._followers: dict[str, list[threading.Event]] = {}
        self._watcher: threading.Thread | None = None
        self._known: Mapping[str, int] = {}
        self._scripts: tuple[object, ...] = ()

    @contextmanager
    def following(self, ref: str) -> Iterator[threading.Event]:
        """An event that is set whenever the call changes. Clear it before looking, wait on it after."""
        event = threading.Event()
        with self._lock:
            self._followers.setdefault(ref, []).append(event)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="calls-watcher", daemon=True)
                self._watcher.start()
        try:
            yield event
        finally:
            with self._lock:
                self._followers[ref].remove(event)
                if not self._followers[ref]:
                    del self._followers[ref]

    def ring(self, ref: str) -> None:
        """Wake the followers of a call in this process. Call it after the commit."""
        with self._lock:
            for event in self._followers.get(ref, ()):
                event.set()

    def announce(self, session: Session, ref: str) -> None:
        """Tell the other processes, with the commit of ``session``."""
        if not self._db.is_sqlite:
            session.execute(select(func.pg_notify(CHANNEL, ref)))

    def _watch(self) -> None:
        """Until nobody follows any more: the next follower starts it again, and is rung once when it has begun."""
        self._known = {}
        while self._is_followed():
            try:
                if self._db.is_sqlite:
                    self._watch_file()
                else:
                    self._listen()
                return
            except (psycopg.Error, DBAPIError) as error:
                log.warning("following calls: the watcher lost its connection (%s)", type(error).__name__)
                time.sleep(_AGAIN)

    def _watch_file(self) -> None:
        version = None
        with self._db.glance() as connection:
            while self._is_followed():
                now = connection.exec_driver_sql("PRAGMA data_version").scalar()
                if now != version:
                    version = now
                    self._ring_all(self._look(connection))
                time.sleep(LOOK_SQLITE)

    def _listen(self) -> None:
        url = self._db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as listening:
            listening.execute(f"LISTEN {CHANNEL}")
            while self._is_followed():
                with self._db.glance() as connection:
                    changed = self._look(connection)
                self._ring_all(changed)
                until = time.monotonic() + LOOK_POSTGRESQL
                while (left := until - time.monotonic()) > 0:
                    for notice in listening.notifies(timeout=left):
                        self.ring(notice.payload)

    def _look(self, connection: Connection) -> list[str]:
        """The followed calls that are others than at the last look; all where the scripts are."""
        with self._lock:
            refs = sorted(self._followers)
        rows = connection.execute(select(Call.ref, Call.revision).where(Call.ref.in_(refs)))
        now = {row.ref: row.revision for row in rows}
        scripts = library_revision(connection)
        changed = [ref for ref in refs if scripts != self._scripts or now.get(ref) != self._known.get(ref)]
        self._known, self._scripts = now, scripts
        return changed

    def _ring_all(self, refs: list[str]) -> None:
        for ref in refs:
            self.ring(ref)

    def _is_followed(self) -> bool:
        """Whether to go on watching. Who stops says so under the lock, so that the next follower starts again."""
        with self._lock:
            if not self._followers:
                self._watcher = None
            return bool(self._followers)
