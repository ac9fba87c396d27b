"""Finding scripts for the trainer: by words, as Chinese is cut into words, and by where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from compliance.judge.words import cut
from scripts_library.models import Script, ScriptVersion
from scripts_library.wording import SCRIPT_STAGES

PAGE = 50
"""Rows of one page of an answer."""
MOST_WORDS = 8
"""Words of a question that are looked for; the rest are left out."""
EMPTY = frozenset("的了吗呢吧啊是在有和与就都也很请您你我他她它们这那个把被给对到说")
"""Single characters that stand in almost every text and tell nothing."""
_PLAIN = re.compile(r"[\x21-\x7e]+")
_WORD = re.compile(r"\w")
_IN_TITLE, _IN_PLACE, _IN_TEXT = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; an empty string asks for everything."""

    stage: str = ""
    scene: str = ""
    state: str = ""
    channel: str = ""
    intent: str = ""
    product: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the scripts that were looked for, each with its newest version.

    ``words`` are those to be marked. ``partly`` says that none has all of them, and these have some.
    """

    rows: list[tuple[Script, ScriptVersion]]
    total: int
    words: tuple[str, ...]
    partly: bool


def search_words(question: str) -> tuple[str, ...]:
    """The words of a question: what is written in Latin letters as it stands, Chinese as it is cut, in lower case."""
    words: list[str] = []
    for chunk in question.lower().split():
        words += [chunk] if _PLAIN.fullmatch(chunk) else [word.strip() for word in cut(chunk)]
    told = [word for word in words if _WORD.search(word) and word not in EMPTY]
    return tuple(dict.fromkeys(told or [word for word in words if _WORD.search(word)]))[:MOST_WORDS]


def find_scripts(session: Session, asked: Asked, *, offset: int = 0, limit: int = PAGE) -> Found:
    """Scripts with all the words of the question, those with the words in the title first; where none has all of
    them, those with some, the most words first."""
    words = search_words(asked.q)
    if asked.q.strip() and not words:
        return Found([], 0, (), partly=False)
    query = _fitting(asked, words)
    ids = session.scalars(query.where(*(_has(word) for word in words))).all()
    partly = not ids and len(words) > 1
    if partly:
        ids = session.scalars(query.where(or_(*(_has(word) for word in words)))).all()
    return Found(_rows(session, ids[offset : offset + limit]), len(ids), words, partly=partly and bool(ids))


def count_scenes(session: Session) -> dict[tuple[str, str], int]:
    """How many scripts stand in each scene of each stage."""
    query = select(Script.stage, Script.scene, func.count()).group_by(Script.stage, Script.scene)
    return {(stage, scene): count for stage, scene, count in session.execute(query)}


def count_waiting(session: Session) -> int:
    """How many scripts have a version that waits for approval."""
    query = select(func.count()).select_from(ScriptVersion).where(ScriptVersion.state == "submitted")
    return session.scalar(query) or 0


def next_waiting(session: Session, reader: str, after: int) -> tuple[Script | None, int]:
    """Of the scripts that wait for a person other than their author: the one after the script ``after`` for ``reader``
    to decide on, from the first again behind the last, and how many there are without ``after``."""
    waits = select(Script).join(ScriptVersion).where(ScriptVersion.state == "submitted", ScriptVersion.author != reader)
    others = session.scalars(waits.where(Script.id != after).order_by(Script.id <= after, Script.id).limit(1))
    counted = session.scalar(select(func.count()).select_from(waits.where(Script.id != after).subquery()))
    return others.first(), counted or 0


def _fitting(asked: Asked, words: tuple[str, ...]) -> Select[Any]:
    """The ids of what stands where it is asked for, the best first."""
    stage = case({name: place for place, name in enumerate(SCRIPT_STAGES)}, value=Script.stage, else_=9)
    order = [_score(words).desc()] if words else []
    query = select(Script.id).order_by(*order, stage, Script.scene, Script.key)
    for column, wanted in ((Script.stage, asked.stage), (Script.scene, asked.scene), (Script.intent, asked.intent)):
        query = query.where(column == wanted) if wanted else query
    if asked.state:
        query = query.join(ScriptVersion).where(ScriptVersion.state == asked.state, ScriptVersion.number == _newest())
    if asked.channel:
        query = query.where(_lists(Script.channels, asked.channel))
    if asked.product:
        query = query.where((Script.products == "") | _lists(Script.products, asked.product))
    return query


def newest_versions() -> Select[Script, ScriptVersion]:
    """Every script with its newest version: the one being worked on, where one is."""
    return select(Script, ScriptVersion).join(ScriptVersion).where(ScriptVersion.number == _newest())


def _newest() -> ScalarSelect[int]:
    """The number of a script's newest version."""
    later = aliased(ScriptVersion)
    return select(func.max(later.number)).where(later.script_id == Script.id).correlate(Script).scalar_subquery()


def _rows(session: Session, ids: Sequence[int]) -> list[tuple[Script, ScriptVersion]]:
    rows = session.execute(newest_versions().where(Script.id.in_(ids)))
    by_id = {script.id: (script, version) for script, version in rows}
    return [by_id[script_id] for script_id in ids]


def _has(word: str) -> ColumnElement[bool]:
    return Script.search_text.contains(word, autoescape=True)


def _score(words: tuple[str, ...]) -> ColumnElement[int]:
    """A word counts most in the title, more in the scene than in the rest. Of rows that have it."""
    score: ColumnElement[int] = literal(0)
    for word in words:
        score += case(
            (Script.title.icontains(word, autoescape=True), _IN_TITLE),
            (Script.scene.icontains(word, autoescape=True), _IN_PLACE),
            (_has(word), _IN_TEXT),
            else_=0,
        )
    return score


def _lists(column: InstrumentedAttribute[str], code: str) -> ColumnElement[bool]:
    """Whether a column of codes separated by blanks holds ``code``."""
    return (" " + column + " ").contains(f" {code} ", autoescape=True)
