"""Judging a wording before anybody may say it: with the values that strain it most, on each channel it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from compliance.judge.types import STAGES, Message, Verdict
from scripts_library.slots import fill, worst_case_slots
from scripts_library.wording import ANY_STAGE, ScriptHead

FIRST_CONTACT = "首次联系"
"""The scene whose words are judged as the first that the debtor hears."""
_FIGURES = ("amount", "principal", "interest", "fees", "plan_amount")


class Screener(Protocol):
    """Who judges words alone: a ``Judge``, or one that remembers its answers."""

    def screen(self, message: Message) -> Verdict:
        """The verdict on ``message``."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The strictest verdict on a wording, and the filled words and circumstances that it is about."""

    message: Message
    verdict: Verdict


def screen_wording(judge: Screener, head: ScriptHead, say: str) -> Screened:
    """Judge ``say`` over all channels, stages and worst-case values of the script.

    Raises:
        UnfilledSlot: ``say`` holds a slot that does not exist.
    """
    screened = (Screened(message, judge.screen(message)) for message in _messages(head, say))
    return max(screened, key=lambda one: one.verdict.decision.rank)


def _messages(head: ScriptHead, say: str) -> Iterator[Message]:
    stages = STAGES if head.stage == ANY_STAGE else (head.stage,)
    for slots in worst_case_slots():
        for channel in head.channels:
            for stage in stages:
                yield Message(
                    text=fill(say, slots),
                    channel=channel,
                    audience=head.audience,
                    stage=stage,
                    first_contact=head.scene == FIRST_CONTACT,
                    amounts=_figures(slots),
                    owed=(_sum(slots, "principal"), _sum(slots, "interest"), _sum(slots, "fees")),
                )


def _figures(slots: Mapping[str, str]) -> tuple[Decimal, ...]:
    return tuple(_sum(slots, name) for name in _FIGURES)


def _sum(slots: Mapping[str, str], name: str) -> Decimal:
    return Decimal(slots[name].replace(",", ""))
