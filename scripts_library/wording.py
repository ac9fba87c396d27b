"""What a script is made of, checked in one place for the shipped files and for the trainer's form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from compliance.judge.types import AUDIENCES, CHANNELS, STAGES, InvalidInput
from scripts_library.articles import articles
from scripts_library.slots import SLOTS, slot_faults, slots_in

ANY_STAGE = "any"
SCRIPT_STAGES = (*STAGES, ANY_STAGE)
"""Stages of the tree; ``any`` is for what may happen in every stage."""
SCRIPT_CHANNELS = tuple(channel for channel in CHANNELS if channel != "note")
SCRIPT_AUDIENCES = tuple(audience for audience in AUDIENCES if audience != "internal")
INTENTS = (
    "promise_to_pay", "already_paid", "forgot", "hardship", "illness_disaster", "request_plan", "request_waiver",
    "dispute", "ask_details", "ask_identity", "ask_consequence", "refuse", "stop_contact", "complain", "hostile",
    "third_party", "wrong_number", "deceased_incapable", "self_harm", "callback", "representation", "small_talk",
)  # fmt: skip
"""What a debtor's words may mean (``compliance/corpus/GUIDE.md``)."""
ONLY = ("own_staff", "machine", "supervisor", "looked_up", "settled", "assigned", "others_number")
"""What a script may be reserved for: the creditor's own people, a machine that calls, a supervisor who takes over,
somebody who has looked up what became of a payment or an application, an account that is settled, a claim that the
creditor has from another, a call to the number of somebody else than the debtor."""
LONGEST = {"key": 80, "scene": 60, "title": 120, "say": 4000, "why": 1000, "avoid": 1000}
"""Characters."""


KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}")
"""``stage.scene.name``; the shape of every key that ships, and of every key a branch may name."""
MOST_BRANCHES = len(INTENTS)


class Branch(NamedTuple):
    """Where a conversation goes on: if the answer means ``answer``, with the script ``key``."""

    answer: str
    key: str


@dataclass(frozen=True, slots=True)
class ScriptHead:
    """What stays the same over all versions of a script."""

    key: str
    stage: str
    scene: str
    title: str
    channels: tuple[str, ...] = ("call",)
    products: tuple[str, ...] = ()
    """Empty for every product."""
    audience: str = "debtor"
    intent: str | None = None
    """What the other side said that this answers."""
    only: tuple[str, ...] = ()
    """What it is reserved for, of ``ONLY``; empty where anybody may say it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a version may change."""

    say: str
    why: str = ""
    avoid: str = ""
    must_say: tuple[str, ...] = ()
    """One thing a line that may not be left out; a slot named in it must stand in ``say``."""
    article: tuple[str, ...] = ()
    """Ids of rules."""
    branches: tuple[Branch, ...] = ()
    """One script for an answer. The scripts themselves have to be there when the version is submitted."""
    valid_from: date | None = None
    valid_until: date | None = None
    """The last day on which it is served."""


def wording_faults(head: ScriptHead, wording: Wording) -> list[InvalidInput]:
    """Everything that is wrong, each with the field it belongs to."""
    found = [*_head_faults(head), *_text_faults(head, wording)]
    if wording.valid_from and wording.valid_until and wording.valid_until < wording.valid_from:
        found.append(("valid_until", "失效日早于生效日 / it ends before it begins"))
    unknown = [rule for rule in wording.article if rule not in articles()]
    found += [("article", f"条款 {rule} 不存在或未经核实 / {rule} is unknown or not verified") for rule in unknown]
    found += [("branches", fault) for fault in _branch_faults(head, wording)]
    return [InvalidInput(message, field=field) for field, message in found]


def check_wording(head: ScriptHead, wording: Wording) -> None:
    """Raises ``InvalidInput`` with the first fault, where there is one."""
    faults = wording_faults(head, wording)
    if faults:
        raise faults[0]


def _head_faults(head: ScriptHead) -> list[tuple[str, str]]:
    faults = []
    for field in ("key", "scene", "title"):
        value: str = getattr(head, field)
        if not value.strip():
            faults.append((field, "必填 / must be filled in"))
        elif len(value) > LONGEST[field]:
            faults.append((field, f"最多 {LONGEST[field]} 个字 / at most {LONGEST[field]} characters"))
    if head.stage not in SCRIPT_STAGES:
        faults.append(("stage", f"没有阶段 {head.stage} / unknown stage {head.stage}"))
    if head.audience not in SCRIPT_AUDIENCES:
        faults.append(("audience", f"没有对象 {head.audience} / unknown audience {head.audience}"))
    if head.intent is not None and head.intent not in INTENTS:
        faults.append(("intent", f"没有意图 {head.intent} / unknown intent {head.intent}"))
    unknown = [channel for channel in head.channels if channel not in SCRIPT_CHANNELS]
    faults += [("channels", f"没有渠道 {channel} / unknown channel {channel}") for channel in unknown]
    unknown = [use for use in head.only if use not in ONLY]
    faults += [("only", f"没有专用条件 {use} / unknown reservation {use}") for use in unknown]
    if not head.channels:
        faults.append(("channels", "至少选一个渠道 / at least one channel"))
    return faults


def _text_faults(head: ScriptHead, wording: Wording) -> list[tuple[str, str]]:
    faults = [
        (field, f"最多 {LONGEST[field]} 个字 / at most {LONGEST[field]} characters")
        for field in ("say", "why", "avoid")
        if len(getattr(wording, field)) > LONGEST[field]
    ]
    if not wording.say.strip():
        faults.append(("say", "说什么必填 / what to say must be filled in"))
    if not _is_storable(wording):
        faults.append(("say", "含有无法保存的字符 / a character that cannot be stored"))
    faults += [("say", fault) for fault in slot_faults(wording.say, head.audience)]
    said = set(slots_in(wording.say))
    owed = [slot for line in wording.must_say for slot in slots_in(line) if slot in SLOTS and slot not in said]
    faults += [("must_say", f"必说的 {{{slot}}} 没有说到 / {{{slot}}} must be said") for slot in dict.fromkeys(owed)]
    return faults


def _branch_faults(head: ScriptHead, wording: Wording) -> list[str]:
    answers = [branch.answer for branch in wording.branches]
    unknown = [answer for answer in dict.fromkeys(answers) if answer not in INTENTS]
    faults = [f"没有意图 {answer} / unknown intent {answer}" for answer in unknown]
    twice = [answer for answer in dict.fromkeys(answers) if answers.count(answer) > 1]
    faults += [f"{answer} 写了两次 / {answer} is there twice" for answer in twice]
    for branch in wording.branches:
        if branch.key == head.key:
            faults.append("不能接回自己 / a script cannot lead to itself")
        elif KEY.fullmatch(branch.key) is None or len(branch.key) > LONGEST["key"]:
            faults.append(f"{branch.key} 不是话术编号 / {branch.key} is no key of a script")
    return faults


def _is_storable(wording: Wording) -> bool:
    text = "\n".join((wording.say, wording.why, wording.avoid, *wording.must_say))
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
