"""Numbers in addresses: what no row can have is no such page, rather than an error of the database."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, Map

GREATEST = 2**63 - 1
"""The greatest id that both databases store."""
MOST_PAGES = 2**31 - 1
"""The last page that anybody can ask for: the rows before it are still a number that both databases take."""


class RowNumber(IntegerConverter):
    """``<int:…>`` in a route, up to ``GREATEST``."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **({"max": GREATEST} | options))


def whole(raw: str | None, default: int, most: int = GREATEST) -> int:
    """A number from a query, at most ``most``; ``default`` where it is none, or none that a row could have."""
    if raw is None or not raw.isascii() or not raw.isdigit() or len(raw) > len(str(GREATEST)):
        return default
    return min(int(raw), most)


def page_number(raw: str | None) -> int:
    """The page that a query asks for, from 1."""
    return max(whole(raw, 1, MOST_PAGES), 1)
