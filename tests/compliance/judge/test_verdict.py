"""The verdict: the maximum of its findings, the same every time, and never a silent pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from compliance.judge import Decision, Finding, InvalidInput, Judge, JudgeError, Message, Span, load_judge
from compliance.judge.text import Text

JUDGE = load_judge("cn", reader=False)
THREAT = "您好。再不还钱就打断你的腿。"
PRESSING = "我是海岳银行小王，尾号1234今天到期。后果自负。"


@dataclass(frozen=True)
class FakeReader:
    """Adds one finding to every message."""

    decision: Decision

    def settle(self, message: Message, text: Text, rule_findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return (*rule_findings, Finding("fake", "threat", self.decision, "x", span=Span(0, 1), source="reader"))


class BrokenReader:
    def settle(self, message: Message, text: Text, rule_findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        raise ZeroDivisionError("boom")


def test_the_same_message_gives_the_same_verdict() -> None:
    assert JUDGE.screen(Message(THREAT)) == load_judge("cn", reader=False).screen(Message(THREAT))


def test_a_verdict_names_its_pack() -> None:
    verdict = JUDGE.screen(Message(THREAT))
    assert (verdict.pack, verdict.version, len(verdict.digest)) == ("cn", JUDGE.pack.version, 64)


def test_a_block_outweighs_a_review() -> None:
    assert JUDGE.screen(Message(PRESSING)).decision is Decision.REVIEW
    assert JUDGE.screen(Message(PRESSING + THREAT)).decision is Decision.BLOCK


@pytest.mark.parametrize("reader", [None, FakeReader(Decision.BLOCK)])
def test_a_note_is_never_blocked(reader: FakeReader | None) -> None:
    judge = replace(JUDGE, reader=reader)
    assert (
        judge.screen(Message("我对他说不还钱就打断你的腿", channel="note", audience="internal")).decision
        is Decision.REVIEW
    )


def test_the_reader_joins_the_findings() -> None:
    assert replace(JUDGE, reader=FakeReader(Decision.REVIEW)).screen(Message("您好。")).decision is Decision.REVIEW


def test_a_failing_check_is_an_error_and_no_pass() -> None:
    with pytest.raises(JudgeError, match="ZeroDivisionError"):
        replace(JUDGE, reader=BrokenReader()).screen(Message("您好"))


def test_a_sentence_is_reworded_and_the_rest_kept() -> None:
    suggestion = JUDGE.screen(Message(PRESSING)).suggestion
    assert suggestion is not None
    assert suggestion.startswith("我是海岳银行小王，尾号1234今天到期。")
    assert "后果自负" not in suggestion
    assert JUDGE.screen(Message(suggestion)).decision is Decision.ALLOW


def test_nothing_is_suggested_where_nothing_is_wrong() -> None:
    assert JUDGE.screen(Message("您好，谢谢。")).suggestion is None


def test_a_threat_split_over_two_messages_is_found() -> None:
    verdict = JUDGE.screen(Message("断你的腿", previous=("再不还钱就打",)))
    assert verdict.decision is Decision.BLOCK
    assert {finding.span for finding in verdict.findings} == {Span(0, 4)}


@pytest.mark.parametrize(
    ("message", "now", "field"),
    [(Message("啊" * 100_001), None, "text"), (Message("您好"), datetime(2026, 1, 1), "now")],  # noqa: DTZ001
)
def test_what_cannot_be_judged_is_refused(message: Message, now: datetime | None, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        JUDGE.screen(message, now=now)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["", "　", "\0", "\ud800", "a" * 100_000, "“" * 5000, "1" * 10_000, "\u0301" * 500])
def test_hostile_text_gives_a_verdict(text: str) -> None:
    assert JUDGE.screen(Message(text), now=datetime(2026, 1, 1, tzinfo=UTC)).pack == "cn"


def test_a_judge_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Judge.__setattr__(JUDGE, "reader", None)


LAWFUL = "【恒岳银行】尊敬的客户，您的账单已逾期3天，应还1,200元，请于本月25日前还款。如有异议请致电400-000-1234。"


@pytest.mark.parametrize("threat", ["再不还钱就让你坐牢。", "我弄死你。"])
def test_a_threat_is_stopped_whatever_is_written_around_it(threat: str) -> None:
    verdict = load_judge("cn").screen(Message(f"{LAWFUL}{threat}谢谢您的配合，祝您生活愉快。"))
    assert verdict.decision is Decision.BLOCK


def test_a_warning_of_fraud_passes_beside_the_same_words() -> None:
    verdict = load_judge("cn").screen(Message(f"{LAWFUL}谨防冒充我行人员以坐牢、拘留恐吓的诈骗。"))
    assert verdict.decision is Decision.ALLOW
