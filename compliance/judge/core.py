"""What of a message is read for its sense: without a lender's signature, a greeting and a closing."""

from __future__ import annotations

import re

_LONGEST_ENDING = 40
_SHORTEST_CORE = 4

_OPENING = re.compile(
    r"\s*(?:【[^】]{0,12}(?:银行|农商行?|信用社|卡中心|金融|消金|小贷|贷款|分期|支付|付|借|资产|商务|融资租赁|科技)】\s*)?"
    r"(?:[喂哎嗨嘿][,，\s]*)?(?:(?:尊敬的|亲爱的)(?:客户|用户|会员)[,，:：！!\s]*)?"
    r"(?:[您你]好|(?:早上|上午|中午|下午|晚上)好)?[,，:：。！!~\s]*"
)
_ENDING = re.compile(
    r"(?:(?:(?:谢谢|感谢|多谢)(?:[您你]的?)?(?:配合|理解|支持|合作|谅解)?(?:与?(?:配合|理解|支持|合作))?"
    r"|祝[您你]?(?:生活|工作|身体|一切|阖家)?(?:愉快|顺利|平安|安好|健康|如意|幸福)|打扰了?|辛苦[您你]?了?|敬请(?:知悉|谅解|理解|留意)"
    r"|(?:如有疑问)?(?:请|可)?致电(?:官方)?客服|(?:拒收|退订)请?回复?[a-z]{1,3}|回复?[a-z]{1,3}(?:拒收|退订))[。！!~,，;；\s]*)+$"
)


_SIGNATURE = re.compile(r"^[^【】]{0,8}【[^【】]{1,16}】|【[^【】]{1,16}】\s*$")
SIGNED = "signed"
"""The sign of a message that says in brackets who sends it. Names are not read, for in corpora lawful messages have
more of them; but whether there is one tells a reminder from an anonymous demand."""
_MAY_END = re.compile(r"[谢您你的合解持作快利安好康意福扰了苦悉服收订a-z][。！!~,，;；\s]*$")
"""Every ending ends with one of these; most messages do not, and are spared the search."""


def is_signed(plain: str) -> bool:
    """Whether a folded message begins or ends with a name in brackets, or has one behind its greeting."""
    return "】" in plain and _SIGNATURE.search(plain) is not None


def core_of(plain: str) -> tuple[int, int]:
    """Where the matter of a message lies, half-open: without a lender's signature, greeting and closing."""
    opened = _OPENING.match(plain)
    start = opened.end() if opened else 0
    tail_start = max(start, len(plain) - _LONGEST_ENDING)
    tail = _ENDING.search(plain, tail_start) if _MAY_END.search(plain, tail_start) else None
    end = tail.start() if tail else len(plain)
    return (start, end) if end - start >= _SHORTEST_CORE else (0, len(plain))
