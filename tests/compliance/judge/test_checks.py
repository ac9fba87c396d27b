"""Personal data: what is found, where exactly, and what passes because it is masked or something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compliance.judge import Message, load_judge
from compliance.judge.checks import is_card_shaped, is_cn_id, is_cn_mobile, is_id_shaped, is_luhn

JUDGE = load_judge("cn", reader=False)


@pytest.mark.parametrize(
    ("words", "valid"),
    [
        ("11010519491231002X".lower(), True),
        ("110105194912310021", False),  # wrong check digit
        ("110105194913310021", False),  # no such month
        ("990105194912310021", False),  # no such province
        ("1101051949123100", False),
    ],
)
def test_identity_numbers(words: str, valid: bool) -> None:
    assert is_cn_id(words) is valid


def test_a_mistyped_identity_number_still_has_the_shape() -> None:
    assert is_id_shaped("110105194912310021")


@pytest.mark.parametrize(
    ("words", "valid"),
    [("4111 1111 1111 1111", True), ("4111111111111112", False), ("1111111111111117", False), ("411111", False)],
)
def test_card_numbers(words: str, valid: bool) -> None:
    assert is_luhn(words) is valid


OWED = (Decimal("8000.00"), Decimal("320.50"), Decimal("60.00"))
PART, LETTER = "cn.deception.part_not_on_ledger", "cn.missing_disclosure.unitemised_letter"


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("您的账户尚欠本金8,000元、利息320.5元、费用60元", False),
        ("您的账户尚欠本金8,000元、利息320.50元、费用61元", True),
        ("您的账户尚欠本金320.50元", True),
        ("您的账户尚欠罚息60元", True),
        ("您的账户利息和费用共380.50元", False),
        ("您的账户本金、利息及费用合计8380.50元", False),
        ("您的账户利息和费用共8380.50元", True),
        ("您的账户本金0.8万元", False),
        ("经审批可减免利息100元，尚欠本金9000元", True),
        ("经审批可减免利息100元", False),
        ("分十二期，每期本金700元", False),
    ],
)
def test_a_part_that_is_named_is_that_of_the_account(words: str, held: bool) -> None:
    found = {finding.rule for finding in JUDGE.screen(Message(f"{words}。", owed=OWED)).findings}
    assert (PART in found) is held


@pytest.mark.parametrize("facts", [{}, {"amounts": (*OWED, sum(OWED))}], ids=["nothing", "not which is which"])
def test_where_the_parts_are_not_known_no_part_is_said_to_be_wrong(facts: dict[str, Any]) -> None:
    found = {finding.rule for finding in JUDGE.screen(Message("您的账户尚欠本金320.50元。", **facts)).findings}
    assert not found & {PART, LETTER}


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("截至10月7日，您尚欠本金8,000元、利息320.50元、费用60元", None),
        ("您尚欠本金8,000元、利息320.50元、费用60元", "计算截止日"),
        ("截至10月7日，您尚欠8,380.50元", "本金、利息、费用"),
    ],
)
def test_a_formal_letter_names_every_part_and_the_day(words: str, missing: str | None) -> None:
    text = f"催收函\n{words}。还款方式：官方App。对金额有异议请致电400-000-0001。"
    (told,) = [one.why for one in JUDGE.screen(Message(text, channel="letter", owed=OWED)).findings
               if one.rule == LETTER] or [None]  # fmt: skip
    assert (told is None) is (missing is None)
    assert missing is None or (told or "").endswith(f"缺少：{missing}。")


def test_a_card_may_be_written_in_chinese_digits() -> None:
    assert is_card_shaped("六二二五八八零零零零零零零零零一")


@pytest.mark.parametrize(
    ("words", "valid"),
    [
        ("13800000000", True),
        ("138-0000-0000", True),
        ("幺三八零零零零零零零零", True),
        ("12800000000", False),
        ("400000000", False),
    ],
)
def test_mobile_numbers(words: str, valid: bool) -> None:
    assert is_cn_mobile(words) is valid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您的身份证110105194912310021请核对", "110105194912310021"),
        ("证件 320100 19681010 0001。", "320100 19681010 0001"),
        ("证件１１０１０５１９４９１２３１００２１", "１１０１０５１９４９１２３１００２１"),
        ("卡号6225-8800-0000-0001，今天到期", "6225-8800-0000-0001"),
        ("卡号6225880000000001，今天到期", "6225880000000001"),
    ],
)
def test_a_full_number_is_blocked_where_it_stands(text: str, found: str) -> None:
    spans = [finding.span for finding in JUDGE.screen(Message(text)).findings if finding.category == "pii_leak"]
    assert [text[span.start : span.end].strip(" ，,。") for span in spans if span] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "您尾号1234的信用卡今日到期。",
        "证件3600**********4044保持不变。",
        "【银行】请致电400-000-0000咨询。",
        "手机138****0231已登记。",
    ],
)
def test_masked_forms_and_office_numbers_pass(text: str) -> None:
    assert "pii_leak" not in JUDGE.screen(Message(text)).categories


def test_masking_is_offered_as_an_edit() -> None:
    verdict = JUDGE.screen(Message("您好，我是海岳银行小王，您的身份证110105194912310021已登记。"))
    assert verdict.suggestion == "您好，我是海岳银行小王，您的身份证110105********0021已登记。"
