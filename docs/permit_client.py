"""Reference client for SMS gateways, diallers and receivers of webhooks: copy it. Python's standard library only.

A gateway or dialler that takes orders from a collection system asks Zhengyan before each message or call:

    client = PermitClient("https://zhengyan.example.com", token)
    answer = client.redeem(permit, recipient="13800138000", text="...")     # text=None for a call
    if answer.allowed:
        send(...)                                                           # now, once, exactly this text

Only the answer 200 allows. Every other answer, and no answer at all, means: do not contact. A permit is good once;
where the answer was lost (``Unreachable`` while reading), ask Zhengyan's people, do not send.

| status | code | what to do |
| 200 | | send now |
| 401 | unauthorized | the API token is wrong: nothing may be sent until it is right |
| 403 | bad_permit, retired_key, other_content | never send this; submit it anew |
| 409 | used | it was sent already: do not send it twice |
| 410 | expired | submit it anew |
| 423 | too_early, no_longer_allowed | not now; ask again later with the same permit, or submit it anew |
| 503 | unavailable | not now; ask again later |

A receiver of the webhook channel checks each request with ``is_genuine`` before it does anything, and delivers an
``Idempotency-Key`` once: it stores the key before it delivers, and answers a key that it knows with the first answer.
"""

from __future__ import annotations

import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

TOLERANCE_S = 300
"""How old a signed request may be."""


class Unreachable(Exception):
    """No answer. Do not send."""


@dataclass(frozen=True)
class Answer:
    """What Zhengyan said. ``code`` and ``message`` are empty where it is allowed."""

    status: int
    code: str = ""
    message: str = ""
    outreach: str | None = None

    @property
    def allowed(self) -> bool:
        return self.status == 200

    @property
    def ask_again(self) -> bool:
        """Whether the same permit may be good later."""
        return self.status in (423, 429, 503)


class PermitClient:
    """Redeems permits. One instance may serve many threads."""

    def __init__(self, base_url: str, token: str, timeout_s: float = 10.0) -> None:
        self._url = base_url.rstrip("/") + "/api/v1/permits/redeem"
        self._token = token
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)

    def redeem(self, permit: str, recipient: str, text: str | None = None) -> Answer:
        """Ask whether exactly this text may go to exactly this recipient now. Uses the permit up where it may.

        Raises ``Unreachable`` where no answer came: do not send.
        """
        body: dict[str, str] = {"permit": permit, "recipient": recipient}
        if text is not None:
            body["text"] = text
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's setting
            self._url,
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return Answer(response.status, outreach=json.load(response)["outreach"])
        except urllib.error.HTTPError as error:
            with error:
                return _refusal(error.code, error.read())
        except (OSError, ValueError, KeyError) as error:
            raise Unreachable(str(error)) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A permit and a token go to the address that was configured, and nowhere else."""

    def redirect_request(self, *_args: object, **_rest: object) -> None:
        return None


def _refusal(status: int, body: bytes) -> Answer:
    try:
        error = json.loads(body)["error"]
        return Answer(status, str(error["code"]), str(error["message"]))
    except (ValueError, KeyError, TypeError):
        return Answer(status, "unknown", f"HTTP {status}")


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, now: float | None = None) -> bool:
    """Whether a webhook request was signed by Zhengyan not long ago.

    ``timestamp`` and ``signature`` are the headers ``Zhengyan-Timestamp`` and ``Zhengyan-Signature``, ``body`` the
    exact bytes that came in.
    """
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_S:
        return False
    expected = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()
    return hmac.compare_digest(signature.encode(), b"v1=" + expected.encode())
