"""Personal data is hidden in the forms that may be written, and only where it stands in full."""

from __future__ import annotations

import pytest

from compliance.judge.masking import find_numbers, mask, mask_spans
from compliance.judge.types import Span


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("110101199003071234", "110101********1234"),
        ("11010519491231002X", "110105********002X"),
        ("320100 19681010 0001", "320100********0001"),
        ("１１０１０５１９４９１２３１００２１", "110105********0021"),
        ("6225880000000001", "尾号0001"),
        ("6225-8800-0000-0001", "尾号0001"),
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("幺三八幺二三四幺二三四", "138****1234"),
        ("杭州市西湖区文三路9号院3栋2单元402室", "杭州市西湖区***"),
        ("家住青山小区12栋", "家住***"),
    ],
)
def test_what_stays_legible(words: str, masked: str) -> None:
    assert mask(words) == masked


def test_only_the_spans_inside_the_stretch_are_masked() -> None:
    raw = "甲13812341234。乙13912341234。"
    spans = [Span(1, 12), Span(14, 25)]
    assert mask_spans(raw, spans, 13, len(raw)) == "乙139****1234。"


def test_a_card_number_becomes_the_tail_of_a_card() -> None:
    raw = "您的卡号：6225880000000001已到期"
    assert mask_spans(raw, [Span(5, 21)], 0, len(raw)) == "您的卡尾号0001已到期"


def test_a_label_inside_the_span_stays() -> None:
    raw = "您的身份证110105194912310021已登记"
    assert mask_spans(raw, [Span(2, 23)], 0, len(raw)) == "您的身份证110105********0021已登记"


@pytest.mark.parametrize("raw", ["订单20251101", "客服400-000-0000", "金额1,234.56元", "尾号1234"])
def test_other_numbers_are_no_personal_data(raw: str) -> None:
    assert find_numbers(raw, 0, len(raw)) == []
