"""The Ed25519 keys that sign heads. They live outside the database: whoever can edit the tables cannot sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.ledger.chain import canonical, stamp

PURPOSE = b"zhengyan-ledger-head-v1\n"
"""Stands before what is signed, so that no signature of this key can be taken for one on something else."""
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """One key or several, as 32-byte seeds. The first signs; heads signed by any of them are the ledger's own."""

    seeds: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> LedgerKeys:
        """``seed,seed``, each of 64 hexadecimal digits.

        Raises:
            ValueError: saying what it must look like; no part of a key is repeated.
        """
        parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
        try:
            seeds = tuple(bytes.fromhex(part) for part in parts)
        except ValueError as error:
            raise ValueError("must be keys of 64 hexadecimal digits, separated by commas") from error
        if not seeds or any(len(seed) != SEED_BYTES for seed in seeds):
            raise ValueError("must be keys of 64 hexadecimal digits, separated by commas")
        return cls(seeds)

    @property
    def public(self) -> str:
        """The public half of the key that signs, in hexadecimal."""
        return _public(self.seeds[0])

    @property
    def publics(self) -> tuple[str, ...]:
        """Every public key whose heads are the ledger's own, the signing one first."""
        return tuple(_public(seed) for seed in self.seeds)

    def sign(self, message: bytes) -> str:
        """The signature in hexadecimal."""
        return Ed25519PrivateKey.from_private_bytes(self.seeds[0]).sign(message).hex()


def head_message(*, size: int, root: str, hash: str, at: datetime) -> bytes:
    """What is signed: size and root of the tree, the chain's hash of its last entry, and when."""
    return PURPOSE + canonical({"at": stamp(at), "hash": hash, "root": root, "size": size}).encode()


def is_signed(message: bytes, public: str, signature: str) -> bool:
    """Whether ``signature`` was made over ``message`` with the private half of ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(seed: bytes) -> str:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()
