"""Submit, permits, dispatch, channels: the only way out."""

from compliance.gate.checking import parse_instant
from compliance.gate.contactability import Contactability, contactability
from compliance.gate.dispatch import DispatchReport, dispatch_once
from compliance.gate.notes import flag_unpermitted
from compliance.gate.outcome import record_outcome, record_unpermitted
from compliance.gate.permits import Redemption, expire_permits, redeem
from compliance.gate.recordings import owed_recording, record_call, record_recording
from compliance.gate.submit import submit
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import (
    KINDS_OF_CHANNEL,
    TEXT_CHANNELS,
    Actor,
    Condition,
    Conflict,
    Forbidden,
    GateSettings,
    Receipt,
    Recorded,
    Submission,
    Unavailable,
)
from compliance.gate.undelivered import settle, try_again, undelivered
from compliance.gate.visits import record_visit, visit_told_by

__all__ = [
    "KINDS_OF_CHANNEL", "TEXT_CHANNELS", "Actor", "Condition", "Conflict", "Contactability", "DispatchReport",
    "Forbidden", "GateSettings", "PermitKeys", "Receipt", "Recorded", "Redemption", "Submission", "Unavailable",
    "contactability", "dispatch_once", "expire_permits", "flag_unpermitted", "owed_recording", "parse_instant",
    "record_call", "record_outcome", "record_recording", "record_unpermitted", "record_visit", "redeem", "settle",
    "submit", "try_again", "undelivered", "visit_told_by",
]  # fmt: skip
