"""Checks on what came in, before anything is locked or judged. Every error is one sentence for the sender."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from compliance.gate.types import TEXT_CHANNELS, GateSettings, Submission, Unavailable
from compliance.judge.facts import ContactFacts
from compliance.judge.types import CHANNELS, InvalidInput

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two machines may lie apart."""
LONGEST_REF = 100
"""Characters of an id or a reference, as wide as the columns."""


def check_submission(submission: Submission, settings: GateSettings) -> Submission:
    """The submission with blank optional fields made absent.

    Raises:
        InvalidInput: naming the field.
    """
    check_ref(submission.id, "id")
    check_ref(submission.debtor, "debtor")
    if submission.channel not in CHANNELS:
        raise InvalidInput(f"未知渠道：{submission.channel[:20]!r}。", code="unknown_channel", field="channel")
    if submission.account is not None:
        check_ref(submission.account, "account")
    if submission.line is not None:
        check_ref(submission.line, "line")
    if submission.visitors is not None and not 1 <= submission.visitors <= 100:
        raise InvalidInput("外访人数应为 1 到 100。", code="bad_number", field="visitors")
    _check_contact_point(submission)
    check_aware(submission.send_at, "send_at")
    text = _checked_text(submission, settings)
    return submission if text == submission.text else replace(submission, text=text)


def check_ref(value: str, field: str, name: str = "") -> None:
    """An id or reference is 1 to 100 visible characters. ``name`` is what the sender knows the field by."""
    name = name or f"{field} "
    if not value.strip():
        raise InvalidInput(f"{name}不能为空。", code="missing", field=field)
    if len(value) > LONGEST_REF:
        raise InvalidInput(f"{name}不能超过 {LONGEST_REF} 个字符。", code="too_long", field=field)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InvalidInput(f"{name}含有不能使用的字符。", code="bad_characters", field=field)


def check_aware(at: datetime | None, field: str) -> None:
    """An instant has an offset."""
    if at is not None and at.utcoffset() is None:
        raise InvalidInput("时间必须带时区偏移，例如 2026-11-22T10:00:00+08:00。", code="no_offset", field=field)


def parse_instant(text: str, field: str = "send_at") -> datetime:
    """An ISO 8601 instant with offset.

    Raises:
        InvalidInput: it is not one.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "时间格式应为 ISO 8601，例如 2026-11-22T10:00:00+08:00。", code="bad_time", field=field
        ) from error
    check_aware(at, field)
    return at


def check_reason(reason: str, field: str = "reason") -> str:
    """A reason that somebody gave for an act: 1 to 1,000 characters, stripped."""
    plain = reason.strip()
    if not plain:
        raise InvalidInput("请写明理由。", code="missing", field=field)
    if len(plain) > 1_000:
        raise InvalidInput("理由不能超过 1000 个字符。", code="too_long", field=field)
    check_characters(plain, field)
    return plain


def check_characters(text: str, field: str) -> None:
    """No NUL and no half of a surrogate pair: neither can be stored or sent as UTF-8."""
    if "\0" in text:
        raise InvalidInput("文本含有空字符（NUL）。", code="bad_characters", field=field)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput("文本含有不完整的字符（孤立的代理码位）。", code="bad_characters", field=field)


def check_send_at(send_at: datetime | None, now: datetime, settings: GateSettings) -> datetime:
    """The instant to judge for: ``send_at`` where it is near enough, ``now`` where it is absent or just past."""
    if send_at is None:
        return now
    if send_at < now - settings.past:
        raise InvalidInput("发送时间已经过去。", code="in_the_past", field="send_at")
    if send_at > now + settings.future:
        raise InvalidInput(f"发送时间不能晚于 {settings.future.days} 天之后。", code="too_far", field="send_at")
    return max(send_at, now)


def check_clock(facts: ContactFacts, now: datetime) -> None:
    """Refuse to decide by a clock that has been set back: yesterday's counters would be counted from again.

    Raises:
        Unavailable: somebody submitted for this debtor at a later instant than now.
    """
    last = max((attempt.recorded_at for attempt in facts.attempts if attempt.recorded_at is not None), default=None)
    if last is not None and last > now + CLOCK_SKEW:
        raise Unavailable("系统时钟早于已有记录，暂停一切联系；请校准时钟后重试。", code="clock_behind")


def _check_contact_point(submission: Submission) -> None:
    if submission.channel == "note":
        if submission.contact_point is not None:
            raise InvalidInput("备注不对应联系方式。", code="not_for_notes", field="contact_point")
    elif submission.contact_point is None:
        raise InvalidInput("请选择联系方式。", code="missing", field="contact_point")
    else:
        check_ref(submission.contact_point, "contact_point")


def _checked_text(submission: Submission, settings: GateSettings) -> str | None:
    text = submission.text
    if text is None or not text.strip():
        if submission.channel in TEXT_CHANNELS or submission.channel == "note":
            raise InvalidInput("内容不能为空。", code="empty_text", field="text")
        return None
    if len(text) > settings.max_text:
        raise InvalidInput(f"内容不能超过 {settings.max_text} 个字符。", code="text_too_long", field="text")
    check_characters(text, "text")
    return text
