"""Questions asked of a text before it is read further: none may be answered with no where a reading finds something."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge import separators
from compliance.judge.characters import (
    DELETED,
    asks_digits,
    asks_folding,
    asks_joining,
    asks_rewriting,
    find_mistaken,
    look,
)
from compliance.judge.lexicon import BARE, read_fold, read_mistaken, read_signs
from compliance.judge.text import Text

MIXED = (
    st.text(alphabet="好坐牢钱一三八零贰0135.,，。、 -*·_/ao lixAＡ!?；\n“（(【〔?zé甚么著\u200b\u0301\ud800😀𠀋７④")
    | st.text()
)


@given(MIXED)
def test_no_sign_is_joined_over_where_nothing_asks_for_it(plain: str) -> None:
    assert asks_joining(plain) or not list(separators._joins(plain))


@given(MIXED)
def test_no_number_is_rewritten_where_nothing_asks_for_it(plain: str) -> None:
    runs = [
        [(at, c) for at, c in enumerate(run[0]) if c in separators._VALUES] for run in separators._run().finditer(plain)
    ]
    edits = [
        edit for places in runs if len(places) >= separators.LEAST_DIGITS for edit in separators._run_edits(places)
    ]
    assert asks_digits(plain) or not edits


@given(MIXED)
def test_what_asks_for_no_folding_folds_to_itself(raw: str) -> None:
    if not asks_folding(raw):
        assert not any(char in read_fold() or ord(char) > 0xFFFF for char in raw)
        assert re.search(f"[{DELETED}]", raw) is None
        assert Text.of(raw).views[0].plain == raw


@pytest.mark.parametrize(
    "char", [*sorted(BARE), *(sign[0] for sign in read_signs() if ord(sign[0]) > 0xFFFF), "a", "z"]
)
def test_parts_signs_and_letters_ask_for_a_rewriting(char: str) -> None:
    assert asks_rewriting(f"请{char}还款")


def test_a_plain_message_asks_for_nothing() -> None:
    plain = "【东方银行】王先生您好，您尾号0421的账单1,234.56元已逾期12天，请于10月8日前还款。如已还款请忽略！"

    assert not any(ask(plain) for ask in (asks_folding, asks_joining, asks_rewriting, asks_digits))


@given(st.text(alphabet=[*"好还款😀𠀋", *sorted(read_mistaken())[:40]]))
def test_mistaken_characters_are_found_at_their_code_points(plain: str) -> None:
    assert find_mistaken(plain) == [at for at, char in enumerate(plain) if char in read_mistaken()]


def test_every_unit_has_a_kind() -> None:
    assert len(look("好a\ud800😀")) == 5
