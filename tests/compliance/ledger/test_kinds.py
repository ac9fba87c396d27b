"""Every act has its entry: the kinds, read from the code that appends them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("compliance", "scripts_library", "assistant", "web")
KIND = re.compile(r"[a-z_]+:[a-z_]+")
ACTS = {
    "decided, with the permit where it was permitted": {"outreach:decided"},
    "a permit used, refused, run out": {"permit:redeemed", "permit:refused", "permit:expired"},
    "on its way, sent, put off, held, given up, tried again": {
        "outreach:sending", "outreach:sent", "outreach:deferred", "outreach:held", "outreach:failed",
        "outreach:retried",
    },
    "outcome": {"outreach:outcome"},
    "recorded, or why not": {"outreach:recording", "note:not_recorded"},
    "visit told of, and what was amiss": {"visit:recorded", "note:visit_breach"},
    "dialled without a permit": {"outreach:unpermitted", "note:unpermitted_call"},
    "reviewed": {
        "review:taken", "review:put_back", "review:finding_decided", "review:released", "review:noted",
        "review:release_refused",
    },
    "notice given": {"notice:given"},
    "request received, answered, extended": {"request:received", "request:closed", "request:extended"},
    "request in hand, called to mind": {"request:owned", "request:reminded"},
    "message of the debtor received, settled": {"inbound:received", "inbound:settled"},
    "debtor's page opened, identified": {
        "debtor_page:opened", "debtor_page:identified", "debtor_page:not_identified",
    },
    "agreement with the debtor": {"agreement:recorded"},
    "plan proposed, agreed, kept, broken, settled, ended": {
        "plan:proposed", "plan:agreed", "plan:kept", "plan:broken", "plan:settled", "plan:ended",
    },
    "offer of somebody else to pay recorded, withdrawn": {"offer:recorded", "offer:withdrawn"},
    "appealed": {"appeal:filed", "appeal:taken", "appeal:upheld", "appeal:rejected"},
    "sampled": {"sample:drawn", "sample:opinion"},
    "script written, approved, retired": {"script:drafted", "script:submitted", "script:approved", "script:retired"},
    "pack published": {"pack:published"},
    "settings changed": {"settings:changed"},
    "personal data revealed": {"pii:revealed"},
    "personal data brought in": {"cases:imported"},
    "log-in, and its refusal": {"user:logged_in", "user:login_refused"},
    "users and tokens": {"user:created", "user:disabled", "user:enabled", "user:email_set", "user:staff_no_set",
                        "token:issued"},
    "agency evaluated": {"agency:evaluated"},
    "agency engaged": {"agency:engaged"},
    "keys of personal data changed": {"keys:rotated"},
    "erased when its years were over": {"retention:erased"},
    "calls": {"call:opened", "call:closed", "call:right_heard", "call:escalated"},
}  # fmt: skip


def written() -> set[str]:
    """Every string in the shape of a kind."""
    found = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        constants = (
            node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
        )
        found |= {value for value in constants if isinstance(value, str) and KIND.fullmatch(value)}
    return found


@pytest.mark.parametrize("act", ACTS)
def test_every_act_has_its_entry(act: str) -> None:
    assert ACTS[act] - written() == set()
