"""Rights of a debtor's turn: by its words, as in notes and messages, and by what it means."""

from __future__ import annotations

import pytest

from assistant.calls.invoked import OF_INTENT, invoked
from compliance import rights
from compliance.rights.models import REQUEST_TYPES


@pytest.mark.parametrize("text", ["我要投诉你们", "金额不对，我要求核实", "别再给我打电话了", "今天下雨"])
def test_words_invoke_what_they_propose_in_a_note(text: str) -> None:
    assert invoked(text, ()) == tuple(one.type for one in rights.propose(text))


def test_what_is_meant_counts_where_no_phrase_is_known() -> None:
    assert invoked("唉。", ["request_plan", "small_talk"]) == ("plan",)


def test_what_both_find_is_one_right() -> None:
    assert invoked("我要投诉你们", ["complain"]) == ("complaint",)


def test_every_intent_leads_to_a_type_of_request() -> None:
    assert set(OF_INTENT.values()) <= set(REQUEST_TYPES)
