"""What is said and written in the demo: lawful messages and notes, and one borderline text for every category."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """A text that an officer has to look at. ``category`` is the one it shows."""

    category: str
    channel: str
    text: str


_HELLO = "【{creditor}】{name}您好，您尾号{tail}的{product}"
_LINE = "咨询电话{callback}。"

HELD = (
    Held("threat", "sms", _HELLO + "已逾期，请尽快处理，否则一切后果由您承担。" + _LINE),
    Held("insult", "note", "债务人说没钱，电话里骂了他一顿，说他不要脸，对方挂断。"),
    Held("exposure_threat", "note", "已告知债务人，再不还款就把欠款情况发到其公司工作群。"),
    Held("third_party_disclosure", "note", "本人未接，已告知其母欠款2万，请她督促还款。"),
    Held("third_party_pressure", "sms", _HELLO + "还没有处理，就算为了孩子也请您想一想。" + _LINE),
    Held("pii_leak", "note", "把债务人完整身份证号990001198807150039和住址报给了接电话的同事核对。"),
    Held("impersonation", "note", "电话里自称是法院诉调中心的工作人员，债务人答应周五前联系。"),
    Held("false_consequence", "sms", _HELLO + "逾期{days}天，我司拟于明天向法院起诉。" + _LINE),
    Held("deception", "sms", _HELLO + "今天是最后一天，过了今天就没有任何优惠，请立即处理。" + _LINE),
    Held("harassment", "sms", _HELLO + "尚未处理，我们每周一、三、五会打电话联系您。" + _LINE),
    Held("improper_payment", "sms", _HELLO + "本期{amount}元，手头紧的话先跟家人周转一下。" + _LINE),
    Held("unlawful_data", "note", "通过外卖平台的熟人查到债务人现在的住址和工作单位，准备按此联系。"),
    Held("rights_denial", "sms", _HELLO + "不接受任何协商，必须今天一次还清。" + _LINE),
    Held("vulnerability", "note", "债务人说自己活不下去、想一了百了，坐席继续催促当日还款，通话后才上报。"),
    Held("missing_disclosure", "sms", "您的欠款已逾期，请马上还款，详情回电。"),
)
"""One for each category of the guide, in its order."""

REVIEWED = (
    (3, "sms", _HELLO + "请尽快处理，一切后果由您承担。" + _LINE, "release"),
    (12, "sms", _HELLO + "减免名额仅剩最后一个，过时不候，请处理。" + _LINE, "return"),
    (19, "sms", _HELLO + "就算为了父母也请处理。" + _LINE, "refuse"),
    (23, "note", "债务人称父亲住院，已说明可申请暂缓联系，坐席仍追问还款日期。", "note"),
)
"""Debtor's number, channel, text and what the officer did with it, last week."""
AS_AGENT = "本消息由{agency}受{creditor}委托发送。"
"""What an agency adds to a reminder: it speaks for the creditor, and not as the creditor."""
REMINDERS = (
    "【{creditor}】尊敬的{name}：您尾号{tail}的{product}截至今日未还{amount}元"
    "（本金{principal}元、利息{interest}元、费用{fees}元）。"
    "如还款有困难，可致电{callback}申请协商；对金额有异议请一并告知。",
    _HELLO + "应还款日为{due_date}，未还金额{amount}元。您可通过官方App还款，已处理请忽略。咨询投诉{callback}。",
)
REQUESTS = (
    (6, "dispute", "call", 9, "通话录音 REC-0906：称其中一笔1,299元不是本人消费"),
    (10, "explanation", "im", 12, "官方App留言 APP-1012：要求说明费用构成"),
    (13, "complaint", "call", 5, "通话录音 REC-0513：投诉来电过于频繁"),
    (18, "plan", "call", 10, "通话录音 REC-1018：失业，申请分24期"),
    (24, "plan", "email", 11, "邮件 EML-1124：提交停薪通知，申请延期三个月"),
    (30, "stop_contact", "call", 11, "通话录音 REC-1130：要求不要再打单位电话"),
    (34, "dispute", "letter", 7, "信函 LTR-0734：称合同签名非本人，已报案"),
    (35, "representation", "email", 8, "邮件 EML-0835：律师出具的委托书"),
)
"""Debtor's number, type, channel, day of the fortnight, evidence."""
BLOCKED = (
    "再不还钱就让你单位和全村人都知道你是老赖。",
    "今天不还，明天就叫警察去抓你坐牢。",
    "还款请转到我个人微信，我帮你处理。",
)
"""What collectors tried and could not send."""
NOTES = {
    "connected": (
        "本人接听，已核实身份并告知录音。对方确认金额，称本月项目款未到，约定{promise}还款，约定前不再联系。",
        "本人接听，逾期原因为停薪两个月，愿意还款但需分期，已说明可申请个性化分期，待其提交材料。",
        "本人接听，忘记还款日，现场指导App还款并建议设置自动还款。",
        "本人接听，对费用一项有疑问，已说明构成并告知异议途径，约定核对后再联系。",
        "本人接听，在开会，约定改日上午再联系，已结束通话。",
    ),
    "no_answer": ("拨打本人预留手机无人接听，未留言。",),
    "busy": ("本人手机占线，改日再拨。",),
    "powered_off": ("本人预留手机关机。",),
    "hung_up": ("接通后对方挂断，未谈及业务，今日不再拨打。",),
    "third_party": ("他人接听，未透露任何信息，仅请转告回电。",),
    "refused": ("对方拒接，今日不再拨打。",),
}
"""Plain records by the outcome of the call."""
