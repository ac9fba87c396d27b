"""What the casebook reads of the tables of the rooms above it, which import the casebook and not the other way.

Only the columns that are read or written here are named; the tests run them against the migrated schema.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, String, column, table

from compliance.database import UtcDateTime
from compliance.sealing import Sealed

OUTREACH = table(
    "outreach",
    column("id", BigInteger),
    column("debtor_id", BigInteger),
    column("account_id", BigInteger),
    column("contact_point_id", BigInteger),
    column("creditor_id", BigInteger),
    column("channel", String),
    column("at", UtcDateTime),
    column("created_at", UtcDateTime),
    column("state", String),
    column("outcome", String),
    column("tries", BigInteger),
    column("permit_expires_at", UtcDateTime),
)
NOTICES = table(
    "notices",
    column("ref", String),
    column("debtor_id", BigInteger),
    column("account_id", BigInteger),
    column("type", String),
    column("channel", String),
    column("evidence", Sealed("notices.evidence")),
    column("at", UtcDateTime),
    column("recorded_by", String),
    column("recorded_at", UtcDateTime),
)
REQUESTS = table(
    "rights_requests",
    column("ref", String),
    column("debtor_id", BigInteger),
    column("account_id", BigInteger),
    column("contact_point_id", BigInteger),
    column("type", String),
    column("at", UtcDateTime),
    column("due_at", UtcDateTime),
    column("closed_at", UtcDateTime),
)
