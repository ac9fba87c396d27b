"""What an utterance names beside its intents: sums, days, people, and why it is not paid. Exact, by a small grammar.

Sums are those of ``compliance.judge.amounts``, so that what is promised and what is judged are read alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

from assistant.intents.days import find_days
from compliance.judge.amounts import Amount, read_amounts
from compliance.judge.text import clean

REASONS = ("forgot", "hardship", "illness", "disaster", "mismanagement", "dispute", "deliberate")
"""Why it is not paid, in the words of ``compliance/corpus/conversations-README.md``; nothing where it is not said."""
_LEAST = 10
"""Yuan below which a bare number is a count of something else."""
_MONEY = re.compile(r"(?:万|块|元|圆|千|百)$")
_VAGUE = re.compile(r"(?<=[0-9十百千万])(?:来|多|几)(?=[块元万千百]|$)|大概|差不多|大约|将近|接近|左右|上下|出头|不到")
_ACCOUNT = re.compile(r"(?:尾号|电话|手机号|卡号|工号|身份证|号码|案号|单号|拨打|编号).{0,6}$")
_UNIT = re.compile(r"^(?:个|岁|年|月|天|号|期|点|分钟|小时|次|遍|口人|平|斤|人|家|楼|层|路|%|折|回|种|通|条|张)")
_PARTIES = re.compile(
    r"(?:我|他|她|咱)?(?:的)?(?:老公|老婆|丈夫|妻子|爱人|媳妇|对象|男朋友|女朋友|前夫|前妻|老伴|儿子|女儿|闺女|爸妈|父母|爸爸?|妈妈?"
    r"|父亲|母亲|爷爷|奶奶|外公|外婆|岳父|岳母|公公|婆婆|哥哥?|弟弟?|姐姐?|妹妹?|叔叔?|舅舅?|姑姑?|阿姨|嫂子|姐夫|侄子|孙子|表[哥弟姐妹]"
    r"|堂[哥弟姐妹]|家人|亲戚|同事|朋友|老板|领导|邻居|室友|房东|老乡|合伙人)|(?:代理)?律师|法务|代理人|破产管理人|监护人|担保人|中介"
)
_CURSED = re.compile(r"(?:你|他|去你|操你|日你|草你)妈|妈的|他妈|老妈子|你爸爸")
_DISASTER = re.compile(
    r"水灾|洪水|发大水|淹|冲走|冲垮|火灾|着火|失火|烧光|地震|台风|泥石流|塌方|塌了|受灾|冰雹|旱|绝收|猪瘟|鸡瘟|疫情|封控"
)
_BAD_MANAGEMENT = re.compile(
    r"(?:压在|套在|投进|投到|投资|炒股|股票|理财|赌|打牌|网贷|以贷养贷|拆东墙|挥霍|花超|花光|乱花|刷爆|被骗|借给|担保)"
    r"|(?:货款|工程款|回款|尾款).{0,6}(?:没|收不|要不|拖|压)"
)
_BY_INTENT = {
    "forgot": "forgot", "illness_disaster": "illness", "hardship": "hardship", "dispute": "dispute",
    "refuse": "deliberate",
}  # fmt: skip


def read_slots(text: str, intents: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """What is named, in the order of the words; a slot that nothing fills is left out.

    ``amount``: yuan, as a decimal. ``about``: yuan of a vague sum (一千来块). ``day``: days as they were said, for
    :func:`assistant.intents.days.read_day`. ``party``: people and agents that were named. ``reason``: why it is not
    paid (``REASONS``), from ``intents`` and the words, most important first.
    """
    plain = clean(text)
    days = [(found.start, found.end) for found in find_days(plain)]
    exact = [str(one.value) for one in _sums(plain, days)]
    loose = Counter(str(one.value) for one in _sums(*_without_vague(plain, days)))
    parties = () if _CURSED.search(plain) else _PARTIES.findall(plain)
    slots = {
        "amount": exact,
        "about": list((loose - Counter(exact)).elements()),
        "day": [plain[start:end] for start, end in days],
        "party": list(dict.fromkeys(parties)),
        "reason": list(dict.fromkeys(_reasons(plain, intents))),
    }
    return {name: tuple(values) for name, values in slots.items() if values}


def _sums(plain: str, days: Iterable[tuple[int, int]]) -> list[Amount]:
    taken = list(days)
    return [
        one
        for one in read_amounts(plain)
        if not any(start < one.end and one.start < end for start, end in taken) and _is_money(one, plain)
    ]


def _is_money(amount: Amount, plain: str) -> bool:
    """A number with a unit of money, or a large one that counts nothing else and is no number of an account."""
    if _UNIT.match(plain[amount.end :]) or _ACCOUNT.search(plain[: amount.start]):
        return False
    return amount.exact or bool(_MONEY.search(plain[amount.start : amount.end])) or amount.value >= _LEAST


def _without_vague(plain: str, days: Iterable[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The words without those that make a sum vague; days are written as blanks of the same length."""
    for start, end in days:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return _VAGUE.sub("", plain), []


def _reasons(plain: str, intents: Collection[str]) -> Iterable[str]:
    for intent in intents:
        reason = _BY_INTENT.get(intent)
        if reason == "illness" and _DISASTER.search(plain):
            yield "disaster"
        elif reason == "hardship" and _BAD_MANAGEMENT.search(plain):
            yield "mismanagement"
        elif reason is not None:
            yield reason
