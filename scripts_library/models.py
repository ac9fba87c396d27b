"""Tables of the script library: scripts and their versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from compliance.database import Base

SCRIPT_STATES = ("draft", "submitted", "approved", "retired")
"""草稿 待审 已发布 停用."""


class Script(Base):
    """What collectors may say in one scene of one stage. Never deleted: retired."""

    __tablename__ = "scripts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    stage: Mapped[str] = mapped_column(String(20))
    """One of ``STAGES``, or ``any`` where the scene may come up in every stage."""
    scene: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    intent: Mapped[str | None] = mapped_column(String(40))
    channels: Mapped[str] = mapped_column(String(100), default="call")
    """Separated by blanks."""
    products: Mapped[str] = mapped_column(String(200), default="")
    audience: Mapped[str] = mapped_column(String(30), default="debtor")
    only: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """What it is reserved for (``wording.ONLY``), separated by blanks."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """All words of the script and of its newest version in lower case: what a search looks through."""

    versions: Mapped[list[ScriptVersion]] = relationship(
        back_populates="script", lazy="raise", order_by="ScriptVersion.number"
    )


class ScriptVersion(Base):
    """One wording of a script. Only an approved version inside its dates is served."""

    __tablename__ = "script_versions"
    __table_args__ = (UniqueConstraint("script_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[int] = mapped_column(ForeignKey("scripts.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="draft")
    say: Mapped[str] = mapped_column(Text)
    """说什么, with slots such as ``{name}`` ``{amount}``."""
    why: Mapped[str] = mapped_column(Text, default="")
    avoid: Mapped[str] = mapped_column(Text, default="")
    """不要说: advice to the trainer and the collector, never part of what is read out."""
    must_say: Mapped[str] = mapped_column(Text, default="")
    article: Mapped[str] = mapped_column(String(300), default="")
    branches: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Pairs of an intent and the key of the script with which to go on when the answer means that."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    author: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    approver: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    pack_digest: Mapped[str] = mapped_column(String(64), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    """Why it was sent back or retired, in the words of who did it."""

    script: Mapped[Script] = relationship(back_populates="versions", lazy="raise")


class ScriptComment(Base):
    """What somebody remarked on a version. Never changed, never removed."""

    __tablename__ = "script_comments"
    __table_args__ = (Index("ix_script_comments_version_id", "version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"))
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)


class ScriptNotice(Base):
    """What the author of a version has to be told: it was withdrawn, because the pack changed."""

    __tablename__ = "script_notices"
    __table_args__ = (Index("ix_script_notices_owner_seen_at", "owner", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("script_versions.id"))
    owner: Mapped[str] = mapped_column(String(64))
    """The author's login name."""
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime | None]


class PracticeExercise(Base):
    """What a debtor might say in a scene, for learners to answer. Never deleted: closed."""

    __tablename__ = "practice_exercises"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    stage: Mapped[str] = mapped_column(String(20))
    scene: Mapped[str] = mapped_column(String(60))
    turns: Mapped[list[str]] = mapped_column(JSON)
    """The debtor's utterances, in order."""
    items: Mapped[list[str]] = mapped_column(JSON)
    """What the answers together have to say: items of the pack's checklist for calls."""
    author: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PracticeAttempt(Base):
    """One learner's answers to an exercise, and what the judge said of them then."""

    __tablename__ = "practice_attempts"
    __table_args__ = (Index("ix_practice_attempts_exercise_id_learner", "exercise_id", "learner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exercise_id: Mapped[int] = mapped_column(ForeignKey("practice_exercises.id"))
    learner: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """One a turn: ``text`` and its ``verdict``."""
    missing: Mapped[list[str]] = mapped_column(JSON)
    """Items that no answer said."""
    pack_digest: Mapped[str] = mapped_column(String(64))
