"""What of a message is read for its sense: the shortcut that spares most messages a search changes nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.judge import core

WORDS = """
谢谢 感谢 多谢 您 你 您的 配合 理解 与支持 合作 谅解 祝 祝您 生活 一切 愉快 顺利 平安 安好 健康 如意 幸福 打扰 打扰了
辛苦 辛苦您了 敬请 知悉 留意 如有疑问 请 可 致电 官方 客服 拒收 退订 回 回复 t td 。 ！ ! ~ ， , ； ; 账单已逾期 请还款
"""
TEXTS = st.lists(st.sampled_from([*WORDS.split(), " ", "\u3000", "\n"]), max_size=12).map("".join)


@given(TEXTS)
@example("账单已逾期，辛苦您了。\n")
@example("账单已逾期，拒收请回复td")
def test_every_ending_is_found_that_a_search_of_all_would_find(text: str) -> None:
    start, end = core.core_of(text)
    ending = core._ENDING.search(text, max(start, len(text) - core._LONGEST_ENDING))
    if (start, end) != (0, len(text)):
        assert end == (ending.start() if ending else len(text))
    elif ending:
        opened = core._OPENING.match(text)
        assert ending.start() - (opened.end() if opened else 0) < core._SHORTEST_CORE


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("【海岳银行】您的账单已出", True),
        (" 【青柠】请还款", True),
        ("【】请还款", False),
        ("您的账单已出【海岳银行】", True),
        ("先生您好，【海岳银行】账单已出", True),
        ("您的账单已出，详见【海岳银行】的公告", False),
        ("【本通知一式两份由双方各执一份为据以昭信守】", False),
        ("请还款", False),
        ("", False),
    ],
)
def test_a_name_in_brackets_is_a_signature(text: str, signed: bool) -> None:
    assert core.is_signed(text) is signed
