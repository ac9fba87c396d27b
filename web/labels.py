"""The words of the screens for the codes of the data, in both languages. A code without a word is shown as it is."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from web.call_words import CALL_LABELS

LABELS: dict[str, dict[str, LazyString]] = {
    "role": {
        "collector": _l("催收员"),
        "officer": _l("合规专员"),
        "trainer": _l("培训师"),
        "admin": _l("管理员"),
    },
    "stage": {"initial": _l("初期"), "middle": _l("中期"), "late": _l("后期"), "final": _l("末期")},
    "channel": {
        "sms": _l("短信"),
        "im": _l("即时消息"),
        "call": _l("电话"),
        "email": _l("邮件"),
        "letter": _l("信函"),
        "visit": _l("上门"),
        "note": _l("催记"),
        "app": _l("官方 App"),
        "web": _l("官网"),
        "branch": _l("网点"),
        "hotline": _l("客服热线"),
    },
    "audience": {
        "debtor": _l("债务人本人"),
        "liable_third_party": _l("负有偿还责任的第三人"),
        "other_third_party": _l("无关第三人"),
        "internal": _l("内部"),
    },
    "relation": {
        "self": _l("本人"),
        "liable_third_party": _l("责任第三人"),
        "other_third_party": _l("其他第三人"),
    },
    "kind": {
        "mobile": _l("手机"),
        "landline": _l("座机"),
        "email": _l("邮箱"),
        "im": _l("即时消息"),
        "address": _l("地址"),
    },
    "decision": {"allow": _l("可以发送"), "review": _l("需复核"), "block": _l("禁止发送")},
    "state": {
        "blocked": _l("已拦截"),
        "held": _l("待复核"),
        "permitted": _l("已许可"),
        "sending": _l("发送中"),
        "sent": _l("已送出"),
        "failed": _l("发送失败"),
        "refused": _l("已拒绝"),
        "expired": _l("已过期"),
        "returned": _l("退回改写"),
        "recorded": _l("已记录"),
    },
    "review": {
        "waiting": _l("待复核"),
        "taken": _l("复核中"),
        "released": _l("已放行"),
        "returned": _l("已退回"),
        "refused": _l("已拒绝"),
        "noted": _l("已阅处"),
    },
    "finding": {"violation": _l("违规"), "compliant": _l("合规"), "false_alarm": _l("误报")},
    "outcome": {
        "connected": _l("已接通"),
        "no_answer": _l("无人接听"),
        "busy": _l("占线"),
        "refused": _l("拒接"),
        "voicemail": _l("语音信箱"),
        "invalid_number": _l("空号"),
        "powered_off": _l("关机"),
        "third_party": _l("第三人接听"),
        "wrong_number": _l("号码不符"),
        "hung_up": _l("接通即挂断"),
        "delivered": _l("已送达"),
        "undelivered": _l("未送达"),
        "visited": _l("已上门"),
        "not_made": _l("没有成行"),
    },
    "document": {
        "identity": _l("身份证件"),
        "authority": _l("授权文件"),
        "papers": _l("借款资料"),
    },
    "category": {
        "threat": _l("威胁恐吓"),
        "insult": _l("侮辱谩骂"),
        "exposure_threat": _l("曝光威胁"),
        "third_party_disclosure": _l("向第三人泄露"),
        "third_party_pressure": _l("向第三人施压"),
        "pii_leak": _l("个人信息泄露"),
        "impersonation": _l("冒充身份"),
        "false_consequence": _l("虚假后果"),
        "deception": _l("欺骗误导"),
        "harassment": _l("骚扰滋扰"),
        "improper_payment": _l("违规收款"),
        "unlawful_data": _l("违规获取信息"),
        "rights_denial": _l("剥夺权利"),
        "vulnerability": _l("特殊群体"),
        "missing_disclosure": _l("缺少告知"),
        "hours": _l("联系时段"),
        "frequency": _l("联系频次"),
        "third_party": _l("第三人联系"),
        "notice": _l("应尽告知"),
        "rights": _l("权利主张"),
        "data": _l("数据缺失"),
        "permit": _l("许可"),
        "amount": _l("金额"),
    },
    "notice": {
        "identity": _l("身份与机构告知"),
        "debt_details": _l("债务明细告知"),
        "assignment": _l("债权转让通知"),
        "outsourcing": _l("委外催收告知"),
        "recording": _l("录音告知"),
        "credit_reporting": _l("征信报送告知"),
        "complaint_channel": _l("投诉渠道告知"),
        "personal_information": _l("个人信息处理告知"),
        "right_to_plan": _l("个性化分期权利告知"),
    },
    "request": {
        "explanation": _l("要求说明债务"),
        "dispute": _l("提出异议"),
        "complaint": _l("投诉"),
        "plan": _l("申请分期或协商"),
        "contact_preference": _l("指定联系方式或时段"),
        "stop_contact": _l("要求停止联系"),
        "consent_withdrawn": _l("撤回同意"),
        "pi_copy": _l("查阅复制个人信息"),
        "pi_correction": _l("更正个人信息"),
        "pi_deletion": _l("删除个人信息"),
        "credit_dispute": _l("征信异议"),
        "representation": _l("委托代理人"),
    },
    "request_state": {
        "received": _l("待受理"),
        "in_hand": _l("办理中"),
        "answered": _l("已答复"),
        "granted": _l("已照办"),
        "refused": _l("不予支持"),
        "withdrawn": _l("已撤回"),
    },
    "request_outcome": {
        "answered": _l("已答复说明"),
        "granted": _l("照办"),
        "refused": _l("不予支持（须写明理由）"),
        "withdrawn": _l("请求人撤回"),
    },
    "against": {
        "blocked": _l("规则拦截"),
        "returned": _l("退回改写"),
        "refused": _l("拒绝发送"),
        "noted": _l("催记认定"),
    },
    "appeal": {
        "waiting": _l("待答复"),
        "taken": _l("处理中"),
        "upheld": _l("获支持"),
        "rejected": _l("被驳回"),
    },
    "plan_kind": {
        "individual": _l("个性化分期（信用卡）"),
        "instalment": _l("信用卡分期"),
        "other": _l("其他产品的分期"),
    },
    "plan_state": {
        "proposed": _l("已拟定"),
        "agreed": _l("已达成"),
        "kept": _l("按期履行"),
        "broken": _l("已违约"),
        "settled": _l("已还清"),
        "ended": _l("已终止"),
    },
    "plan_move": {
        "kept": _l("按期履行"),
        "broken": _l("已违约（恢复联系）"),
        "settled": _l("已全部还清"),
        "ended": _l("终止或撤回"),
    },
    "urgency": {"overdue": _l("已逾期"), "soon": _l("即将到期"), "later": _l("未到期")},
    "vulnerable": {
        "self_harm": _l("自伤风险"),
        "illness": _l("重病"),
        "bereavement": _l("丧亲"),
        "minor": _l("未成年"),
        "incapacity": _l("无行为能力"),
        "deceased": _l("已故"),
        "disaster": _l("受灾"),
    },
    "kept": {"words": _l("原文"), "person": _l("个人信息")},
    "flag": {
        "bankruptcy": _l("已进入破产程序"),
        "no_contact_order": _l("禁止联系令"),
        "plan_in_force": _l("分期履行中"),
        "plan_breached": _l("分期已违约"),
        "settled": _l("已结清"),
    },
    "remaining": {
        "calls_today": _l("今日可接通"),
        "attempts_this_number_today": _l("今日可拨此号"),
        "messages_today": _l("今日可发消息"),
        "messages_this_week": _l("本周可发消息"),
        "visits_today": _l("今日可上门"),
    },
    **CALL_LABELS,
}


def label(group: str, code: str | None) -> str:
    """The word for ``code``, ``—`` for ``None``."""
    if code is None:
        return "—"
    return str(LABELS[group].get(code, code))


def words_of(group: str) -> list[tuple[str, str]]:
    """Every code of a group with its word."""
    return [(code, str(word)) for code, word in LABELS[group].items()]


def choices(group: str, codes: tuple[str, ...] | None = None) -> list[SelectChoice]:
    """Options of a select field, in the order of ``codes`` or of the table."""
    words = LABELS[group]
    return [SelectChoice(code, words.get(code, code)) for code in (codes or tuple(words))]
