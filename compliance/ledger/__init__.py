"""The append-only, hash-chained record of everything that was decided and done."""

from compliance.ledger.chain import Head, append, entries, head
from compliance.ledger.export_file import export
from compliance.ledger.models import LedgerEntry
from compliance.ledger.verification import Verification, verify

__all__ = ["Head", "LedgerEntry", "Verification", "append", "entries", "export", "head", "verify"]
