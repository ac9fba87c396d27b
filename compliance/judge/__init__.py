"""Pure judging: text and contact in, verdict out. Imports nothing of ours, reads no clock, opens no file but packs.

``load_judge("cn").screen(Message("…"))`` is the whole of it. See ``docs/rules-language.md`` for how rules are written.
"""

from compliance.judge.facts import ContactFacts
from compliance.judge.packs import PackError
from compliance.judge.types import Citation, Decision, Finding, InvalidInput, Message, Span, Verdict
from compliance.judge.verdict import Judge, JudgeError, load_judge

__all__ = [
    "Citation", "ContactFacts", "Decision", "Finding", "InvalidInput", "Judge", "JudgeError", "Message", "PackError",
    "Span", "Verdict", "load_judge",
]  # fmt: skip
