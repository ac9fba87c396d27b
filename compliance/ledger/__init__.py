"""The append-only, hash-chained record of everything that was decided and done, and its proofs."""

from compliance.ledger.bundle import export_bundle
from compliance.ledger.chain import Act, Head, append, append_all, entries, head
from compliance.ledger.export_file import export
from compliance.ledger.heads import (
    FRESH,
    Consistency,
    Inclusion,
    head_to_dict,
    latest_head,
    prove_consistency,
    prove_entry,
    sign_head,
    signed_heads,
)
from compliance.ledger.models import LedgerEntry, SignedHead
from compliance.ledger.months import Partition, open_month, partitions
from compliance.ledger.signing import LedgerKeys
from compliance.ledger.tree import LedgerChanged
from compliance.ledger.verification import Verification, verify

__all__ = [
    "FRESH", "Act", "Consistency", "Head", "Inclusion", "LedgerChanged", "LedgerEntry", "LedgerKeys", "Partition",
    "SignedHead", "Verification", "append", "append_all", "entries", "export", "export_bundle", "head", "head_to_dict",
    "latest_head", "open_month", "partitions", "prove_consistency", "prove_entry", "sign_head", "signed_heads",
    "verify",
]  # fmt: skip
