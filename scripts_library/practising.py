"""Practice: a debtor's utterances, a learner's answers, and what the judge and the checklist say of them.

Nothing here reaches a debtor: answers are judged as words of a call and go nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.judge.talk import Talk
from compliance.judge.text import clean
from compliance.judge.types import STAGES, InvalidInput, Message
from compliance.judge.wire import verdict_to_dict
from scripts_library.models import PracticeAttempt, PracticeExercise
from scripts_library.screening import Screener

MOST_TURNS = 12
LONGEST_TURN, LONGEST_ANSWER = 300, 1000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one learner did in one exercise: how often, and the last attempt in figures."""

    exercise: PracticeExercise
    learner: str
    attempts: int
    last: PracticeAttempt

    @property
    def blocked(self) -> int:
        """Answers of the last attempt that must not be said."""
        return sum(answer["verdict"]["decision"] == "block" for answer in self.last.answers)

    @property
    def held(self) -> int:
        """Answers of the last attempt that an officer would have to see."""
        return sum(answer["verdict"]["decision"] == "review" for answer in self.last.answers)


def write_exercise(
    session: Session, talk: Talk, *, title: str, stage: str, scene: str, turns: Sequence[str], items: Sequence[str],
    author: str, now: datetime,
) -> PracticeExercise:  # fmt: skip
    """A new exercise. Raises ``InvalidInput`` with the field that is wrong."""
    turns = [turn.strip() for turn in turns if turn.strip()]
    known = {item.id for item in talk.items}
    for wrong, field, message in (
        (not title.strip() or len(title) > 120, "title", "标题必填，最多 120 个字 / a title of up to 120 characters"),
        (not scene.strip() or len(scene) > 60, "scene", "场景必填，最多 60 个字 / a scene of up to 60 characters"),
        (stage not in STAGES, "stage", "没有这个阶段 / there is no such stage"),
        (not 1 <= len(turns) <= MOST_TURNS, "turns", f"对方的话要 1 到 {MOST_TURNS} 句 / 1 to {MOST_TURNS} utterances"),
        (
            any(len(turn) > LONGEST_TURN for turn in turns),
            "turns",
            f"每句最多 {LONGEST_TURN} 个字 / too long",
        ),
        (not known.issuperset(items), "items", "没有这个检查项 / there is no such item"),
        (not _is_storable((title, scene, *turns)), "turns", "含有无法保存的字符 / a character that cannot be stored"),
    ):
        if wrong:
            raise InvalidInput(message, field=field)
    exercise = PracticeExercise(
        title=title.strip(), stage=stage, scene=scene.strip(), turns=turns, items=list(items), author=author,
        created_at=now,
    )  # fmt: skip
    session.add(exercise)
    session.flush()
    return exercise


def exercises(session: Session) -> list[PracticeExercise]:
    """What may be practised, the newest first."""
    query = select(PracticeExercise).where(PracticeExercise.closed_at.is_(None))
    return list(session.scalars(query.order_by(PracticeExercise.id.desc())))


def exercise_of(session: Session, exercise_id: int) -> PracticeExercise:
    """Raises ``InvalidInput`` (``not_found``) where there is none, or it was closed."""
    exercise = session.get(PracticeExercise, exercise_id)
    if exercise is None or exercise.closed_at is not None:
        raise InvalidInput("没有这个练习 / there is no such exercise", code="not_found")
    return exercise


def close_exercise(session: Session, exercise_id: int, now: datetime) -> None:
    """Offer it to nobody any more; its results stay. Raises ``InvalidInput`` (``not_found``)."""
    exercise_of(session, exercise_id).closed_at = now


def practise(
    session: Session, judge: Screener, talk: Talk, exercise_id: int, answers: Sequence[str], learner: str, now: datetime
) -> PracticeAttempt:
    """Judge a learner's answers, one a turn, and keep them with what is missing.

    Raises:
        InvalidInput: there is no such exercise, a turn has no answer, or one is too long or not storable.
    """
    exercise = exercise_of(session, exercise_id)
    answers = [answer.replace("\r\n", "\n").strip() for answer in answers]
    if len(answers) != len(exercise.turns) or not all(answers):
        raise InvalidInput("每一句都要回答 / every utterance needs an answer", field="answer")
    if any(len(answer) > LONGEST_ANSWER for answer in answers) or not _is_storable(answers):
        raise InvalidInput(f"每个回答最多 {LONGEST_ANSWER} 个字 / an answer is too long", field="answer")
    verdicts = [judge.screen(Message(text=answer, channel="call", stage=exercise.stage)) for answer in answers]
    said = [clean(answer) for answer in answers]
    missing = [item.id for item in talk.items
               if item.id in exercise.items and not any(item.phrase.occurs(text) for text in said)]  # fmt: skip
    attempt = PracticeAttempt(
        exercise_id=exercise.id, learner=learner, at=now, missing=missing, pack_digest=verdicts[0].digest,
        answers=[{"text": text, "verdict": verdict_to_dict(verdict)}
                 for text, verdict in zip(answers, verdicts, strict=True)],
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt


def results(session: Session, learner: str | None = None) -> list[Result]:
    """By exercise and learner, the newest attempt first; of one learner only where one is named."""
    query = select(PracticeAttempt, PracticeExercise).join(
        PracticeExercise, PracticeExercise.id == PracticeAttempt.exercise_id
    )
    if learner is not None:
        query = query.where(PracticeAttempt.learner == learner)
    found: dict[tuple[int, str], Result] = {}
    for attempt, exercise in session.execute(query.order_by(PracticeAttempt.id.desc())):
        place = (exercise.id, attempt.learner)
        before = found.get(place)
        found[place] = Result(exercise, attempt.learner, before.attempts + 1 if before else 1,
                              before.last if before else attempt)  # fmt: skip
    return list(found.values())


def _is_storable(texts: Sequence[str]) -> bool:
    return not any("\x00" in text or any("\ud800" <= one <= "\udfff" for one in text) for text in texts)
