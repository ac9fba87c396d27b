"""Permits as tokens: ``v1.<claims>.<signature>``, both base64url, HMAC-SHA256. No database here.

A permit says that exactly this text may go to exactly this recipient on this channel between two instants.
Single use is not in the token: it is a compare-and-set on the outreach (``compliance.gate.permits``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

LONGEST = 2_000
"""Characters; a genuine token has about 450."""
PHONE_CHANNELS = ("sms", "call")
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,20}")


class BadPermit(ValueError):
    """Not a permit of ours: unreadable, unknown key or wrong signature."""


class RetiredKey(BadPermit):
    """It names a key that is not, or no longer, accepted here: whether it was ever genuine cannot be told."""


@dataclass(frozen=True, slots=True)
class PermitKeys:
    """Signing keys by id. New permits are signed with ``current``; the others are still accepted.

    To rotate: put a new key first and keep the old one until the last permit that it signed has run out
    (``GateSettings.text_permit``, or the longest planned sending), then take it away.
    """

    current: str
    secrets: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.secrets:
            raise ValueError(f"the current permit key {self.current!r} is not among the keys")
        short = [name for name, secret in self.secrets.items() if len(secret) < 32]
        if short:
            raise ValueError(f"permit keys need at least 32 bytes: {', '.join(sorted(short))}")

    @classmethod
    def from_secret(cls, secret: str, *, key_id: str = "k1") -> PermitKeys:
        """One key, derived from the application's secret so that it signs nothing else."""
        return cls(key_id, {key_id: _derive(key_id, secret)})

    @classmethod
    def parse(cls, text: str) -> PermitKeys:
        """Keys written as ``id=secret,id=secret``; the first one signs.

        Raises:
            ValueError: anything else, an id twice, or a secret of fewer than 32 characters.
        """
        pairs = [part.strip().partition("=") for part in text.split(",")]
        names = [name for name, _, _ in pairs]
        if not all(KEY_ID.fullmatch(name) for name in names) or len(set(names)) < len(names):
            raise ValueError("must read like 'id=secret,id=secret', each id once")
        if any(len(secret) < 32 for _, _, secret in pairs):
            raise ValueError("needs secrets of at least 32 characters")
        return cls(names[0], {name: _derive(name, secret) for name, _, secret in pairs})


def _derive(key_id: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"zhengyan permit " + key_id.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Permit:
    """The claims of a token. Digests are SHA-256 in hex; instants have whole seconds."""

    outreach: int
    text: str
    recipient: str
    channel: str
    not_before: datetime
    not_after: datetime
    nonce: str


def digest_text(text: str | None) -> str:
    """SHA-256 of the exact text in UTF-8; a call without words has the digest of the empty text."""
    return hashlib.sha256((text or "").encode()).hexdigest()


def digest_recipient(recipient: str, channel: str) -> str:
    """SHA-256 of the recipient; blanks and hyphens in a telephone number do not count."""
    plain = recipient.strip()
    if channel in PHONE_CHANNELS:
        plain = plain.replace(" ", "").replace("-", "")
    return hashlib.sha256(plain.encode()).hexdigest()


def sign(permit: Permit, keys: PermitKeys) -> str:
    """The token of a permit, signed with the current key."""
    claims = {
        "k": keys.current, "o": permit.outreach, "t": permit.text, "r": permit.recipient, "c": permit.channel,
        "b": int(permit.not_before.timestamp()), "a": int(permit.not_after.timestamp()), "n": permit.nonce,
    }  # fmt: skip
    body = _encode(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
    return f"v1.{body}.{_encode(_signature(body, keys.secrets[keys.current]))}"


def read(token: str, keys: PermitKeys) -> Permit:
    """The claims of a token whose signature holds.

    Raises:
        RetiredKey: it names a key that is not accepted.
        BadPermit: anything else, without saying what.
    """
    try:
        version, body, signature = token.split(".") if len(token) <= LONGEST else ("", "", "")
        claims = json.loads(_decode(body))
        if KEY_ID.fullmatch(claims["k"]) and claims["k"] not in keys.secrets:
            raise RetiredKey("signed with a key that is not accepted")
        genuine = hmac.compare_digest(_signature(body, keys.secrets[claims["k"]]), _decode(signature))
        if version != "v1" or not genuine:
            raise BadPermit("not a permit")
        return _permit(claims)
    except RetiredKey:
        raise
    except (ValueError, KeyError, TypeError, binascii.Error, OverflowError) as error:
        raise BadPermit("not a permit") from error


def _permit(claims: Mapping[str, object]) -> Permit:
    return Permit(
        outreach=int(str(claims["o"])),
        text=str(claims["t"]),
        recipient=str(claims["r"]),
        channel=str(claims["c"]),
        not_before=datetime.fromtimestamp(int(str(claims["b"])), UTC),
        not_after=datetime.fromtimestamp(int(str(claims["a"])), UTC),
        nonce=str(claims["n"]),
    )


def _signature(body: str, secret: bytes) -> bytes:
    return hmac.digest(secret, f"v1.{body}".encode(), "sha256")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
