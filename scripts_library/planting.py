"""Putting the shipped scripts into a library, written by one trainer and approved by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from compliance.judge.types import Decision, Message, Verdict
from scripts_library.editing import approve, draft, submit_for_approval
from scripts_library.screening import Screener
from scripts_library.seeding import SeedScript


class _Remembering:
    """A judge who answers the same question once: the three acts on a seed happen in one instant."""

    def __init__(self, judge: Screener) -> None:
        self._ask = lru_cache(maxsize=None)(judge.screen)

    def screen(self, message: Message) -> Verdict:
        return self._ask(message)


def plant(
    session: Session, judge: Screener, seeds: Iterable[SeedScript], *, author: str, approver: str, now: datetime
) -> list[str]:
    """Draft, submit and approve each of ``seeds``.

    Returns: the keys of those that do not pass the judge; they stay drafts, for a trainer to see why.

    Raises:
        InvalidInput: a key is taken, or author and approver are one person.
    """
    memory = _Remembering(judge)
    left = []
    # All are drafted first: a script may lead to one that comes after it.
    drafts = [(seed.key, draft(session, memory, seed.head, seed.wording, author, now)) for seed in seeds]
    for key, version in drafts:
        if version.verdict["decision"] != Decision.ALLOW:
            left.append(key)
            continue
        submit_for_approval(session, memory, version.id, author, now)
        approve(session, memory, version.id, approver, now)
    return left
