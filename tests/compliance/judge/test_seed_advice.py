"""Advice once given to collectors that the law now forbids: what the judge makes of it when somebody follows it."""

from __future__ import annotations

import pytest

from compliance.judge import Decision, Message, load_judge

JUDGE = load_judge("cn", reader=False)
OTHER, DISCLOSURE = "other_third_party", "third_party_disclosure"
THREE_CALLS = (
    "您如果不及时还清信用卡欠款，我们每天会有三次电话跟进，同时向您所在单位，您家里发送催收函，"
    "必要时会安排催收人员和您见面聊一下"
)


def screen(text: str, channel: str = "call", audience: str = "debtor") -> tuple[Decision, set[str]]:
    verdict = JUDGE.screen(Message(text, channel=channel, audience=audience))
    return verdict.decision, set(verdict.categories)


def test_three_calls_a_day_and_letters_to_employer_and_home() -> None:
    verdict = JUDGE.screen(Message(THREE_CALLS))
    assert verdict.decision is Decision.BLOCK
    assert {"harassment", "exposure_threat", "third_party_pressure"} <= set(verdict.categories)
    assert all(finding.cites and all(cite.article for cite in finding.cites) for finding in verdict.findings)


@pytest.mark.parametrize(
    ("row", "text", "channel", "audience", "decision", "category"),
    [
        ("B24", THREE_CALLS, "call", "debtor", "block", "third_party_pressure"),
        ("B25", "电话打不通，我就打您单位电话找您领导", "call", "debtor", "block", "third_party_pressure"),
        ("B26", "客户挂断，打其单位电话问同事他的欠款情况", "note", "internal", "review", "third_party_disclosure"),
        ("B27", "这是他的催收函，您是他同事，代收一下", "visit", OTHER, "block", DISCLOSURE),
        ("B27", "您是他同住的爱人，这封信麻烦您代收一下", "visit", OTHER, "review", DISCLOSURE),
        ("B28", "您好，请转告他尽快联系银行还信用卡", "call", OTHER, "block", DISCLOSURE),
        ("B29", "没有分期这回事，你就一次还清", "call", "debtor", "block", "rights_denial"),
        ("B29", "别跟他提分期，让他一次还清", "note", "internal", "review", "rights_denial"),
        ("B30", "今天不签这份承诺书我们就不走", "visit", "debtor", "block", "threat"),
        ("B30", "你今天必须还上", "call", "debtor", "review", "deception"),
        ("B31", "欠款满一万就能抓你，我们已移送公安", "call", "debtor", "block", "false_consequence"),
        ("B32", "你就是个老赖", "call", "debtor", "block", "insult"),
        ("B33", "再不还就冻结你账户和工资卡", "sms", "debtor", "block", "false_consequence"),
        ("B34", "法院明天就对你强制执行", "sms", "debtor", "block", "false_consequence"),
    ],
)  # fmt: skip
def test_following_the_advice(row: str, text: str, channel: str, audience: str, decision: str, category: str) -> None:
    given, categories = screen(text, channel, audience)
    assert (given.value, category in categories) == (decision, True), row


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("您好，请转告张先生有空给我回个电话，我姓李，谢谢。", "other_third_party"),
        ("【海岳银行】尾号1234的信用卡因逾期已依约停用，如需恢复请致电客服。", "debtor"),
        ("【海岳银行】您可以申请分期还款，是否通过以审核结果为准。", "debtor"),
    ],
)
def test_the_lawful_way_passes(text: str, audience: str) -> None:
    assert screen(text, "sms", audience)[0] is Decision.ALLOW
