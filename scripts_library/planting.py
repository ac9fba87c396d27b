"""Putting the shipped scripts into a library, written by one trainer and approved by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from compliance.judge import Judge
from scripts_library.editing import approve, draft, submit_for_approval
from scripts_library.seeding import SeedScript


def plant(
    session: Session, judge: Judge, seeds: Iterable[SeedScript], *, author: str, approver: str, now: datetime
) -> int:
    """Draft, submit and approve each of ``seeds``; the number of them.

    Raises:
        InvalidInput: a key is taken, author and approver are one person, or a wording does not pass the judge.
    """
    count = 0
    for count, seed in enumerate(seeds, 1):  # noqa: B007 - the last number is the answer
        version = draft(session, judge, seed.head, seed.wording, author, now)
        submit_for_approval(session, judge, version.id, author, now)
        approve(session, judge, version.id, approver, now)
    return count
