"""Pure judging: text and contact in, verdict out. Imports nothing of ours, reads no clock, opens no file but packs.

``load_judge("cn").screen(Message("…"))`` is the whole of it. See ``docs/rules-language.md`` for how rules are written.
What stands here is imported when first asked for: commands that judge nothing need no more than the types.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compliance.judge.facts import ContactFacts
    from compliance.judge.packs import PackError
    from compliance.judge.types import Citation, Decision, Finding, InvalidInput, Message, Span, Verdict
    from compliance.judge.verdict import Judge, JudgeError, load_judge

__all__ = [
    "Citation", "ContactFacts", "Decision", "Finding", "InvalidInput", "Judge", "JudgeError", "Message", "PackError",
    "Span", "Verdict", "load_judge",
]  # fmt: skip

_ELSEWHERE = {"ContactFacts": "facts", "PackError": "packs"} | dict.fromkeys(
    ("Judge", "JudgeError", "load_judge"), "verdict"
)
"""The modules of what is no type."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ELSEWHERE.get(name, 'types')}"), name)
