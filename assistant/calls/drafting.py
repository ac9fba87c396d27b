"""Drafting the wrap-up from the turns: outcome, reason, promise, rights, next step, and a note. Pure.

Nothing is put in the note that no turn carries: it is checked against the same turns before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from assistant.calls.filing import Course, file_outcome, file_reason
from assistant.calls.promising import Promised, find_promise
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallState
from assistant.intents.times import find_time
from compliance.judge.talk import Talk
from compliance.judge.text import clean

_KEEPS_PROMISE = {"promise", "plan_request", "complaint"}
"""Outcomes beside which a promise is proposed to be kept. Who disputes a debt is held to none."""
_NEXT = {
    "promise": "await_payment",
    "paid": "await_payment",
    "plan_request": "await_plan",
    "waiver_request": "await_plan",
    "dispute": "await_officer",
    "complaint": "await_officer",
    "self_harm_escalated": "await_officer",
    "callback": "call_back",
    "wrong_number": "stop",
    "deceased": "stop",
}
_TOLD = {
    "identity": "已表明身份",
    "recording": "已告知录音",
    "right_party": "已核实本人",
    "creditor": "已说明委托方",
    "debt": "已告知欠款",
    "dispute_channel": "已告知投诉渠道",
    "plan_option": "已告知可申请分期",
    "summary": "已复述确认",
}
"""What a note says of an item that was said, in words that the judge holds against the turns."""
_MEANT = {
    "promise_to_pay": "愿意还款",
    "already_paid": "称已还款",
    "forgot": "称忘记还款",
    "hardship": "称经济困难",
    "illness_disaster": "称有疾病或灾害",
    "request_plan": "要求分期或延期",
    "request_waiver": "要求减免",
    "dispute": "对账务有异议",
    "ask_details": "询问欠款明细",
    "ask_identity": "询问来电身份",
    "ask_consequence": "询问后果",
    "refuse": "表示不还",
    "stop_contact": "要求停止联系",
    "complain": "表示要投诉",
    "hostile": "情绪激动",
    "callback": "要求稍后联系",
    "representation": "称已委托代理人",
    "wrong_number": "称号码打错",
    "third_party": "称本人不在",
    "deceased_incapable": "称债务人已故或失能",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A wrap-up as the turns suggest it, for the collector to correct."""

    outcome: str
    reason: str
    promise: Promised | None
    rights: tuple[str, ...]
    next_step: str
    note: str
    next_at: datetime | None = None
    """When the debtor asked to be rung back."""


def draft(
    state: CallState, today: date, talk: Talk, total: Decimal | None = None, after: datetime | None = None
) -> Draft:
    """The wrap-up of a call that began on ``today``.

    Args:
        total: yuan owed in all, where it is known.
        after: now, in the debtor's zone. A time to ring back is drafted where it is still to come.
    """
    finals = state.finals
    promise = None if state.paused else find_promise(finals, today, talk, total)
    course = Course(finals, promise, state.paused, state.confirmed, talk)
    outcome = file_outcome(course)
    kept = promise if outcome in _KEEPS_PROMISE else None
    return Draft(
        outcome=outcome,
        reason=file_reason(course),
        promise=kept,
        rights=tuple(right.type for right in state.rights),
        next_step=_NEXT.get(outcome, "none"),
        note="；".join(_note(state, list(course.others), kept)) + "。",
        next_at=_ring_back(course.others, after) if after is not None and outcome == "callback" else None,
    )


def _ring_back(others: Iterable[Spoken], after: datetime) -> datetime | None:
    """The time that was named last by whoever asked to be rung back, and is still to come."""
    asked = [turn for turn in others if "callback" in turn.meant]
    named = [find_time(clean(turn.text), turn.at.astimezone(after.tzinfo)) for turn in asked]
    latest = next((time for time in reversed(named) if time is not None), None)
    return latest if latest is not None and latest > after else None


def _note(state: CallState, others: list[Spoken], promise: Promised | None) -> Iterator[str]:
    speakers = {turn.speaker for turn in others}
    if not others:
        yield "未接通"
        return
    yield "本人接听" if "debtor" in speakers and not state.third_party else "他人接听"
    told = [_TOLD[item.item] for item in state.checklist if item.turn is not None and item.item in _TOLD]
    if told:
        yield "，".join(told)
    if state.paused:
        yield "对方流露自伤风险，已转合规专员"
    meant = dict.fromkeys(intent for turn in others for intent in turn.meant if intent in _MEANT)
    if meant:
        yield "对方" + "，".join(_MEANT[intent] for intent in meant)
    if promise is not None:
        amount = f"{promise.amount:,}元" if promise.amount is not None else "，金额未定"
        yield f"对方提出{promise.due.year}年{promise.due.month}月{promise.due.day}日还款{amount}"
