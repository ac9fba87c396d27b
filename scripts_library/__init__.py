"""What collectors may say: scripts, versions, approval, choosing."""

from scripts_library.articles import Article, articles
from scripts_library.choosing import ServedScript, catalogue, history, library_revision, scripts_for
from scripts_library.editing import (
    approve,
    draft,
    head_of,
    new_version,
    retire,
    revise,
    roll_back,
    send_back,
    submit_for_approval,
    wording_of,
)
from scripts_library.planting import absent, offer, plant
from scripts_library.rechecking import Recheck, Withdrawn, recheck
from scripts_library.remarks import comment, comments_of, notices_for, see_notices
from scripts_library.screening import Screened, screen_wording
from scripts_library.seeding import SeedScript, load_seeds
from scripts_library.slots import SLOTS, UnfilledSlot, account_slots, fill, slots_in, worst_case_slots
from scripts_library.wording import Branch, ScriptHead, Wording, check_wording, wording_faults

__all__ = [
    "SLOTS",
    "Article",
    "Branch",
    "Recheck",
    "Screened",
    "ScriptHead",
    "SeedScript",
    "ServedScript",
    "UnfilledSlot",
    "Withdrawn",
    "Wording",
    "absent",
    "account_slots",
    "approve",
    "articles",
    "catalogue",
    "check_wording",
    "comment",
    "comments_of",
    "draft",
    "fill",
    "head_of",
    "history",
    "library_revision",
    "load_seeds",
    "new_version",
    "notices_for",
    "offer",
    "plant",
    "recheck",
    "retire",
    "revise",
    "roll_back",
    "screen_wording",
    "scripts_for",
    "see_notices",
    "send_back",
    "slots_in",
    "submit_for_approval",
    "wording_faults",
    "wording_of",
    "worst_case_slots",
]  # fmt: skip
