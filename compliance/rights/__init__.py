"""Notices given to the debtor, requests of the debtor, and their clocks."""

from compliance.rights.clocks import Due, clocks_of, find_due
from compliance.rights.record import (
    RIGHTS_CHANNELS,
    close_request,
    extend_request,
    give_notice,
    notices,
    open_requests,
    receive_request,
)

__all__ = [
    "RIGHTS_CHANNELS",
    "Due",
    "clocks_of",
    "close_request",
    "extend_request",
    "find_due",
    "give_notice",
    "notices",
    "open_requests",
    "receive_request",
]
