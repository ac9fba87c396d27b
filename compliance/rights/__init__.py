"""Notices given to the debtor, requests of the debtor, and their clocks."""

from compliance.rights.clocks import Due, clocks_of, find_due
from compliance.rights.handling import (
    REMINDERS,
    SOON,
    Reminder,
    close_request,
    due_list,
    extend_request,
    may_handle,
    own_request,
    state_of,
    urgency_of,
)
from compliance.rights.record import (
    RIGHTS_CHANNELS,
    give_notice,
    notices,
    open_requests,
    receive_request,
    requests,
)

__all__ = [
    "REMINDERS",
    "RIGHTS_CHANNELS",
    "SOON",
    "Due",
    "Reminder",
    "clocks_of",
    "close_request",
    "due_list",
    "extend_request",
    "find_due",
    "give_notice",
    "may_handle",
    "notices",
    "open_requests",
    "own_request",
    "receive_request",
    "requests",
    "state_of",
    "urgency_of",
]
