"""An outside agency speaks as the creditor's agent, never as the creditor (CN-ID-02)."""

from __future__ import annotations

import pytest

from compliance.judge import Message, load_judge
from compliance.judge.types import Decision

JUDGE = load_judge("cn")
AGENCY = "正信信用管理有限公司"
AS_BANK = "您好，我是海岳银行信用卡中心的小王，您尾号8080的账单已逾期，如有异议请致电95000。"
AS_AGENT = "您好，我是正信信用管理的小王，受海岳银行委托联系您，您尾号8080的信用卡账单已逾期，如有异议请致电95000。"


def rules(text: str, **known: object) -> dict[str, Decision]:
    verdict = JUDGE.screen(Message(text, **known))  # type: ignore[arg-type]
    return {finding.rule: finding.decision for finding in verdict.findings}


def test_an_agency_that_claims_to_be_the_bank_is_blocked() -> None:
    assert rules(AS_BANK, agency=AGENCY)["cn.impersonation.agency_as_lender"] is Decision.BLOCK


def test_the_banks_own_people_say_the_same_and_are_the_bank() -> None:
    assert "cn.impersonation.agency_as_lender" not in rules(AS_BANK, agency=None)


@pytest.mark.parametrize("first", [True, False, None])
def test_an_agent_says_whose_agent_it_is(first: bool | None) -> None:
    assert JUDGE.screen(Message(AS_AGENT, agency=AGENCY, first_contact=first)).decision is Decision.ALLOW


@pytest.mark.parametrize("company", ["有限公司", "有限责任公司", "股份有限公司", ""])
def test_the_agency_is_known_without_the_form_of_the_company(company: str) -> None:
    found = rules(AS_AGENT, agency=f"正信信用管理{company}", first_contact=True)
    assert "cn.missing_disclosure.agent" not in found


def test_another_agency_is_not_this_one() -> None:
    assert "cn.missing_disclosure.agent" in rules(AS_AGENT, agency="德恒资产管理有限公司", first_contact=True)


def test_full_width_brackets_make_no_other_name() -> None:
    text = "正信(北京)信用管理受海岳银行委托，提醒您的账单已逾期，如有异议请致电95000。"
    assert "cn.missing_disclosure.agent" not in rules(text, agency="正信（北京）信用管理有限公司", first_contact=True)
