"""Numbers in addresses: what no row can have is no such page, rather than an error of the database."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, Map

GREATEST = 2**31 - 1
"""The greatest id that both databases store."""


class RowNumber(IntegerConverter):
    """``<int:…>`` in a route, up to ``GREATEST``."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **({"max": GREATEST} | options))


def whole(raw: str | None, default: int) -> int:
    """A number from a query; ``default`` where it is none, or none that a row could have."""
    if raw is None or not raw.isascii() or not raw.isdigit() or len(raw) > len(str(GREATEST)):
        return default
    return min(int(raw), GREATEST)
