"""n-grams as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge.grams import LONGEST, Vocabulary, choose_keys, places, read_grams


def grams_of(text: str) -> list[str]:
    return [text[start : start + n] for n in range(1, LONGEST + 1) for start in range(len(text) - n + 1)]


@pytest.mark.parametrize("text", ["", "还", "还款", "今天还款", "今天下午还款吗"])
def test_every_gram_has_a_key_and_a_place(text: str) -> None:
    starts, ends = places(len(text))
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == grams_of(text)
    assert len(read_grams(text)) == len(grams_of(text))


def test_equal_grams_have_equal_keys_and_others_do_not() -> None:
    text = "今天还款今天还款吧"
    by_gram = dict(zip(grams_of(text), read_grams(text).tolist(), strict=True))
    assert len(set(by_gram.values())) == len(by_gram)


def test_digits_and_forms_of_address_look_alike() -> None:
    assert read_grams("您欠1280元").tolist() == read_grams("你欠9306元").tolist()


@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_no_text_raises(text: str) -> None:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert len(read_grams(text)) == places(units).shape[1]


def test_a_vocabulary_knows_its_own_grams_only() -> None:
    vocabulary = Vocabulary.of(choose_keys(np.unique(read_grams("还款")), np.ones(3, np.int64), least=1))
    assert len(vocabulary.known("请还款")) == 3
    assert len(vocabulary.known("早上好")) == 0


def test_two_grams_in_one_slot_are_refused() -> None:
    with pytest.raises(ValueError, match="slot of its own"):
        Vocabulary.of(np.array([1, 2], np.uint64))


def test_of_two_grams_in_one_slot_the_commoner_is_kept() -> None:
    assert choose_keys(np.array([1, 2], np.uint64), np.array([3, 9]), least=2).tolist() == [2]


def test_rare_grams_are_left_out() -> None:
    keys = np.array([1 << 60, 2 << 60], np.uint64)
    assert choose_keys(keys, np.array([1, 2]), least=2).tolist() == [2 << 60]
