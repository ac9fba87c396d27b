"""Putting the shipped scripts into a library: one trainer stands for them, another approves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.judge.types import Decision, Message, Verdict
from scripts_library.editing import approve, draft, submit_for_approval
from scripts_library.models import Script
from scripts_library.screening import Screener
from scripts_library.seeding import SeedScript


class _Remembering:
    """A judge who answers the same question once: the three acts on a seed happen in one instant."""

    def __init__(self, judge: Screener) -> None:
        self._ask = lru_cache(maxsize=None)(judge.screen)

    def screen(self, message: Message) -> Verdict:
        return self._ask(message)


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of the shipped scripts: versions that wait for a second person, and keys that stay drafts because
    they do not pass the judge."""

    waiting: tuple[int, ...]
    left: tuple[str, ...]


def absent(session: Session, seeds: Iterable[SeedScript]) -> list[SeedScript]:
    """Those of ``seeds`` whose key the library has not, whatever became of the others."""
    known = set(session.scalars(select(Script.key)))
    return [seed for seed in seeds if seed.key not in known]


def offer(session: Session, judge: Screener, seeds: Iterable[SeedScript], *, author: str, now: datetime) -> Offered:
    """Draft each of ``seeds`` and submit what passes, for somebody else to approve.

    Raises:
        InvalidInput: a key is taken (``conflict``).
    """
    memory = _Remembering(judge)
    waiting, left = [], []
    # All are drafted first: a script may lead to one that comes after it.
    for version, key in [(draft(session, memory, seed.head, seed.wording, author, now), seed.key) for seed in seeds]:
        if version.verdict["decision"] != Decision.ALLOW:
            left.append(key)
            continue
        submit_for_approval(session, memory, version.id, author, now)
        waiting.append(version.id)
    return Offered(tuple(waiting), tuple(left))


def plant(
    session: Session, judge: Screener, seeds: Iterable[SeedScript], *, author: str, approver: str, now: datetime
) -> tuple[str, ...]:
    """Offer each of ``seeds`` and approve what passes: for a library that has no trainers yet, that of the demo.

    Returns: the keys of those that do not pass the judge; they stay drafts, for a trainer to see why.

    Raises:
        InvalidInput: a key is taken, or author and approver are one person.
    """
    memory = _Remembering(judge)
    offered = offer(session, memory, seeds, author=author, now=now)
    for version_id in offered.waiting:
        approve(session, memory, version_id, approver, now)
    return offered.left
