"""The learned listener: it learns what it is shown, the same every time, hears new ways of saying it, and shows why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge import listener_training
from compliance.judge.heads import fit_views, fold_of
from compliance.judge.listener import ITEMS, load_listener, read_turn
from compliance.judge.listener_training import LabelledTurn, fit, read_turns, train, turn_of, version_of
from compliance.judge.text import clean
from compliance.judge.types import InvalidInput
from compliance.judge.weights import pack_weights, unpack_weights

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"


def few() -> list[LabelledTurn]:
    return read_turns(CORPUS)[::3]


def test_the_same_turns_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_training, "read_turns", lambda corpus: few())
    lines = [train(CORPUS, tmp_path / name) for name in ("one", "two")]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert lines[0][0].split(": ")[1] == lines[1][0].split(": ")[1]


def test_turns_that_teach_nothing_are_heard_by_what_the_others_teach() -> None:
    turns = read_turns(CORPUS)
    held = [turn for turn in turns if fold_of(clean(turn.text)) == 0]
    listener = fit([turn for turn in turns if fold_of(clean(turn.text)) != 0])
    heard = [listener.heard(clean(turn.text)) for turn in held]
    right = sum(len(found & turn.says) for found, turn in zip(heard, held, strict=True))
    assert right / sum(map(len, heard)) > 0.8
    assert right / sum(len(turn.says) for turn in held) > 0.6


def test_the_shipped_listener_was_trained_on_the_present_files() -> None:
    assert load_listener().version == version_of(read_turns(CORPUS))


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("咱俩说的话后台都存着呢，录下了", "recording"),
        ("您要有看法，打我们监督部门的座机，专门有人登记投诉", "dispute_channel"),
        ("一把拿不出来没事，可以帮您报个慢慢还的方案，分着来", "plan_option"),
        ("您是老俞自己吧？俞建刚？", "right_party"),
    ],
)
def test_what_no_phrase_foresaw_is_heard_and_shown(text: str, item: str) -> None:
    listener, plain = load_listener(), clean(text)
    assert item in listener.heard(plain)
    start, end = listener.span(plain, item)
    assert 0 <= start < end <= len(plain)


@given(st.text(max_size=60), st.sampled_from(ITEMS))
def test_any_text_is_heard_and_its_span_lies_in_it(text: str, item: str) -> None:
    listener, plain = load_listener(), clean(text)
    assert listener.heard(plain) <= set(ITEMS)
    start, end = listener.span(plain, item)
    assert 0 <= start <= end <= len(plain)


@pytest.mark.parametrize(
    "row", [{"text": "好"}, {"says": []}, {"text": "好", "says": ["joy"]}, {"text": "好", "says": 5}]
)
def test_a_row_without_known_items_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        turn_of(row)


def test_a_folder_without_turns_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="turns-train-zh"):
        read_turns(tmp_path)


def test_weights_are_kept_to_a_byte() -> None:
    texts = [(read_turn(text),) for text in ("电话有录音", "通话录音", "您好", "您好啊") * 2]
    (view,), _ = fit_views(texts, [np.array([True, True, False, False] * 2)])
    kept = unpack_weights("said", pack_weights("said", view))
    keys = read_turn("电话录音")
    assert kept.score(keys) == pytest.approx(view.score(keys), abs=0.05)


def test_a_head_without_cases_never_speaks() -> None:
    texts = [(read_turn(text),) for text in ("电话有录音", "通话录音", "您好", "您好啊")]
    (view,), intercepts = fit_views(texts, [np.zeros(4, np.bool_)])
    assert not view.weights.any()
    assert intercepts[0] < 0
