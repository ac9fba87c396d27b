"""The words of this desk for the codes of the library."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from scripts_library.wording import SCRIPT_CHANNELS
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
INTENT: dict[str, LazyString] = {
    "promise_to_pay": _l("承诺还款"),
    "already_paid": _l("已还款"),
    "forgot": _l("忘记还款"),
    "hardship": _l("经济困难"),
    "illness_disaster": _l("疾病灾害"),
    "request_plan": _l("协商分期"),
    "request_waiver": _l("申请减免"),
    "dispute": _l("异议"),
    "ask_details": _l("询问欠款"),
    "ask_identity": _l("核实身份"),
    "ask_consequence": _l("询问后果"),
    "refuse": _l("拒绝还款"),
    "stop_contact": _l("停止联系"),
    "complain": _l("投诉"),
    "hostile": _l("辱骂"),
    "third_party": _l("非本人"),
    "wrong_number": _l("打错"),
    "deceased_incapable": _l("死亡失能"),
    "self_harm": _l("自伤风险"),
    "callback": _l("稍后联系"),
    "representation": _l("委托代理"),
    "small_talk": _l("其他"),
}
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
