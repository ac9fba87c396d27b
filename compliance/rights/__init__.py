"""Notices given to the debtor, requests of the debtor, and their clocks."""

from compliance.rights.clocks import Due, clocks_of, find_due
from compliance.rights.codes import (
    Identified,
    Opened,
    identify,
    make_code,
    note_opened,
    offer_code,
    open_code,
    read_code,
)
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
from compliance.rights.hearing import ProposedRequest, propose
from compliance.rights.inbound import Heard, inbound_of, receive_inbound, settle_inbound
from compliance.rights.offers import open_offers, record_offer, withdraw_offer
from compliance.rights.plans import MOVES, agree_plan, move_plan, plan_faults, plans, propose_plan, terms_of
from compliance.rights.record import (
    RIGHTS_CHANNELS,
    give_notice,
    notices,
    open_requests,
    receive_request,
    requests,
)
from compliance.rights.reminding import Reminded, count_urgent, note_mailed, remind, to_mail
from compliance.rights.reviewing import review_asked, review_until

__all__ = [
    "MOVES",
    "REMINDERS",
    "RIGHTS_CHANNELS",
    "SOON",
    "Due",
    "Heard",
    "Identified",
    "Opened",
    "ProposedRequest",
    "Reminded",
    "Reminder",
    "agree_plan",
    "clocks_of",
    "close_request",
    "count_urgent",
    "due_list",
    "extend_request",
    "find_due",
    "give_notice",
    "identify",
    "inbound_of",
    "make_code",
    "may_handle",
    "move_plan",
    "note_mailed",
    "note_opened",
    "notices",
    "offer_code",
    "open_code",
    "open_offers",
    "open_requests",
    "own_request",
    "plan_faults",
    "plans",
    "propose",
    "propose_plan",
    "read_code",
    "receive_inbound",
    "receive_request",
    "record_offer",
    "remind",
    "requests",
    "review_asked",
    "review_until",
    "settle_inbound",
    "state_of",
    "terms_of",
    "to_mail",
    "urgency_of",
    "withdraw_offer",
]
