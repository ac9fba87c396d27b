"""What every channel promises the dispatcher: above all, what it knows when a delivery fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """Words on their way to one recipient."""

    key: str
    """The same for every try of the same outreach, different for every outreach: 40 hexadecimal digits."""
    channel: str
    recipient: str
    text: str
    at: datetime
    """When this try began."""


class DeliveryFailed(Exception):
    """A delivery that did not go through. ``reason`` holds neither recipient nor text."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        """``retry_after``: how long the receiver asks to be left alone."""
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class ChannelDown(DeliveryFailed):
    """Nothing left; nothing else will for a while."""


class TryLater(DeliveryFailed):
    """Nothing left; this one may go later."""


class Rejected(DeliveryFailed):
    """Nothing left, and nothing will: the receiver refused for good."""


class InDoubt(DeliveryFailed):
    """It may have left."""


class Channel(Protocol):
    """Carries text. ``accepts_keys``: the same key twice is delivered once."""

    @property
    def accepts_keys(self) -> bool: ...

    def deliver(self, delivery: Delivery) -> str:
        """Deliver, and return the receiver's reference.

        Raises:
            ChannelDown, TryLater, Rejected, InDoubt: as they say.
        """
        ...
