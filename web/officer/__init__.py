"""The compliance officer's desk: the queue, one item at a time, what was decided, and the ledger."""

from web.officer.views import bp

__all__ = ["bp"]
