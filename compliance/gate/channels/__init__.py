"""Adapters that carry words out of the house. Only ``compliance.gate.dispatch`` calls them."""

from compliance.gate.channels.protocol import Channel, ChannelDown, Delivery, InDoubt, Rejected, TryLater

__all__ = ["Channel", "ChannelDown", "Delivery", "InDoubt", "Rejected", "TryLater"]
