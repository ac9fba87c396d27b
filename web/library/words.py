"""The words of this desk for the codes of the library."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from scripts_library.wording import SCRIPT_CHANNELS
from web.call_words import CALL_LABELS
from web.labels import LABELS

STAGE: dict[str, LazyString] = {**LABELS["stage"], "any": _l("通用")}
CHANNEL: dict[str, LazyString] = {code: LABELS["channel"][code] for code in SCRIPT_CHANNELS}
STATE: dict[str, LazyString] = {
    "draft": _l("草稿"),
    "submitted": _l("待审"),
    "approved": _l("已发布"),
    "retired": _l("停用"),
}
LOOK = {
    "draft": ("secondary", "note"),
    "submitted": ("yellow", "clock"),
    "approved": ("green", "circle-check"),
    "retired": ("secondary", "lock"),
}
"""Colour and icon of a state."""
PRODUCT: dict[str, LazyString] = {
    "credit_card": _l("信用卡"),
    "consumer_loan": _l("消费贷款"),
    "microloan": _l("小额贷款"),
    "car_loan": _l("汽车贷款"),
}
ONLY: dict[str, LazyString] = {
    "own_staff": _l("委托方自己的员工"),
    "machine": _l("智能语音"),
    "supervisor": _l("主管接手时"),
    "looked_up": _l("查明结果之后"),
    "others_number": _l("打联系人的号码时"),
    "settled": _l("账户已结清"),
    "assigned": _l("债权转让来的账户"),
}
"""What a script may be reserved for."""
INTENT = CALL_LABELS["intent"]
SLOT: dict[str, LazyString] = {
    "name": _l("债务人姓名"),
    "surname": _l("姓氏"),
    "creditor": _l("委托方"),
    "agency": _l("受托机构"),
    "product": _l("产品"),
    "tail": _l("账户尾号"),
    "amount": _l("未还合计"),
    "principal": _l("本金"),
    "interest": _l("利息"),
    "fees": _l("费用"),
    "due_date": _l("到期日"),
    "days": _l("逾期天数"),
    "collector_no": _l("工号"),
    "caller": _l("来电人姓名"),
    "callback": _l("回电号码"),
    "complaint_line": _l("投诉电话"),
    "plan_months": _l("分期期数"),
    "plan_amount": _l("每期金额"),
    "promise_date": _l("约定还款日"),
}
"""The slots, in both languages: ``scripts_library.slots.SLOTS``."""
