"""Which rights a debtor invokes with a turn: what its words propose, as in notes and messages, and what it means.

Words come first: a type that both find is one type. What the reader hears stands for words that no phrase knows. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from compliance import rights

OF_INTENT = {
    "dispute": "dispute",
    "complain": "complaint",
    "request_plan": "plan",
    "stop_contact": "stop_contact",
    "representation": "representation",
}
"""What a debtor asks for by an intent, as a type of rights request."""


def invoked(text: str, meant: Iterable[str]) -> tuple[str, ...]:
    """Types of requests, each once, those of the words in their order before those of the intents."""
    by_meaning = (OF_INTENT[intent] for intent in meant if intent in OF_INTENT)
    return tuple(dict.fromkeys((*_proposed(text), *by_meaning)))


@lru_cache(maxsize=4096)
def _proposed(text: str) -> tuple[str, ...]:
    """A call is folded again with each of its turns: the words stay the same."""
    return tuple(one.type for one in rights.propose(text, "call"))
