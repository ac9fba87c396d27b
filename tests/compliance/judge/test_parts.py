"""Sentences told apart gram by gram."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge.grams import Vocabulary, read_grams
from compliance.judge.parts import MOST, SHORTEST, cut_parts, members_of, tell_parts

TWO = "您好您的账单已出。请按时还款谢谢！"


def sentences(plain: str) -> list[str]:
    parts = cut_parts(plain)
    if parts is None:
        return [plain]
    units = plain.encode("utf-16-le", "surrogatepass")
    cuts = [0, *(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(parts)]
    return [units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") for a, b in itertools.pairwise(cuts)]


@pytest.mark.parametrize(
    ("plain", "cut"),
    [
        (TWO, ["您好您的账单已出。", "请按时还款谢谢！"]),
        ("您好。您的账单已经出了。", ["您好。您的账单已经出了。"]),
        ("您的账单已经出了。谢谢。", ["您的账单已经出了。谢谢。"]),
        ("您的账单已经出了", ["您的账单已经出了"]),
        ("", [""]),
        ("第一句话在这里！！！第二句话在这里", ["第一句话在这里！", "！！第二句话在这里"]),
    ],
)
def test_a_text_is_cut_where_sentences_end_and_short_ones_go_along(plain: str, cut: list[str]) -> None:
    assert sentences(plain) == cut


@given(st.text(alphabet="还款。！\n;😀\ud800a", max_size=400))
def test_the_sentences_are_the_text_and_few(plain: str) -> None:
    cut = sentences(plain)
    assert "".join(cut) == plain
    assert len(cut) <= MOST
    assert len(cut) == 1 or min(len(one.encode("utf-16-le", "surrogatepass")) // 2 for one in cut) >= SHORTEST


def test_a_gram_belongs_to_the_sentence_that_holds_it_whole() -> None:
    parts = cut_parts(TWO)
    assert parts is not None
    grams = read_grams(TWO)
    members = members_of(parts, np.ones(len(grams), bool))
    assert members.shape == (3, len(grams))
    assert members[0].all()
    alone = [set(read_grams(one).tolist()) for one in sentences(TWO)]
    for row, own in zip(members[1:], alone, strict=True):
        assert set(grams[row > 0].tolist()) == own
    over_the_border = set(grams.tolist()) - alone[0] - alone[1]
    assert over_the_border == set(grams[members[1:].sum(axis=0) == 0].tolist())


def test_only_known_grams_have_a_column() -> None:
    parts = cut_parts(TWO)
    assert parts is not None
    vocabulary = Vocabulary.of(np.unique(read_grams("账单")))
    _, known = vocabulary.find(TWO)
    assert members_of(parts, known)[:, :].tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3]


def test_what_tells_most_is_the_strongest_score_of_each_head() -> None:
    scores = np.array([[0.5, -1.0, 0.2], [-0.5, 1.0, 0.1], [0.0, 0.4, 0.3]], np.float32)
    assert tell_parts(scores).tolist() == pytest.approx([-0.5, 1.0, 0.3, 0.4, 0.4 / 3, 1.0])


def test_one_sentence_tells_its_own_scores() -> None:
    assert tell_parts(np.array([[0.5, -1.0, 0.2]], np.float32)).tolist() == pytest.approx([0.5, -1.0, 0.2, -1, -1, 0])
