"""What the trainers have done in the demo: exercises, a learner's answers, and a script's next version that waits for
the second of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.judge import Judge
from compliance.judge.talk import load_talk
from scripts_library import comment, new_version, submit_for_approval, wording_of
from scripts_library.models import Script, ScriptVersion
from scripts_library.practising import practise, write_exercise

AUTHOR, SECOND, LEARNER = "lin", "wu", "wang"
EXERCISES = (
    (
        "开场：先核实，再说事", "initial", "首次联系",
        ("喂，哪位？", "你凭什么说你是银行的？", "我是他爱人，有什么事跟我说。"),
        ("identity", "recording", "right_party"),
    ),
    (
        "听到困难：先回应，再谈办法", "middle", "困难了解",
        ("我上个月失业了，真的拿不出来。", "能不能分几期还？"),
        ("plan_option",),
    ),
)  # fmt: skip
"""Title, stage, scene, what the other side says, what must be said."""
ANSWERS = (
    "听您这么说确实不容易，先不着急谈还款，您愿意说说现在的情况吗？",
    "可以申请分期，我给您登记，结果会书面告诉您。",
)
"""The learner's, to the last exercise."""
IMPROVED = "initial.tell.debt"
ASKED, ASKS = (
    "您看这个数和您记的一样吗？有不一样的地方，我给您登记核实。",
    "这个数和您记的一样吗？不一样的话，我给您登记核实，核实期间不催您。",
)
REMARK = "“核实期间不催您”要和异议受理的说法一致，我再对一遍。"


def train(session: Session, judge: Judge, start: datetime) -> None:
    """In the half-hour after ``start``, when the scripts were planted: before anybody rings."""
    talk = load_talk(judge.pack)
    for title, stage, scene, turns, items in EXERCISES:
        exercise = write_exercise(
            session, talk, title=title, stage=stage, scene=scene, turns=turns, items=items, author=AUTHOR, now=start
        )
    practise(session, judge, talk, exercise.id, ANSWERS, LEARNER, start + timedelta(minutes=10))
    improve(session, judge, start + timedelta(minutes=20))


def improve(session: Session, judge: Judge, now: datetime) -> None:
    """A second version of one script, submitted, with a remark of the trainer who is to approve it."""
    script = session.scalars(select(Script).where(Script.key == IMPROVED)).one()
    first = session.scalars(select(ScriptVersion).where(ScriptVersion.script_id == script.id)).one()
    wording = replace(wording_of(first), say=first.say.replace(ASKED, ASKS))
    version = new_version(session, judge, script.id, wording, AUTHOR, now)
    submit_for_approval(session, judge, version.id, AUTHOR, now)
    comment(session, version.id, SECOND, REMARK, now + timedelta(minutes=5))
