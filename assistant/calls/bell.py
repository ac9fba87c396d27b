"""Waking those who follow a call when it has changed, in this process and in the others.

1. A change commits, then rings here: followers in this process wake at once.
2. On PostgreSQL the change sends ``NOTIFY`` in its own transaction; one thread of each process listens and rings.
3. Whoever waits looks again after ``poll`` seconds in any case. On SQLite that is how other processes learn of it, on
   PostgreSQL it bounds what a lost connection of the listener costs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance.database import Database

log = logging.getLogger(__name__)
CHANNEL = "zhengyan_calls"
POLL_SQLITE, POLL_POSTGRESQL = 0.2, 2.0
_AGAIN = 2.0
"""Seconds until a lost listener connects again."""


class Bell:
    """Follows the calls of one database. Safe to share between threads; its listener starts with the first follower."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._followers: dict[str, list[threading.Event]] = {}
        self._listener: threading.Thread | None = None

    @property
    def poll(self) -> float:
        """After how many seconds a follower looks again by itself."""
        return POLL_SQLITE if self._db.is_sqlite else POLL_POSTGRESQL

    @contextmanager
    def following(self, ref: str) -> Iterator[threading.Event]:
        """An event that is set whenever the call changes. Clear it before looking, wait on it after."""
        event = threading.Event()
        with self._lock:
            self._followers.setdefault(ref, []).append(event)
            self._start_listening()
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

    def _start_listening(self) -> None:
        if self._db.is_sqlite or self._listener is not None:
            return
        self._listener = threading.Thread(target=self._listen, name="calls-listener", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        """Until nobody follows any more: the next follower starts it again."""
        url = self._db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while self._is_followed():
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._ring_all()  # what was announced while nobody listened
                    while self._is_followed():
                        for notice in connection.notifies(timeout=_AGAIN):
                            self.ring(notice.payload)
                    return
            except psycopg.Error as error:
                log.warning("following calls: the listener lost its connection (%s)", type(error).__name__)
                threading.Event().wait(_AGAIN)

    def _is_followed(self) -> bool:
        """Whether to go on listening. Who stops says so under the lock, so that the next follower starts again."""
        with self._lock:
            if not self._followers:
                self._listener = None
            return bool(self._followers)

    def _ring_all(self) -> None:
        with self._lock:
            for events in self._followers.values():
                for event in events:
                    event.set()
