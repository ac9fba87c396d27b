"""Mail to the house's own staff. No debtor is written to from here: whoever calls this knows the address as that of
somebody who logs in (``users.email``, which may be no debtor's)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from compliance.gate.channels.protocol import Delivery
from compliance.gate.channels.smtp import SmtpChannel


def send_to_staff(server: SmtpChannel, address: str, subject: str, text: str, key: str, now: datetime) -> None:
    """One message; ``key`` goes into its Message-ID.

    Raises:
        DeliveryFailed: it did not go through, or nobody knows.
    """
    replace(server, subject=subject).deliver(Delivery(key, "email", address, text, now))
