"""The queue of held outreach and flagged notes, and what officers decide."""

from compliance.review.answers import Answer, answers_for, mark_seen
from compliance.review.decisions import (
    FINDING_DECISIONS,
    Release,
    decide_finding,
    note_decided,
    refuse,
    release,
    return_for_rewording,
)
from compliance.review.queue import (
    DecidedFinding,
    QueueItem,
    ReviewItem,
    open_item,
    queue,
    release_back,
    take,
    take_next,
)
from compliance.review.recorded import settle_recorded

__all__ = [
    "FINDING_DECISIONS", "Answer", "DecidedFinding", "QueueItem", "Release", "ReviewItem", "answers_for",
    "decide_finding", "mark_seen", "note_decided", "open_item", "queue", "refuse", "release", "release_back",
    "return_for_rewording", "settle_recorded", "take", "take_next",
]  # fmt: skip
