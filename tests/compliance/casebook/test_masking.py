from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import casebook


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        (casebook.mask_name, "张三", "张*"),
        (casebook.mask_name, "欧阳修", "欧**"),
        (casebook.mask_name, "John Smith", "J***"),
        (casebook.mask_name, "", ""),
        (casebook.mask_mobile, "13812341234", "138****1234"),
        (casebook.mask_mobile, "+8613812341234", "+86*******1234"),
        (casebook.mask_mobile, "1234567", "*****67"),
        (casebook.mask_mobile, "12", "**"),
        (casebook.mask_id, "11010119900307123X", "110***********123X"),
        (casebook.mask_id, "E1234567", "******67"),
        (casebook.mask_email, "zhangsan@example.com", "z***@example.com"),
        (casebook.mask_email, "nobody", "n*****"),
        (casebook.mask_address, "北京市海淀区中关村大街1号", "北京市海淀区****"),
        (casebook.mask_address, "浙江省杭州市文三路9号", "浙江省杭州市****"),
        (casebook.mask_address, "某处", "某处****"),
        (casebook.mask_account_no, "6222020012345678", "************5678"),
        (casebook.mask_account_no, "A1", "*1"),
    ],
)
def test_masks(mask: object, value: str, masked: str) -> None:
    assert callable(mask)
    assert mask(value) == masked


@pytest.mark.parametrize(
    ("kind", "masked"), [("mobile", "138****1234"), ("email", "1**********"), ("address", "138****")]
)
def test_a_contact_point_is_masked_by_its_kind(kind: str, masked: str) -> None:
    assert casebook.mask_contact(kind, "13812341234") == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请拨13812341234。", "请拨138****1234。"),
        ("请拨138 1234 1234。", "请拨138******1234。"),
        ("证件11010119900307123X，", "证件110***********123X，"),
        ("卡号6222 0200 1234 5678", "卡号622************5678"),
        ("请拨010-62345678", "请拨010*****5678"),
        ("全角１３８１２３４１２３４", "全角１３８****１２３４"),
        ("写信给zhang.san@mail.example.com吧", "写信给z***@mail.example.com吧"),
        ("2026-11-22 10:30 前还 12345.67 元", "2026-11-22 10:30 前还 12345.67 元"),
        ("（2026）京0105民初1234号", "（2026）京0105民初1234号"),
        ("已打码138****1234", "已打码138****1234"),
    ],
)
def test_free_text_is_masked(text: str, masked: str) -> None:
    assert casebook.mask_text(text) == masked


def test_known_names_are_masked() -> None:
    assert casebook.mask_text("张三丰您好，张三也在", names=["张三", "张三丰"]) == "张**您好，张*也在"


@given(st.text(alphabet="05 -Xx@a.张", max_size=20), st.text(alphabet=" -Xx@a.张", max_size=20))
def test_no_mobile_number_survives(before: str, after: str) -> None:
    assert "13812341234" not in casebook.mask_text(f"{before}，13812341234{after}")
