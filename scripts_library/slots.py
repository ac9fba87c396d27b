"""Slots of a script's words: which there are, filling them, and the values a wording is tried with before approval."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from compliance.casebook.models import Account, Creditor, Debtor
from compliance.judge.types import InvalidInput

SLOTS = {
    "name": "债务人姓名",
    "surname": "姓氏",
    "creditor": "委托方",
    "agency": "受托机构",
    "product": "产品",
    "tail": "账户尾号",
    "amount": "未还合计",
    "principal": "本金",
    "interest": "利息",
    "fees": "费用",
    "due_date": "到期日",
    "days": "逾期天数",
    "collector_no": "工号",
    "caller": "来电人姓名",
    "callback": "回电号码",
    "complaint_line": "投诉电话",
    "plan_months": "分期期数",
    "plan_amount": "每期金额",
    "promise_date": "约定还款日",
}
THIRD_PARTY_SLOTS = frozenset({"name", "surname", "caller", "callback", "collector_no"})
"""The only slots in words for somebody who is not liable: from any other the debt could be read (CN-TP-06)."""
PRODUCTS = {"credit_card": "信用卡", "consumer_loan": "消费贷款", "microloan": "小额贷款", "car_loan": "汽车贷款"}
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒", "端木")
_SLOT = re.compile(r"\{(\w*)\}")
_BRACE = re.compile(r"[{}]")


class UnfilledSlot(InvalidInput):
    """A slot without a value. A text with an open slot is never shown; ``missing`` names them."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        words = "、".join(SLOTS.get(name, name) for name in missing)
        super().__init__(f"话术缺少：{words} / not filled: {', '.join(missing)}", code="unfilled_slot", field="slots")
        self.missing = missing


def slots_in(say: str) -> tuple[str, ...]:
    """The slots of a wording, each once, in order of appearance."""
    return tuple(dict.fromkeys(_SLOT.findall(say)))


def fill(say: str, slots: Mapping[str, str]) -> str:
    """The words as they are said or sent.

    Values are put in as they are: a brace in a value is not read as a slot.

    Raises:
        UnfilledSlot: a slot has no value, an empty one, or is none of ``SLOTS``.
    """
    missing = tuple(name for name in slots_in(say) if not slots.get(name, "").strip())
    if missing:
        raise UnfilledSlot(missing)
    return _SLOT.sub(lambda match: slots[match.group(1)], say)


def slot_faults(say: str, audience: str) -> list[str]:
    """What is wrong with a wording's slots, in plain words; empty where nothing is."""
    used = slots_in(say)
    faults = [f"没有名为 {{{name}}} 的变量 / there is no slot {{{name}}}" for name in used if name not in SLOTS]
    if _BRACE.search(_SLOT.sub("", say)):
        faults.append("花括号不成对 / a brace without its pair")
    if audience == "other_third_party":
        telling = [name for name in used if name in SLOTS and name not in THIRD_PARTY_SLOTS]
        faults += [f"对第三人的话术不能含 {{{name}}} / {{{name}}} tells a third party of the debt" for name in telling]
    return faults


def account_slots(
    debtor: Debtor,
    account: Account,
    creditor: Creditor,
    *,
    on: date,
    collector_no: str | None,
    caller: str,
    complaint_line: str | None = None,
    promise_date: date | None = None,
    plan: tuple[int, Decimal] | None = None,
) -> dict[str, str]:
    """Values for one account on the debtor's calendar day ``on``. What is not known is left out.

    Args:
        plan: number of instalments and the amount of each in yuan.
    """
    known = {
        "name": debtor.name,
        "surname": surname(debtor.name),
        "creditor": creditor.name,
        "agency": account.agency,
        "product": PRODUCTS.get(account.product, account.product),
        "tail": account.account_no[-4:],
        "amount": yuan(account.total),
        "principal": yuan(account.principal),
        "interest": yuan(account.interest),
        "fees": yuan(account.fees),
        "due_date": day(account.due_date),
        "days": str((on - account.due_date).days) if on > account.due_date else None,
        "collector_no": collector_no,
        "caller": caller,
        "callback": creditor.phone,
        "complaint_line": complaint_line or creditor.phone,
        "promise_date": day(promise_date) if promise_date else None,
        "plan_months": str(plan[0]) if plan else None,
        "plan_amount": yuan(plan[1]) if plan else None,
    }
    return {name: value for name, value in known.items() if value}


def worst_case_slots() -> tuple[dict[str, str], ...]:
    """Sets of values that strain a wording: the longest names, the greatest and the smallest figures, old debts.

    A wording must pass with every one of them before it may be approved.
    """
    return (_long_values(), _short_values())


def surname(name: str) -> str:
    """The family name of a Chinese name; the whole of any other."""
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name):
        return name
    return name[:2] if name.startswith(_COMPOUND) and len(name) > 2 else name[:1]


def yuan(amount: Decimal) -> str:
    """An amount as it is written in a letter: ``12,345.60``."""
    return f"{amount:,.2f}"


def day(value: date) -> str:
    """A day as it is said: ``2026年11月8日``."""
    return f"{value.year}年{value.month}月{value.day}日"


def _long_values() -> dict[str, str]:
    return {
        "name": "欧阳克里木江",
        "surname": "欧阳",
        "creditor": "海岳云岭农村商业银行股份有限公司",
        "agency": "正协泊川信用管理咨询服务有限公司",
        "product": "个人经营性信用贷款",
        "tail": "0012",
        "amount": "9,876,543.21",
        "principal": "9,000,000.00",
        "interest": "776,543.21",
        "fees": "100,000.00",
        "due_date": "2019年12月31日",
        "days": "2518",
        "collector_no": "A1008611",
        "caller": "欧阳明珠",
        "callback": "400-000-5377转80866",
        "complaint_line": "400-000-5399转1",
        "plan_months": "60",
        "plan_amount": "164,609.06",
        "promise_date": "2026年12月31日",
    }


def _short_values() -> dict[str, str]:
    return {
        "name": "于一",
        "surname": "于",
        "creditor": "海岳银行",
        "agency": "正协公司",
        "product": "信用卡",
        "tail": "8888",
        "amount": "0.05",
        "principal": "0.01",
        "interest": "0.03",
        "fees": "0.01",
        "due_date": "2026年1月1日",
        "days": "1",
        "collector_no": "7",
        "caller": "于一",
        "callback": "95000",
        "complaint_line": "12378",
        "plan_months": "2",
        "plan_amount": "0.03",
        "promise_date": "2026年2月1日",
    }
