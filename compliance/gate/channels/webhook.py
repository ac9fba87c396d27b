"""Messages handed to another system (an SMS gateway, an IM platform, a letter shop) by a signed HTTP POST.

The body is JSON: ``{"channel", "id", "recipient", "text"}``. Three headers go with it:

- ``Idempotency-Key``: the same at every try of the same outreach; the receiver delivers a key once;
- ``Zhengyan-Timestamp``: whole seconds since 1970, when this try began;
- ``Zhengyan-Signature``: ``v1=`` and HMAC-SHA256 in hex over the timestamp, a full stop and the exact body.

A receiver refuses what is signed wrongly or is older than it likes. Any 2xx answer means that the message is taken
over, and a ``reference`` in a JSON answer is kept. Nobody follows redirects: a message goes where it was configured
to go. ``docs/permit_client.py`` has the receiver's side.
"""

from __future__ import annotations

import hmac
import json
import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from compliance.gate.channels.protocol import ChannelDown, Delivery, DeliveryFailed, Rejected, TryLater

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_ANSWER = 64 * 1024
LONGEST_REFERENCE = 200
LONGEST_WAIT = timedelta(hours=1)
LATER = (408, 409, 425)
"""This one may go later; 409 is how a receiver says that it is still busy with the same key."""
NOT_THIS_MESSAGE = (401, 403, 404, 405, 407, 429)
"""Answers that say something about the receiver or the settings and nothing about the message."""


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """One receiver. ``accepts_keys``: what is in doubt is sent again with the same key."""

    url: str
    secret: str = field(repr=False)
    timeout_s: float = 10.0
    """For each step of a connection; a dispatcher's lease is far longer."""
    context: ssl.SSLContext | None = None
    accepts_keys: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        check_url(self.url)
        if len(self.secret) < 32:
            raise ValueError("a webhook secret needs at least 32 characters")

    def deliver(self, delivery: Delivery) -> str:
        """POST the message; returns the receiver's reference, or its status where it gave none."""
        body = compose(delivery)
        stamp = str(int(delivery.at.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": delivery.key,
            "Zhengyan-Timestamp": stamp,
            "Zhengyan-Signature": f"v1={sign(self.secret, stamp, body)}",
        }
        status, answer, retry_after = self._post(body, headers)
        if 200 <= status < 300:
            return _reference(status, answer)
        raise failure(status, retry_after)

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
        parts = urlsplit(self.url)
        connection = self._connect(parts)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target, body, headers)
            response: HTTPResponse = connection.getresponse()
            return response.status, response.read(LONGEST_ANSWER), response.headers.get("Retry-After")
        except (OSError, HTTPException) as error:
            # It may have arrived. The receiver accepts keys: to send it again is safe, and the channel rests first.
            raise ChannelDown(f"接收方连接失败（{type(error).__name__}）") from error
        finally:
            connection.close()

    def _connect(self, parts: SplitResult) -> HTTPConnection:
        host = parts.hostname or ""
        if parts.scheme == "http":
            return HTTPConnection(host, parts.port, timeout=self.timeout_s)
        context = self.context or ssl.create_default_context()
        return HTTPSConnection(host, parts.port, timeout=self.timeout_s, context=context)


def check_url(url: str) -> None:
    """Raises ``ValueError`` where messages may not be sent to this address: only HTTPS leaves this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError(f"must be an https:// address, not {url!r}")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https:// beyond this machine: messages hold personal data")


def compose(delivery: Delivery) -> bytes:
    """The exact bytes that are signed and sent."""
    fields = {
        "id": delivery.key, "channel": delivery.channel, "recipient": delivery.recipient, "text": delivery.text,
    }  # fmt: skip
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, full stop and body, in hex."""
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, now: datetime, tolerance: timedelta) -> bool:
    """The receiver's check: signed with the secret, and the try began at most ``tolerance`` from ``now``."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(now.timestamp() - int(timestamp)) > tolerance.total_seconds():
        return False
    return hmac.compare_digest(signature.encode(), b"v1=" + sign(secret, timestamp, body).encode())


def failure(status: int, retry_after: str | None) -> DeliveryFailed:
    """What an answer that is not 2xx says about the message."""
    wait = _wait(retry_after)
    if status in LATER:
        return TryLater(f"接收方暂缓（{status}）", wait)
    if 400 <= status < 500 and status not in NOT_THIS_MESSAGE:
        return Rejected(f"接收方拒收（{status}）")
    return ChannelDown(f"接收方暂停服务（{status}）", wait)


def _wait(retry_after: str | None) -> timedelta | None:
    """``Retry-After`` in seconds, at most an hour; a date in it is not read."""
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit() or len(retry_after) > 9:
        return None
    return min(timedelta(seconds=int(retry_after)), LONGEST_WAIT)


def _reference(status: int, answer: bytes) -> str:
    try:
        reference = json.loads(answer)["reference"]
    except (ValueError, KeyError, TypeError):
        reference = None
    return reference[:LONGEST_REFERENCE] if isinstance(reference, str) and reference else f"http:{status}"
