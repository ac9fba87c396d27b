"""Changes of dress that must not change a verdict: address, signature, courtesies, footers, script, punctuation.

Corpora leak: in one, messages without 您 are mostly breaches, in another those with a signature are mostly lawful.
Training reads every case in several dresses, and ``measure`` counts how often a verdict moves in dresses whose words
training has not used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from hashlib import blake2b
from typing import Any

from compliance.judge.types import Decision

Swap = Callable[[str], str]

_SIGNATURE = re.compile(r"^\s*【[^】]{1,16}】|【[^】]{1,16}】\s*$")
_GREETING = re.compile(r"^((?:您|你)好[,，！!。\s]*|(?:尊敬的)(?:客户|用户)[,，:：！!\s]*)")
_CLOSING = re.compile(
    r"(?:(?:谢谢|感谢)(?:您|你)?(?:的)?(?:配合|理解|支持)?|祝(?:您|你)?[^，,。！!]{2,8})[。！!~]*\s*$"
)
_POINTS = re.compile(r"[，,。！!；;、]+")


def _draw(text: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``, always the same for the same text."""
    return choices[
        int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big") % len(choices)
    ]


def unsigned(text: str) -> str:
    return _SIGNATURE.sub("", text)


def bare(text: str) -> str:
    """Without greeting and closing."""
    kept = _CLOSING.sub("", _GREETING.sub("", text))
    return kept if len(kept) >= 6 else text


def bare_unsigned(text: str) -> str:
    """Without greeting, closing and signature."""
    return bare(unsigned(text))


def unpointed(text: str) -> str:
    """Blanks for punctuation, as a speech recogniser writes."""
    return _POINTS.sub(" ", text).strip()


def signed(names: tuple[str, ...]) -> Swap:
    return lambda text: text if "【" in text else f"【{_draw(text, names)}】{text}"


def greeted(words: tuple[str, ...]) -> Swap:
    return lambda text: _draw(text, words) + _GREETING.sub("", text)


def closed(words: tuple[str, ...]) -> Swap:
    return lambda text: text.rstrip() + ("" if text.rstrip()[-1:] in "。！!？?~" else "。") + _draw(text, words)


TRAINING: dict[str, Swap] = {
    "bare": bare,
    "unsigned": bare_unsigned,
    "signed": signed(
        ("青禾银行", "松果分期", "云岚消费金融", "海舟消金", "恒正资产", "晨禾金融", "木棉银行", "禾信银行")
    ),
    "greeted": greeted(("您好，", "你好，", "尊敬的客户，您好！", "哎，", "先生您好，", "女士您好，")),
    "closed": closed(
        ("感谢您的配合。", "祝您生活愉快！", "谢谢理解。", "如有疑问请致电客服。", "拒收请回复R", "退订回T", "打扰了。")
    ),
    "unpointed": unpointed,
}
"""What training adds to every case."""


def swap_address(text: str) -> str:
    return text.replace("您", "你") if "您" in text else text.replace("你", "您")


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def write_traditional(text: str) -> str:
    return str(_converter().convert(text))


def separate(text: str) -> str:
    """A blank between the characters of every other run of Chinese."""
    return re.sub(r"[\u4e00-\u9fff]{4,}", lambda run: " ".join(run[0]) if len(run[0]) % 2 else run[0], text)


MEASURING: dict[str, Swap] = {
    "address": swap_address,
    "unsigned": unsigned,
    "signed": signed(("远山银行", "星桥消费金融", "南浦小贷", "柏舟分期")),
    "greeted": greeted(("喂，您好，", "上午好，", "亲爱的用户：")),
    "closed": closed(("辛苦您了。", "祝顺利！", "回复TD退订", "敬请知悉。")),
    "traditional": write_traditional,
    "full_width": lambda text: text.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)}),
}
"""In what dresses stability is measured; the words are others than those of ``TRAINING``."""


def is_neutral(swap: str, decision: Decision, categories: Collection[str]) -> bool:
    """Whether a message with this label keeps it in the dress.

    Who presses for payment and says nowhere who is writing is held (``missing_disclosure``): such a message is mended
    by a signature, and one that may go out, by some other words of its own or not, may be held without.
    """
    if swap == "signed":
        return "missing_disclosure" not in categories
    return swap != "unsigned" or decision is not Decision.ALLOW
