"""Columns of the tables of rooms above this one, which import it and not the other way: the turns of calls."""

from __future__ import annotations

from sqlalchemy import JSON, Integer, String, Text, column, table

from compliance.database import UtcDateTime

CALLS = table(
    "calls",
    column("id", Integer),
    column("ref", String),
    column("debtor_id", Integer),
    column("started_at", UtcDateTime),
)
TURNS = table(
    "call_turns",
    column("id", Integer),
    column("call_id", Integer),
    column("text", Text),
    column("verdict", JSON),
    column("slots", JSON),
)
ERASED = "（已到期删除）"
"""Stands where words that may not be empty were erased."""
