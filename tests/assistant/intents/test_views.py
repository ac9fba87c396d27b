"""What the reader reads of an utterance."""

from __future__ import annotations

import pytest

from assistant.intents.views import Utterance, key_places, read_keys, read_words, write_kinds


def test_points_and_blanks_are_not_read() -> None:
    assert Utterance.of("我，没 钱。").plain == Utterance.of("我没钱").plain


def test_a_span_is_told_in_the_raw_text() -> None:
    raw = "我 ，没。钱"
    utterance = Utterance.of(raw)
    span = utterance.span(1, 3)
    assert raw[span.start : span.end] == "没。钱"


def test_words_of_a_kind_are_one_sign() -> None:
    assert write_kinds("我妈得了尿毒症") == write_kinds("我爸得了白血病")
    assert write_kinds("我妈得了尿毒症") != write_kinds("我妈去了法院")


def test_dialect_is_written_plainly() -> None:
    assert write_kinds("佢") == write_kinds("他")


@pytest.mark.parametrize("text", ["", "喂", "我没钱", "我妈得了尿毒症在住院😀"])
def test_every_key_has_its_place(text: str) -> None:
    plain = Utterance.of(text).plain
    for keys, (starts, ends) in zip(read_keys(plain), key_places(plain), strict=True):
        assert len(keys) == len(starts) == len(ends)
        assert all(0 <= start <= end <= len(plain) for start, end in zip(starts, ends, strict=True))


def test_half_a_character_is_text_like_any_other() -> None:
    assert len(read_keys(Utterance.of("我\ud800没钱").plain)) == 3


def test_every_word_means_one_thing() -> None:
    assert len(read_words()) > 1000
