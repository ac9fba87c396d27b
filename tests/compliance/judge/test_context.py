"""Denial, warning, quotation and condition: who says what, and whether it is meant."""

from __future__ import annotations

import pytest

from compliance.judge import Decision, Message, load_judge
from compliance.judge.context import Layout

JUDGE = load_judge("cn", reader=False)


def decide(text: str, **facts: str) -> Decision:
    return JUDGE.screen(Message(text, **facts)).decision  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "我们不会联系您的家人。", "我们绝不堵门、泼漆。",
        "我方从未读取您的通讯录。", "没有人会抓您，欠款是民事纠纷。",
        "我们不会给您单位寄函，也不会告诉您的同事。", "请勿转账给任何个人，请打对公账户。",
    ],
)  # fmt: skip
def test_what_is_denied_is_no_breach(text: str) -> None:
    assert decide(text) is Decision.ALLOW


@pytest.mark.parametrize(
    "text",
    [
        "再不还钱就坐牢。", "不还钱就打断你的腿。", "你不接电话我们就联系你的家人。",
        "要不你就等着坐牢。", "你不处理，我就把你照片发到朋友圈。",
        "别以为我不会打断你的腿。",
    ],
)  # fmt: skip
def test_a_condition_is_no_denial(text: str) -> None:
    assert decide(text) is Decision.BLOCK


@pytest.mark.parametrize(
    "text", ["我可没说要去你家闹啊，就是你爸妈在家把门锁好。", "不是威胁你，你孩子放学那条路车多。"]
)
def test_a_denial_used_as_a_hint_is_a_threat(text: str) -> None:
    assert decide(text) is Decision.BLOCK


@pytest.mark.parametrize(
    "text",
    [
        "谨防冒充公检法的诈骗，如有人自称法院要求转账，请立即报警。",
        "您说上回有人骂您是老赖，我给您登记转质检。",
        "您反映的坐席在通话中使用了“老赖”“等着瞧”等字眼，我们正在核查。",

        "【对话】\n客户：你们再打我就打断你的腿。\n我：您先冷静，明天我再联系您。",
        "堵门、泼漆都是违法的，您碰见请报警。",
    ],
)  # fmt: skip
def test_warnings_and_words_of_others_are_no_breach(text: str) -> None:
    assert decide(text) is Decision.ALLOW


def test_a_quotation_of_ones_own_threat_is_a_breach() -> None:
    assert decide("我告诉你“再不还钱就打断你的腿”。") is Decision.BLOCK


@pytest.mark.parametrize(
    "text",
    [
        "如长期未还，我行可能依法向法院提起诉讼。",
        "如您遭遇诈骗，请向公安机关报案。", "祝您和家人身体健康。",
        "孩子上学不受影响，您放心。",
        "您可以与家人商量后再决定是否申请分期。",
    ],
)  # fmt: skip
def test_lawful_words_are_let_pass(text: str) -> None:
    assert decide(text) is Decision.ALLOW


def test_the_audience_decides() -> None:
    text = "您好，我是海岳银行小王，尾号1234的贷款逾期3天，请还款1,200元。"
    assert decide(text) is Decision.ALLOW
    assert decide(text, audience="other_third_party") is Decision.BLOCK


def test_sentences_and_clauses_cover_the_text() -> None:
    layout = Layout("甲，乙。丙 丁!\n戊")
    assert "".join(layout.plain[start:end] for start, end in layout.sentences) == layout.plain
    assert "".join(layout.plain[start:end] for start, end in layout.clauses) == layout.plain
    assert len(layout.sentences) == 3


def test_turns_name_their_speaker() -> None:
    plain = "客户:还不起\n我:那分期"
    layout = Layout(plain)
    assert [layout.speaker(plain.index(word)) for word in ("还不起", "分期")] == ["debtor", "collector"]
