"""How often somebody asks, counted in the database: every process of an installation counts in the same place.

The keys hold network addresses: only their keyed hash is stored, and a counter goes when its window is over.
"""

from __future__ import annotations

from datetime import timedelta

from limits.storage import Storage
from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from compliance.database import UtcDateTime
from compliance.sealing import keys_in_use
from web.accounts.models import RateCounter
from web.state import state

SCHEME = "zhengyan"
"""By which the limiter finds this store."""
_WHEN = UtcDateTime()
_COUNT = text(
    """
    INSERT INTO rate_counters (key, count, until) VALUES (:key, :amount, :until)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN rate_counters.until <= :now THEN :amount ELSE rate_counters.count + :amount END,
        until = CASE WHEN rate_counters.until <= :now THEN :until ELSE rate_counters.until END
    RETURNING count
    """
).bindparams(bindparam("now", type_=_WHEN), bindparam("until", type_=_WHEN))
"""One statement, so that two processes never count the same request as one."""


class DatabaseCounters(Storage):
    """The store of the limiter. It asks the running application for database and clock."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the library's own protocol

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """Nothing is hidden: without a database there is no answer anyway."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more in the window of the key, which lasts ``expiry`` seconds; how many there are now."""
        now = state().clock()
        values = {"key": _hashed(key), "amount": amount, "now": now, "until": now + timedelta(seconds=expiry)}

        def count(session: Session) -> int:
            found = int(session.execute(_COUNT, values).scalar_one())
            if found == amount:  # a new window: a good moment to sweep
                session.execute(delete(RateCounter).where(RateCounter.until < now))
            return found

        return state().db.run(count)

    def get(self, key: str) -> int:
        """How many there are in the present window."""
        row = self._find(key)
        return row.count if row else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now where there is none."""
        row = self._find(key)
        return (row.until if row else state().clock()).timestamp()

    def check(self) -> bool:
        return state().db.ping()

    def reset(self) -> int:
        """Forget everything; how many counters there were."""

        def forget(session: Session) -> int:
            known = session.scalar(select(func.count()).select_from(RateCounter)) or 0
            session.execute(delete(RateCounter))
            return known

        return state().db.run(forget)

    def clear(self, key: str) -> None:
        state().db.run(lambda session: session.execute(delete(RateCounter).where(RateCounter.key == _hashed(key))))

    def _find(self, key: str) -> RateCounter | None:
        with state().db.read() as session:
            row = session.get(RateCounter, _hashed(key))
        return row if row is not None and row.until > state().clock() else None


def _hashed(key: str) -> str:
    return keys_in_use().hash(key)
